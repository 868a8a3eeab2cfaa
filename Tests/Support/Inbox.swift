import Synchronization

/// What arrived and has not been looked at yet: filled by an event loop, emptied by one test.
final class Inbox<Element: Sendable>: Sendable {
    /// What waiting came to.
    enum Outcome {
        case element(Element)
        case finished
        case timedOut
    }

    private struct State {
        var elements: [Element] = []
        var next = 0
        var isFinished = false
        var waiter: (id: Int, continuation: CheckedContinuation<Outcome, Never>)?
        var waits = 0

        mutating func take() -> Outcome? {
            if self.next < self.elements.count {
                defer { self.next += 1 }
                return .element(self.elements[self.next])
            }
            return self.isFinished ? .finished : nil
        }
    }

    private let state = Mutex(State())

    func append(_ element: Element) {
        self.wake { $0.elements.append(element) }
    }

    func finish() {
        self.wake { $0.isFinished = true }
    }

    private func wake(_ change: (inout State) -> Void) {
        let woken = self.state.withLock { state -> (CheckedContinuation<Outcome, Never>, Outcome)? in
            change(&state)
            guard let waiter = state.waiter, let outcome = state.take() else { return nil }
            state.waiter = nil
            return (waiter.continuation, outcome)
        }
        woken.map { $0.resume(returning: $1) }
    }

    /// The next element, in the order of arrival. One caller at a time.
    func next(within limit: Duration) async -> Outcome {
        let (outcome, id) = self.state.withLock { state in
            state.waits += 1
            return (state.take(), state.waits)
        }
        if let outcome { return outcome }
        let timer = Task {
            try await Task.sleep(for: limit)
            self.giveUp(id)
        }
        defer { timer.cancel() }
        return await withCheckedContinuation { continuation in
            let outcome = self.state.withLock { state -> Outcome? in
                if let outcome = state.take() { return outcome }
                precondition(state.waiter == nil, "one test empties an inbox")
                state.waiter = (id, continuation)
                return nil
            }
            if let outcome { continuation.resume(returning: outcome) }
        }
    }

    private func giveUp(_ id: Int) {
        let waiter = self.state.withLock { state -> CheckedContinuation<Outcome, Never>? in
            guard let waiter = state.waiter, waiter.id == id else { return nil }
            state.waiter = nil
            return waiter.continuation
        }
        waiter?.resume(returning: .timedOut)
    }
}
