public import JSON

/// One socket in a room. The same user at two desks is two members.
public struct Member: Sendable, Equatable {
    /// The socket's id.
    public var connection: String
    /// The user's id.
    public var userID: Int64
    /// How others see the user named.
    public var name: String
    /// The user's role when they entered.
    public var role: String
    /// When they entered, as the protocol writes timestamps.
    public var since: String
    /// What they said of themselves.
    public var state: JSONObject?

    /// - Parameters:
    ///   - connection: the socket's id
    ///   - userID: the user's id
    ///   - name: how others see them named
    ///   - role: their role
    ///   - since: when they entered
    ///   - state: what they say of themselves
    public init(connection: String, userID: Int64, name: String, role: String, since: String, state: JSONObject?) {
        self.connection = connection
        self.userID = userID
        self.name = name
        self.role = role
        self.since = since
        self.state = state
    }

    var entry: BoardEntry {
        var json: JSONObject = [
            "connection": .string(self.connection), "userId": JSONValue(self.userID), "name": .string(self.name),
            "role": .string(self.role), "since": .string(self.since),
        ]
        if let state { json["state"] = .object(state) }
        return BoardEntry(id: self.connection, json: JSONValue.object(json).text)
    }
}
