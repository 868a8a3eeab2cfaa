/// What identifies a prepared statement: its text and the types of its parameters.
///
/// The text stays in the pieces in which the program has it: comparing the same literal with itself is looking at one address, and
/// statements are long. Another cut of the same text is another statement, which is prepared once more.
struct StatementKey: Hashable, Sendable {
    private let sql: [String?]
    let types: [PostgresType]

    init(_ sql: SQL) {
        self.sql = sql.pieces
        self.types = sql.parameters.map(\.type)
    }

    /// The whole of it, as the server gets it.
    var text: String {
        let text = SQL.text(of: self.sql)
        precondition(!text.holdsZeroByte, "No literal of ours holds a zero byte")
        return text
    }

    /// Of the length and the end alone: those that differ nearly always do so there.
    func hash(into hasher: inout Hasher) {
        hasher.combine(self.sql.reduce(0) { $0 + ($1?.utf8.count ?? 1) })
        if let last = self.sql.last, let last {
            for byte in last.utf8.suffix(32) { hasher.combine(byte) }
        }
        hasher.combine(self.types.count)
    }
}

/// Which statements a connection has prepared, the least recently used to be forgotten first.
struct StatementCache {
    private struct Entry {
        let name: String
        var lastUse: UInt64
    }

    /// What to do to run a statement.
    struct Plan: Hashable {
        /// A statement to be deallocated first, for room.
        var deallocate: String?
        /// The statement's name on the server.
        var name: String
        /// Whether it must be prepared first.
        var prepare: Bool
    }

    let limit: Int
    private var entries: [StatementKey: Entry] = [:]
    private var uses: UInt64 = 0
    private var names: UInt64 = 0
    /// Names that were forgotten here while the server may still know them.
    private(set) var orphans: [String] = []

    init(limit: Int) {
        precondition(limit > 0, "A cache holds at least one statement")
        self.limit = limit
    }

    var count: Int { self.entries.count }

    /// Plans a statement's run, as if it will succeed.
    mutating func plan(_ key: StatementKey) -> Plan {
        self.uses += 1
        // One look: a key is as long as its statement.
        if let index = self.entries.index(forKey: key) {
            self.entries.values[index].lastUse = self.uses
            return Plan(deallocate: nil, name: self.entries.values[index].name, prepare: false)
        }
        var victim: String?
        if self.entries.count >= self.limit, let oldest = self.entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            self.entries[oldest.key] = nil
            victim = oldest.value.name
        }
        self.names += 1
        let name = "s\(self.names)"
        self.entries[key] = Entry(name: name, lastUse: self.uses)
        return Plan(deallocate: victim, name: name, prepare: true)
    }

    /// A statement was not prepared after all.
    mutating func forget(_ key: StatementKey) {
        self.entries[key] = nil
    }

    /// A statement is no longer fit for use; the server is to forget it too.
    mutating func invalidate(_ key: StatementKey) {
        guard let entry = self.entries.removeValue(forKey: key) else { return }
        self.orphans.append(entry.name)
    }

    /// The server has forgotten everything.
    mutating func removeAll() {
        self.entries = [:]
        self.orphans = []
    }

    /// A statement could not be deallocated; it will be tried again.
    mutating func keepOrphan(_ name: String) {
        self.orphans.append(name)
    }

    /// The names to deallocate now.
    mutating func takeOrphans() -> [String] {
        defer { self.orphans = [] }
        return self.orphans
    }
}
