import Synchronization

/// Lets a cancelled task stop the statement it waits for, and no later one: each statement has a ticket of its own.
final class Interrupt: Sendable {
    private struct State {
        var ticket: UInt64 = 0
        var isRunning = false
        var isFired = false
    }

    private let state = Mutex(State())
    private let wakeUp: WakeUp

    init(wakeUp: WakeUp) {
        self.wakeUp = wakeUp
    }

    /// A statement is about to run.
    func arm() -> UInt64 {
        self.state.withLock { state in
            state.ticket += 1
            state.isRunning = true
            state.isFired = false
            return state.ticket
        }
    }

    /// The statement has ended.
    func disarm() {
        self.state.withLock { $0.isRunning = false }
    }

    /// Stops the statement with this ticket, or whatever runs.
    func fire(_ ticket: UInt64? = nil) {
        let isFired = self.state.withLock { state in
            guard state.isRunning, ticket == nil || ticket == state.ticket else { return false }
            state.isFired = true
            return true
        }
        if isFired {
            self.wakeUp.signal()
        }
    }

    /// Whether the statement that runs is to be stopped.
    var isFired: Bool {
        self.state.withLock { $0.isRunning && $0.isFired }
    }
}
