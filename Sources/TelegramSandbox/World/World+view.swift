import JSON

// What the page shows.
extension World {
    /// Everybody, the bot, and one person's chat with it.
    func view(of id: Int64?) -> JSONObject {
        var json: JSONObject = [
            "bot": .object(self.bot.json),
            "people": .array(
                self.people.map { person in
                    .object(person.json.merging(["blocked": .bool(person.isBlocking), "started": .bool(person.hasStarted)]))
                }
            ),
            "listening": .bool(self.waitingPoll != nil || self.webhook != nil),
            "pending": JSONValue(self.updates.entries.count),
            "webhook_error": JSONValue(self.webhook?.lastFailure?.message),
        ]
        if let id, self.person(id) != nil {
            json["messages"] = .array(self.messages(in: id))
            json["taps"] = .array(self.taps.filter { $0.person == id }.suffix(20).map { .object($0.json) })
        }
        return json
    }

    /// A chat's messages, oldest first.
    func messages(in room: Int64) -> [JSONValue] {
        (self.rooms[room]?.posts ?? []).map { .object(self.postJSON($0, in: room)) }
    }
}
