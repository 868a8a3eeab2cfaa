import Synchronization
import Testing

/// Lets only so many tests of all suites run at once: on a small machine a hundred at once make each so slow that none can say
/// anything of time.
struct Turns: SuiteTrait, TestTrait, TestScoping {
    /// Whether it runs alone.
    let isAlone: Bool

    var isRecursive: Bool { true }

    @concurrent
    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await function() }
        let places = self.isAlone ? Gate.places : 1
        await Gate.shared.enter(places)
        defer { Gate.shared.leave(places) }
        try await function()
    }
}

extension Trait where Self == Turns {
    /// Beside a few others.
    static var inTurn: Turns { Turns(isAlone: false) }
    /// While no other test that takes turns runs.
    static var alone: Turns { Turns(isAlone: true) }
}

/// A counting semaphore, first come first served.
private final class Gate: Sendable {
    static let places = 4
    static let shared = Gate()

    private struct State {
        var free = Gate.places
        var waiting: [(places: Int, continuation: CheckedContinuation<Void, Never>)] = []

        mutating func admit() -> [CheckedContinuation<Void, Never>] {
            var admitted: [CheckedContinuation<Void, Never>] = []
            while let first = self.waiting.first, first.places <= self.free {
                self.free -= first.places
                admitted.append(self.waiting.removeFirst().continuation)
            }
            return admitted
        }
    }

    private let state = Mutex(State())

    func enter(_ places: Int) async {
        await withCheckedContinuation { continuation in
            self.resume { $0.waiting.append((places, continuation)) }
        }
    }

    func leave(_ places: Int) {
        self.resume { $0.free += places }
    }

    private func resume(_ change: (inout State) -> Void) {
        let admitted = self.state.withLock { state in
            change(&state)
            return state.admit()
        }
        for continuation in admitted { continuation.resume() }
    }
}
