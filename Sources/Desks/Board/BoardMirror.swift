/// What a node knows of a board, and what it has to tell those who follow it. A pure value.
///
/// Changes are heard in order, each with the version before it; a hole, or a message that was lost, is repaired by a look at
/// the whole board. What a look no longer shows because Redis has lost its memory is believed to be there for a while: the
/// nodes of its sockets are about to say it again.
struct BoardMirror: Sendable {
    /// What happened.
    enum News: Sendable, Equatable {
        /// A line is new, or says something else.
        case set(BoardEntry, before: BoardEntry?)
        /// A line is gone.
        case removed(BoardEntry, BoardNote)
    }

    private(set) var entries: [String: BoardEntry] = [:]
    /// Of the newest change that is in `entries`.
    private(set) var version: Int64 = 0
    /// Whether a look has ever succeeded.
    private(set) var isKnown = false
    private var born: Int64 = 0
    /// The newest change that was heard of.
    private var heardUpTo: Int64 = 0
    /// Since when Redis has not shown these lines, which nobody has removed.
    private var missingSince: [String: Int64] = [:]

    /// A change was published.
    ///
    /// - Returns: what to tell, and whether something was missed so that the board has to be looked at
    mutating func heard(_ change: BoardChange) -> (news: News?, mustLook: Bool) {
        self.heardUpTo = max(self.heardUpTo, change.version)
        // The first look is under way, and will show whether it has this change.
        guard self.isKnown, change.version > self.version else { return (nil, false) }
        let isNext = change.before == self.version && (change.born == self.born || self.version == 0)
        guard isNext else { return (nil, true) }
        (self.version, self.born) = (change.version, change.born)
        switch change.step {
        case .set(let entry): return (self.set(entry), false)
        case .removed(let id, let note):
            self.missingSince[id] = nil
            return (self.entries.removeValue(forKey: id).map { .removed($0, note) }, false)
        }
    }

    /// The board was looked at.
    ///
    /// - Parameter grace: how long a line that Redis has forgotten is believed in, in milliseconds
    /// - Returns: what to tell, and whether a change was heard of that this look does not have yet
    mutating func looked(_ state: BoardState, grace: Int64) -> (news: [News], mustLook: Bool) {
        let isSameHistory = !self.isKnown || self.born == 0 || self.born == state.born
        // Read before a change that was heard since.
        if self.isKnown, isSameHistory, state.born != 0, state.version < self.version { return ([], false) }
        let mustLook = isSameHistory && self.heardUpTo > state.version
        self.heardUpTo = 0
        (self.isKnown, self.version, self.born) = (true, state.version, state.born)
        var news: [News] = []
        for entry in self.entries.values.sorted(by: { $0.id < $1.id }) where state.entries[entry.id] == nil {
            let since = self.missingSince[entry.id]
            if isSameHistory && since == nil || state.now - (since ?? state.now) >= grace {
                self.missingSince[entry.id] = nil
                self.entries[entry.id] = nil
                news.append(.removed(entry, .lapsed))
            } else {
                self.missingSince[entry.id] = since ?? state.now
            }
        }
        for entry in state.entries.values.sorted(by: { $0.id < $1.id }) {
            if let one = self.set(entry) { news.append(one) }
        }
        return (news, mustLook)
    }

    /// Time has gone by: what has an end ends, whether Redis is there to say so or not.
    ///
    /// - Parameter now: milliseconds since 1970 by Redis's clock
    mutating func lapse(now: Int64) -> [News] {
        let over = self.entries.values.filter { $0.until > 0 && $0.until <= now }.sorted { $0.id < $1.id }
        for entry in over {
            self.entries[entry.id] = nil
            self.missingSince[entry.id] = nil
        }
        return over.map { .removed($0, .lapsed) }
    }

    private mutating func set(_ entry: BoardEntry) -> News? {
        self.missingSince[entry.id] = nil
        let before = self.entries.updateValue(entry, forKey: entry.id)
        return before == entry ? nil : .set(entry, before: before)
    }
}
