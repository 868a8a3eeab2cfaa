/// The lines that this node's sockets have on boards: what it renews while they live. A pure value.
struct KeptLines: Sendable {
    /// Whose line it is, and how it is kept.
    struct Line: Sendable, Equatable {
        var entry: BoardEntry
        /// The socket that it stands for.
        var connection: String
        /// A line that its board has lost is written again if this is set; else only if Redis has lost its memory.
        var isPresence: Bool
        /// The board's `born` when it was written.
        var born: Int64
    }

    struct Key: Hashable, Sendable {
        var board: String
        var id: String
    }

    private(set) var lines: [Key: Line] = [:]

    mutating func keep(_ board: String, _ line: Line) {
        self.lines[Key(board: board, id: line.entry.id)] = line
    }

    mutating func forget(_ board: String, _ id: String) {
        self.lines[Key(board: board, id: id)] = nil
    }

    /// A socket is gone, or no longer in a room.
    ///
    /// - Returns: what it held, which is renewed no more
    mutating func forget(connection: String, presence: Bool) -> [(board: String, entry: BoardEntry)] {
        let keys = self.lines.filter { $0.value.connection == connection && $0.value.isPresence == presence }.keys
        return keys.sorted { $0.id < $1.id }.compactMap { key in
            self.lines.removeValue(forKey: key).map { (key.board, $0.entry) }
        }
    }

    /// Somebody has ended holds of a board, whether or not Redis knew of them.
    ///
    /// - Returns: those that there were, which are renewed no more
    mutating func forgetHolds(_ board: String, where isOver: (Hold) -> Bool) -> [Hold] {
        var forgotten: [Hold] = []
        for (key, line) in self.lines where key.board == board && !line.isPresence {
            guard let hold = Hold(line.entry), isOver(hold) else { continue }
            self.lines[key] = nil
            forgotten.append(hold)
        }
        return forgotten.sorted { $0.fence < $1.fence }
    }

    /// A change was heard: another node has it now, or somebody has ended it. A member whose socket lives is written again
    /// with the next renewal, should its lease have run out.
    mutating func heard(_ change: BoardChange) {
        switch change.step {
        case .set(let entry):
            let key = Key(board: change.board, id: entry.id)
            if let line = self.lines[key], !line.isPresence, Hold(entry)?.connection != line.connection { self.lines[key] = nil }
        case .removed(let id, _):
            let key = Key(board: change.board, id: id)
            if let line = self.lines[key], !line.isPresence { self.lines[key] = nil }
        }
    }

    /// What is to be renewed; lines whose end has come are forgotten.
    ///
    /// - Parameters:
    ///   - now: milliseconds since 1970 by Redis's clock
    ///   - lease: in milliseconds
    mutating func renewals(now: Int64, lease: Int64) -> [BoardStore.Renewal] {
        self.lines = self.lines.filter { $0.value.entry.until == 0 || $0.value.entry.until > now }
        return self.lines.map { key, line in
            let left = line.entry.until == 0 ? lease : min(lease, line.entry.until - now)
            return BoardStore.Renewal(board: key.board, id: key.id, lease: left)
        }
    }
}
