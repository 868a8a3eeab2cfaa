@testable import Hub

/// A topic with a few events, the ways they may reach a sequencer, and the log it may ask; a value, so that all orders of
/// what can happen can be tried.
struct SequencerWorld {
    private var sequencer = TopicSequencer<Int64>(head: 0, seq: { $0 })
    private(set) var delivered: [Int64] = []
    /// How far the database is.
    private var committed: Int64
    private let size: Int64
    /// How often each event will still be brought.
    private var copies: [Int]
    /// A read under way: what it read behind, and how far the database was when it was asked.
    private var read: (after: Int64, snapshot: Int64)?
    /// A head being verified, and how far the database was when it was asked.
    private var verification: Int64?
    private var isTimerRunning = false
    private var failures: Int
    /// Looks of anti-entropy at the end of which nothing else was under way.
    private var looks: Int
    /// Whether the sequencer gave up a history that is sound.
    private(set) var hasStartedOver = false

    static let pageSize: Int64 = 2

    init(copies: [Int], committed: Int64, failures: Int, looks: Int) {
        self.copies = copies
        self.size = Int64(copies.count)
        self.committed = committed
        self.failures = failures
        self.looks = looks
    }

    /// Everything that may happen next.
    func next() -> [SequencerWorld] {
        var worlds: [SequencerWorld] = []
        func branch(_ step: (inout SequencerWorld) -> Void) {
            var world = self
            step(&world)
            worlds.append(world)
        }
        if self.committed < self.size { branch { $0.committed += 1 } }
        for event in 1...self.size where event <= self.committed && self.copies[Int(event) - 1] > 0 {
            branch { $0.bring(event) }
        }
        if let read = self.read {
            branch { $0.completeRead(upTo: read.snapshot) }
            if read.snapshot < self.committed { branch { $0.completeRead(upTo: $0.committed) } }
            if self.failures > 0 { branch { $0.failRead() } }
        }
        if let snapshot = self.verification {
            branch { $0.verify(head: snapshot) }
            if snapshot < self.committed { branch { $0.verify(head: $0.committed) } }
        }
        if self.isTimerRunning { branch { $0.fireTimer() } }
        if self.looks > 0 { branch { $0.look() } }
        return worlds
    }

    /// Whatever happened: the next look of anti-entropy, and what follows from it, brings everything.
    mutating func settle() {
        self.look()
        for _ in 0..<20 {
            if self.read != nil { self.completeRead(upTo: self.committed) }
            if self.verification != nil { self.verify(head: self.committed) }
            if self.isTimerRunning { self.fireTimer() }
        }
        self.look()
    }

    var isComplete: Bool { self.delivered == Array(1...self.size) && self.read == nil && self.verification == nil }
    var isInOrder: Bool { self.delivered == (self.delivered.isEmpty ? [] : Array(1...Int64(self.delivered.count))) }

    private mutating func bring(_ event: Int64) {
        self.copies[Int(event) - 1] -= 1
        switch self.sequencer.received(event) {
        case .deliver(let events): self.delivered += events
        case .startGapTimer: self.isTimerRunning = true
        case .ignore: break
        }
    }

    private mutating func fireTimer() {
        self.isTimerRunning = false
        self.perform(self.sequencer.gapTimerFired())
    }

    private mutating func look() {
        self.looks -= 1
        self.perform(self.sequencer.learned(head: self.committed))
    }

    private mutating func perform(_ action: TopicSequencer<Int64>.ReadAction) {
        if case .read(let after) = action { self.ask(after) }
    }

    private mutating func ask(_ after: Int64) {
        precondition(self.read == nil && self.verification == nil, "One question at a time")
        self.read = (after, self.committed)
    }

    private mutating func completeRead(upTo snapshot: Int64) {
        guard let after = self.read?.after else { return }
        self.read = nil
        let events = snapshot > after ? Array((after + 1)...min(snapshot, after + Self.pageSize)) : []
        switch self.sequencer.readCompleted(events, after: after) {
        case .deliver(let events, let next):
            self.delivered += events
            if let next { self.ask(next) }
        case .verifyHead:
            self.verification = self.committed
        case .startOver:
            self.hasStartedOver = true
        }
    }

    private mutating func failRead() {
        self.read = nil
        self.failures -= 1
        self.sequencer.readFailed()
    }

    private mutating func verify(head: Int64) {
        self.verification = nil
        switch self.sequencer.verified(head: head) {
        case .wait: break
        case .read(let after): self.ask(after)
        case .startOver: self.hasStartedOver = true
        }
    }
}
