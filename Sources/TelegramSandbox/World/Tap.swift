import JSON

/// A tapped button, until the bot has answered.
struct Tap: Sendable, Hashable {
    /// The bot's answer (Bot API, "answerCallbackQuery").
    struct Answer: Sendable, Hashable {
        var text: String?
        var isAlert: Bool
    }

    /// How long a tap can be answered, in seconds.
    static let lifetime = 60.0
    /// How many taps are remembered.
    static let limit = 500

    var id: String
    var person: Int64
    var room: Int64
    var message: Int64
    /// Seconds since 1970.
    var time: Double
    var answer: Answer?

    var json: JSONObject {
        var json: JSONObject = [
            "id": .string(self.id), "person": JSONValue(self.person), "chat": JSONValue(self.room),
            "message": JSONValue(self.message),
            "answered": .bool(self.answer != nil),
        ]
        if let answer = self.answer {
            json["text"] = JSONValue(answer.text)
            json["show_alert"] = .bool(answer.isAlert)
        }
        return json
    }
}
