/// Which updates are asked for next: a value.
///
/// An answer that cannot be read would be the same the next time, and hold up everybody for ever. So fewer are asked for, down
/// to a single one, and one that cannot be read by itself is stepped over.
struct UpdateCursor: Sendable, Equatable {
    /// As many as Telegram gives.
    private static let mostAtOnce = 100
    /// The newest update. Telegram forgets those before it; only for when nobody knows a number to begin with.
    private static let newest: Int64 = -1

    /// The first update that is wanted; `nil` for the earliest that Telegram has.
    private(set) var next: Int64?
    /// How many at most.
    private(set) var limit = Self.mostAtOnce

    init(next: Int64?) {
        self.next = next
    }

    /// Updates came, and are through.
    mutating func passed(_ last: Int64) {
        self.next = last + 1
        // The one that cannot be read may still be ahead.
        self.limit = min(self.limit * 2, Self.mostAtOnce)
    }

    /// There were none.
    mutating func foundNothing() {
        if self.next == Self.newest { self.next = nil }
        self.limit = Self.mostAtOnce
    }

    enum UnreadableAction: Equatable {
        /// Another question than before: it can be asked at once.
        case askForFewer
        /// Somebody's update is lost.
        case stepOver
    }

    /// An answer came that cannot be read.
    mutating func unreadable() -> UnreadableAction {
        guard self.limit == 1 else {
            self.limit /= 2
            return .askForFewer
        }
        // Numbers have gaps, so it may take several steps.
        self.next = self.next.map { $0 == Self.newest ? $0 : $0 + 1 } ?? Self.newest
        return .stepOver
    }
}
