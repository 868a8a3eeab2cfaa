/// One line of a board: a member of a room, or a held slot.
public struct BoardEntry: Sendable, Equatable {
    /// Unique on its board; no space in it.
    public let id: String
    /// When it ends whatever happens, in milliseconds since 1970 by Redis's clock; 0 for never.
    public let until: Int64
    /// Its JSON.
    public let json: String

    /// - Parameters:
    ///   - id: unique on its board
    ///   - until: milliseconds since 1970, or 0
    ///   - json: what it says
    public init(id: String, until: Int64 = 0, json: String) {
        self.id = id
        self.until = until
        self.json = json
    }

    /// As Redis has it: `<until> <json>`.
    var text: String { "\(self.until) \(self.json)" }

    /// - Returns: nil for what cannot be read: of another version of the server, say
    init?(id: String, text: String) {
        let parts = text.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, let until = Int64(parts[0]), until >= 0 else { return nil }
        self.init(id: id, until: until, json: String(parts[1]))
    }
}
