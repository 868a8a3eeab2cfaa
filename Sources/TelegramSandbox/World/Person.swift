import JSON

/// Somebody with Telegram, or the bot itself (Bot API, "User").
struct Person: Sendable, Hashable {
    var id: Int64
    var isBot = false
    var firstName: String
    var lastName: String?
    var username: String?
    var languageCode: String?
    /// Has stopped the bot: it can write no more.
    var isBlocking = false
    /// Has begun a chat with the bot; before that it may not write.
    var hasStarted = false

    /// As in an update.
    var json: JSONObject {
        var json: JSONObject = ["id": JSONValue(self.id), "is_bot": .bool(self.isBot), "first_name": .string(self.firstName)]
        json["last_name"] = self.lastName.map { .string($0) }
        json["username"] = self.username.map { .string($0) }
        json["language_code"] = self.languageCode.map { .string($0) }
        return json
    }

    /// The private chat with this person.
    var chatJSON: JSONObject {
        JSONObject([("id", JSONValue(self.id)), ("type", "private")].map { (key: $0.0, value: $0.1) })
            .merging(self.json.removing("id", "is_bot", "language_code"))
    }

    /// Those whom a new sandbox knows. Numbers need more than 32 bits, as Telegram's do; one name tries the escaping.
    static let everybody = [
        Person(id: 5_000_000_001, firstName: "Оксана", lastName: "Власник", username: "oksana_owner", languageCode: "uk"),
        Person(id: 5_000_000_002, firstName: "Ірина", lastName: "Мороз", username: "iryna_moroz", languageCode: "uk"),
        Person(id: 5_000_000_003, firstName: "Євген", lastName: "Ткач", languageCode: "uk"),
        Person(id: 5_000_000_004, firstName: "Незнайомка", username: "neznayomka", languageCode: "uk"),
        Person(id: 5_000_000_005, firstName: "Tom & <b>Jerry</b>", lastName: "O'Neil", username: "tom_jerry", languageCode: "en"),
    ]
}
