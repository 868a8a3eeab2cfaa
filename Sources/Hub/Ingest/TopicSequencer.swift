/// The order of one topic on one node, as a pure value: whatever arrives from Redis, from the node's own commits or from
/// anti-entropy, in any order and any number of times, leaves it once each and in the order of `seq`.
struct TopicSequencer<Event> {
    /// What to do with an event that came in.
    enum ReceiveAction {
        /// Hand these on, in this order.
        case deliver([Event])
        /// Already handed on, or already waiting.
        case ignore
        /// Came before its predecessor: ask again with ``gapTimerFired()`` after a short while.
        case startGapTimer
    }

    /// What to do once somebody has time to look.
    enum ReadAction: Equatable {
        /// Read what follows this position from the log.
        case read(after: Int64)
        /// Nothing is missing, or a read is under way.
        case wait
    }

    /// What to do with what the log answered.
    enum ReadCompletedAction {
        /// Hand these on; then read on if a position is given.
        case deliver([Event], thenReadAfter: Int64?)
        /// The log has nothing behind our position although something was announced: ask where the topic's head is.
        case verifyHead
        /// The log does not hold the next event: the topic's history is not ours any more.
        case startOver
    }

    /// What to do once the topic's head is known.
    enum VerifiedAction: Equatable {
        /// Nothing is missing: what was announced does not exist.
        case wait
        /// The event has come into being meanwhile.
        case read(after: Int64)
        /// The topic's history is not ours any more.
        case startOver
    }

    /// The last position handed on.
    private(set) var last: Int64
    /// The highest position known to be committed.
    private(set) var known: Int64
    private var early: [Int64: Event] = [:]
    private var isReading = false
    private var emptyReads = 0
    /// Where we were when the head was asked for.
    private var askedAt: Int64 = 0
    /// Whether something was heard since that the answer may be older than, be it a position that was believed in before.
    private var hasNews = false
    private let seq: (Event) -> Int64
    /// The log lacks the next event: it was pruned, or this is another history.
    private(set) var isHopeless = false

    /// Early events beyond this many are dropped; the log has them.
    static var maximumEarly: Int { 1_024 }

    init(head: Int64, seq: @escaping (Event) -> Int64) {
        self.last = head
        self.known = head
        self.seq = seq
    }

    /// An event arrived, from wherever.
    mutating func received(_ event: Event) -> ReceiveAction {
        let position = self.seq(event)
        guard position > self.last else { return .ignore }
        self.known = max(self.known, position)
        self.hasNews = true
        if position == self.last + 1 {
            return .deliver(self.advance(with: event))
        }
        guard self.early[position] == nil else { return .ignore }
        if self.early.count < Self.maximumEarly { self.early[position] = event }
        return self.isReading ? .ignore : .startGapTimer
    }

    /// Some time has passed since an event came early.
    mutating func gapTimerFired() -> ReadAction {
        self.readIfBehind()
    }

    /// Anti-entropy saw that the topic is at least this far.
    mutating func learned(head: Int64) -> ReadAction {
        self.known = max(self.known, head)
        if head > self.last { self.hasNews = true }
        return self.readIfBehind()
    }

    /// The log answered: the events behind `after`, in order, possibly not all.
    mutating func readCompleted(_ events: [Event], after: Int64) -> ReadCompletedAction {
        precondition(self.isReading, "A read completed that nobody asked for")
        self.isReading = false
        if let first = events.first {
            if self.seq(first) > self.last + 1 {
                self.isHopeless = true
                return .startOver
            }
        } else if self.known > self.last {
            self.emptyReads += 1
            self.isReading = true
            (self.askedAt, self.hasNews) = (self.last, false)
            return .verifyHead
        }
        self.emptyReads = 0
        var delivered: [Event] = []
        for event in events where self.seq(event) == self.last + 1 {
            delivered += self.advance(with: event)
        }
        switch self.readIfBehind() {
        case .read(let after): return .deliver(delivered, thenReadAfter: after)
        case .wait: return .deliver(delivered, thenReadAfter: nil)
        }
    }

    /// The topic's head, as PostgreSQL had it at some time after an empty read.
    mutating func verified(head: Int64) -> VerifiedAction {
        precondition(self.isReading, "A head was verified that nobody asked for")
        self.isReading = false
        if head < self.askedAt || (head > self.last && self.emptyReads > 2) { return .startOver }
        if head <= self.last {
            self.emptyReads = 0
            if !self.hasNews {
                self.known = self.last
                self.early.removeAll()
            }
        }
        guard self.known > self.last else { return .wait }
        self.isReading = true
        return .read(after: self.last)
    }

    /// The log could not be read: the next look, or the next event, asks again.
    mutating func readFailed() {
        self.isReading = false
    }

    private mutating func readIfBehind() -> ReadAction {
        guard !self.isReading, self.known > self.last else { return .wait }
        self.isReading = true
        return .read(after: self.last)
    }

    /// Moves on by one event and by whatever was waiting behind it.
    private mutating func advance(with event: Event) -> [Event] {
        var delivered = [event]
        self.last += 1
        while let next = self.early.removeValue(forKey: self.last + 1) {
            delivered.append(next)
            self.last += 1
        }
        if !self.early.isEmpty, self.last > 0 {
            self.early = self.early.filter { $0.key > self.last }
        }
        return delivered
    }
}

/// Two that go on alike, whatever happens, if they read `seq` alike: so who tries all orders of things knows where it has been.
extension TopicSequencer: Equatable, Hashable where Event: Hashable {
    static func == (left: Self, right: Self) -> Bool {
        left.last == right.last && left.known == right.known && left.early == right.early && left.isReading == right.isReading
            && left.emptyReads == right.emptyReads && left.askedAt == right.askedAt && left.hasNews == right.hasNews
            && left.isHopeless == right.isHopeless
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(self.last)
        hasher.combine(self.known)
        hasher.combine(self.early)
        hasher.combine(self.isReading)
        hasher.combine(self.emptyReads)
        hasher.combine(self.askedAt)
        hasher.combine(self.hasNews)
        hasher.combine(self.isHopeless)
    }
}
