import Testing

@testable import Hub

@Suite("Each event of a topic leaves the sequencer once and in order")
struct TopicSequencerTests {
    typealias Sequencer = TopicSequencer<Int64>

    /// Tries every order of everything that can happen, and settles every world on the way.
    private func explore(_ start: SequencerWorld, depth: Int) -> (worlds: Int, firstFailure: String?) {
        var count = 0
        var failure: String?
        func visit(_ world: SequencerWorld, _ path: [String], _ depth: Int) {
            guard failure == nil else { return }
            count += 1
            if world.hasStartedOver || !world.isInOrder { failure = "\(path) \(world.delivered)" }
            let next = depth > 0 ? world.next() : []
            if next.isEmpty {
                var settled = world
                settled.settle()
                if !settled.isComplete || settled.hasStartedOver { failure = "\(path), settled: \(settled.delivered)" }
            }
            for (index, world) in next.enumerated() { visit(world, path + ["\(index)"], depth - 1) }
        }
        visit(start, [], depth)
        return (count, failure)
    }

    /// Each event of three is brought so often: 0 is lost, 2 is a duplicate.
    static let copies: [[Int]] = (0..<27).map { [$0 % 3, $0 / 3 % 3, $0 / 9] }

    @Test("in every order of duplicated, reordered and lost deliveries, timers and reads", arguments: copies)
    func allOrders(copies: [Int]) {
        let result = self.explore(SequencerWorld(copies: copies, committed: 3, failures: 0, looks: 0), depth: 14)
        #expect(result.firstFailure == nil)
        #expect(result.worlds >= copies.reduce(1, +))
    }

    @Test(
        "in every order of commits, deliveries, stale answers, one failed read and a look",
        arguments: [[1, 1, 1], [0, 1, 1], [1, 0, 1], [1, 1, 0], [0, 0, 1], [1, 0, 0], [0, 0, 0], [2, 0, 1], [0, 2, 1]]
    )
    func allOrdersOfCommits(copies: [Int]) {
        let result = self.explore(SequencerWorld(copies: copies, committed: 0, failures: 1, looks: 1), depth: 12)
        #expect(result.firstFailure == nil)
        #expect(result.worlds >= 40)
    }

    private func deliveries(_ action: Sequencer.ReceiveAction) -> [Int64]? {
        if case .deliver(let events) = action { events } else { nil }
    }

    @Test("an early event waits, and leaves behind its predecessor")
    func early() {
        var sequencer = Sequencer(head: 5, seq: { $0 })
        guard case .startGapTimer = sequencer.received(7) else {
            Issue.record("An early event starts the timer")
            return
        }
        #expect(self.deliveries(sequencer.received(6)) == [6, 7])
        #expect(sequencer.gapTimerFired() == .wait)
        #expect(sequencer.last == 7)
    }

    @Test("one read at a time, and the next page as long as something is known to follow")
    func pages() {
        var sequencer = Sequencer(head: 0, seq: { $0 })
        #expect(sequencer.learned(head: 5) == .read(after: 0))
        #expect(sequencer.learned(head: 6) == .wait)
        guard case .deliver(let first, let next) = sequencer.readCompleted([1, 2, 3], after: 0) else {
            Issue.record("The page is delivered")
            return
        }
        #expect(first == [1, 2, 3])
        #expect(next == 3)
        guard case .deliver(let second, nil) = sequencer.readCompleted([4, 5, 6], after: 3) else {
            Issue.record("The last page asks for no other")
            return
        }
        #expect(second == [4, 5, 6])
    }

    @Test("a log that does not reach back to us is another history")
    func pruned() {
        var sequencer = Sequencer(head: 2, seq: { $0 })
        #expect(sequencer.learned(head: 9) == .read(after: 2))
        guard case .startOver = sequencer.readCompleted([8, 9], after: 2) else {
            Issue.record("3 is missing for good")
            return
        }
        #expect(sequencer.isHopeless)
    }

    @Test("a log that has lost all of it is another history too, once the head has said so three times")
    func prunedAll() {
        var sequencer = Sequencer(head: 2, seq: { $0 })
        #expect(sequencer.learned(head: 9) == .read(after: 2))
        for attempt in 1...3 {
            guard case .verifyHead = sequencer.readCompleted([], after: 2) else {
                Issue.record("An empty page asks for the head")
                return
            }
            #expect(sequencer.verified(head: 9) == (attempt < 3 ? .read(after: 2) : .startOver))
        }
    }

    @Test("a head behind where we were when we asked is another history")
    func headBehind() {
        var sequencer = Sequencer(head: 5, seq: { $0 })
        #expect(sequencer.learned(head: 6) == .read(after: 5))
        _ = sequencer.readCompleted([], after: 5)
        #expect(sequencer.verified(head: 4) == .startOver)
    }

    @Test("a head that is behind only because an event came meanwhile is none")
    func headOvertaken() {
        var sequencer = Sequencer(head: 5, seq: { $0 })
        #expect(sequencer.learned(head: 6) == .read(after: 5))
        _ = sequencer.readCompleted([], after: 5)
        #expect(self.deliveries(sequencer.received(6)) == [6])
        #expect(sequencer.verified(head: 5) == .wait)
    }

    @Test("an event that came while the head was asked for is not forgotten with what does not exist")
    func announcedDuringVerification() {
        var sequencer = Sequencer(head: 5, seq: { $0 })
        #expect(sequencer.learned(head: 6) == .read(after: 5))
        _ = sequencer.readCompleted([], after: 5)
        _ = sequencer.received(7)
        #expect(sequencer.verified(head: 5) == .read(after: 5))
    }

    @Test("news of the very position that was announced in vain is not given up with it")
    func announcedAgain() {
        var sequencer = Sequencer(head: 5, seq: { $0 })
        #expect(sequencer.learned(head: 6) == .read(after: 5))
        _ = sequencer.readCompleted([], after: 5)
        // It has come into being since the head was read, and nobody will tell again.
        #expect(sequencer.learned(head: 6) == .wait)
        #expect(sequencer.verified(head: 5) == .read(after: 5))
    }

    @Test("what was announced and does not exist is given up")
    func announcedInVain() {
        var sequencer = Sequencer(head: 5, seq: { $0 })
        _ = sequencer.received(9)
        #expect(sequencer.gapTimerFired() == .read(after: 5))
        _ = sequencer.readCompleted([], after: 5)
        #expect(sequencer.verified(head: 5) == .wait)
        #expect(sequencer.gapTimerFired() == .wait)
    }

    @Test("early events beyond the limit are not kept, and still not lost")
    func manyEarly() {
        var sequencer = Sequencer(head: 0, seq: { $0 })
        let count = Int64(Sequencer.maximumEarly)
        for event in 2...(count + 3) { _ = sequencer.received(event) }
        #expect(self.deliveries(sequencer.received(1))?.count == Int(count) + 1)
        #expect(sequencer.gapTimerFired() == .read(after: count + 1))
    }
}
