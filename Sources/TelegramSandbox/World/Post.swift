import JSON

/// A message in a chat (Bot API, "Message").
struct Post: Sendable, Hashable {
    var id: Int64
    var from: Person
    /// Seconds since 1970.
    var date: Int64
    var content: RichText
    /// `inline_keyboard`, checked already.
    var keyboard: Keyboard?
    var editDate: Int64?
    var isForwarded = false

    /// As in an update, without the chat.
    func json(chat: JSONObject) -> JSONObject {
        var json: JSONObject = [
            "message_id": JSONValue(self.id), "from": .object(self.from.json), "chat": .object(chat),
            "date": JSONValue(self.date),
        ]
        json["edit_date"] = self.editDate.map { JSONValue($0) }
        if self.isForwarded {
            json["forward_origin"] = [
                "type": "hidden_user", "sender_user_name": "Somebody else", "date": JSONValue(self.date - 60),
            ]
        }
        json["text"] = .string(self.content.text)
        if !self.content.entities.isEmpty { json["entities"] = .array(self.content.entities.map { .object($0.json) }) }
        json["reply_markup"] = self.keyboard.map { .object($0.json) }
        return json
    }
}
