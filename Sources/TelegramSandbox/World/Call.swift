import JSON

/// Something that the bot has asked for, and what it was told: for tests and for the curious.
struct Call: Sendable {
    /// How many are remembered.
    static let limit = 500
    /// Those that say nothing about what the bot does.
    static let unremarkable: Set<String> = ["getupdates", "getme", "getwebhookinfo"]

    var number: Int
    var method: String
    var parameters: JSONObject
    /// The status that was answered.
    var status: Int

    var json: JSONObject {
        [
            "number": JSONValue(self.number), "method": .string(self.method), "parameters": .object(self.parameters),
            "status": JSONValue(self.status),
        ]
    }
}
