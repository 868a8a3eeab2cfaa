import JSON

/// Updates that the bot has not confirmed (Bot API, "Getting updates").
struct UpdateQueue: Sendable {
    /// One update, as it is sent.
    struct Entry: Sendable {
        var id: Int64
        var json: JSONObject
    }

    /// How many wait at most; beyond it the oldest are lost, as Telegram loses those of more than a day.
    static let limit = 1000

    /// As far as JavaScript counts.
    static let greatestID: Int64 = (1 << 53) - 1

    /// What is sent without `allowed_updates`: everything but `chat_member` and reactions.
    private static let unlessAsked: Set<String> = ["chat_member", "message_reaction", "message_reaction_count"]

    private(set) var entries: [Entry] = []
    private var nextID: Int64
    /// nil: the default.
    private(set) var allowed: Set<String>?

    /// - Parameter firstID: above the numbers of every sandbox before, since a bot remembers where it was.
    init(firstID: Int64) {
        self.nextID = firstID
    }

    /// `allowed_updates`: kept until it is given again; an empty list is the default.
    mutating func allow(_ kinds: [String]) {
        self.allowed = kinds.isEmpty ? nil : Set(kinds)
    }

    /// Something has happened, unless the bot does not want to know.
    mutating func append(_ kind: String, _ content: JSONValue) {
        guard self.allowed.map({ $0.contains(kind) }) ?? !Self.unlessAsked.contains(kind) else { return }
        let id = self.nextID
        var json: JSONObject = ["update_id": JSONValue(id)]
        json[kind] = content
        self.insert(Entry(id: id, json: json))
    }

    /// Puts an update in as it is, one that came already, for example. Its number is at most ``greatestID``.
    mutating func insert(_ entry: Entry) {
        self.entries.insert(entry, at: self.entries.firstIndex { $0.id > entry.id } ?? self.entries.endIndex)
        if self.entries.count > Self.limit { self.entries.removeFirst() }
        self.nextID = max(self.nextID, entry.id + 1)
    }

    /// Confirms all below `offset`; one below zero keeps that many from the end.
    mutating func confirm(_ offset: Int64) {
        if offset > 0 {
            self.entries.removeAll { $0.id < offset }
        } else if offset < 0 {
            self.entries = self.entries.suffix(Int(clamping: offset.magnitude))
        }
    }

    /// One was taken.
    mutating func remove(_ id: Int64) {
        self.entries.removeAll { $0.id == id }
    }

    mutating func removeAll() {
        self.entries = []
    }
}
