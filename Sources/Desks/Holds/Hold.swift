import JSON

/// A slot that a desk is booking.
public struct Hold: Sendable, Equatable {
    /// Names this hold; a later hold has a higher one.
    public var fence: Int64
    /// What is held.
    public var slot: Slot
    /// Who holds it.
    public var userID: Int64
    /// How others see them named.
    public var name: String
    /// Their login session: what it writes is not refused.
    public var sessionID: Int64
    /// The socket that it ends with.
    public var connection: String
    /// When it ends, in milliseconds since 1970.
    public var expiresAt: Int64

    init(
        fence: Int64,
        slot: Slot,
        userID: Int64,
        name: String,
        sessionID: Int64,
        connection: String,
        expiresAt: Int64
    ) {
        self.fence = fence
        self.slot = slot
        self.userID = userID
        self.name = name
        self.sessionID = sessionID
        self.connection = connection
        self.expiresAt = expiresAt
    }

    /// - Returns: nil for what cannot be read
    public init?(_ entry: BoardEntry) {
        guard let json = try? JSONValue(parsing: entry.json), let fence = Int64(entry.id), let staffID = json["staffId"]?.int,
            let date = json["date"]?.string, let start = json["startTime"]?.string, let end = json["endTime"]?.string,
            let slot = Slot(staffID: staffID, date: date, startTime: start, endTime: end), let userID = json["userId"]?.int,
            let name = json["name"]?.string, let session = json["session"]?.int, let connection = json["connection"]?.string
        else { return nil }
        self.init(
            fence: fence,
            slot: slot,
            userID: userID,
            name: name,
            sessionID: session,
            connection: connection,
            expiresAt: entry.until
        )
    }

    var id: String { String(self.fence) }

    var entry: BoardEntry {
        let json: JSONObject = [
            "staffId": JSONValue(self.slot.staffID), "date": .string(self.slot.date), "startTime": .string(self.slot.startTime),
            "endTime": .string(self.slot.endTime), "userId": JSONValue(self.userID), "name": .string(self.name),
            "session": JSONValue(self.sessionID), "connection": .string(self.connection),
        ]
        return BoardEntry(id: self.id, until: self.expiresAt, json: JSONValue.object(json).text)
    }
}
