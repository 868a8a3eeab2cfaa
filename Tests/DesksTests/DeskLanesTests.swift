import Synchronization
import Testing

@testable import Desks

@Suite("What sockets ask for, one after the other", .timeLimit(.minutes(1)))
struct DeskLanesTests {
    private final class Steps: Sendable {
        private let steps = Mutex<[Int]>([])
        var all: [Int] { self.steps.withLock { $0 } }
        func add(_ step: Int) { self.steps.withLock { $0.append(step) } }
    }

    @Test("of one socket sixteen commands wait and no more; leaving always does, and another socket is another matter")
    func bounded() async throws {
        let (lanes, steps) = (DeskLanes(), Steps())
        for number in 1...16 {
            let isTaken = lanes.offer("a") { steps.add(number) }
            #expect(isTaken)
        }
        let isTaken = lanes.offer("a") { steps.add(-1) }
        lanes.add("a") { steps.add(17) }
        let isOthersTaken = lanes.offer("b") {}
        #expect(!isTaken && isOthersTaken)
        let running = Task { try await lanes.run() }
        while steps.all.count < 17 { await Task.yield() }
        #expect(steps.all == Array(1...17))
        var isAnotherTaken = false
        while !isAnotherTaken { isAnotherTaken = lanes.offer("a") { steps.add(18) } }
        while steps.all.count < 18 { await Task.yield() }
        running.cancel()
    }
}
