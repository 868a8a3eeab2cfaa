import Synchronization

/// Statements on their way to a connection, and their answer on its way back: one switch to the connection's thread and one away
/// from it. What a task of its own on that thread would cost beside is for those who need to decide there what to ask next.
///
/// It is handed from the pool to a connection's thread by whoever has it; its task may be cancelled anywhere on the way.
final class Errand: Sendable {
    typealias Answer = Result<[PostgresRows], PostgresError>

    private struct State {
        var continuation: CheckedContinuation<Answer, Never>?
        var isCancelled = false
        /// What stops the statements that run now.
        var running: (interrupt: Interrupt, ticket: UInt64)?
    }

    let statements: [Statement]
    private let state = Mutex(State())

    init(_ statements: [Statement]) {
        self.statements = statements
    }

    /// To be called before it is handed to anybody.
    func begin(_ continuation: CheckedContinuation<Answer, Never>) {
        self.state.withLock { $0.continuation = continuation }
    }

    var isCancelled: Bool { self.state.withLock { $0.isCancelled } }

    /// The task was cancelled: what runs is stopped, what does not run yet will not.
    func cancel() {
        let running = self.state.withLock { state in
            state.isCancelled = true
            return state.running
        }
        if let running { running.interrupt.fire(running.ticket) }
    }

    /// Runs the statements on the thread where this is called, stoppable by ``cancel()`` for as long as they run.
    func run(
        _ interrupt: Interrupt,
        _ body: ([Statement]) throws(PostgresError) -> [PostgresRows]
    ) throws(PostgresError) -> [PostgresRows] {
        let ticket = interrupt.arm()
        defer { interrupt.disarm() }
        let isCancelled = self.state.withLock { state in
            state.running = (interrupt, ticket)
            return state.isCancelled
        }
        defer { self.state.withLock { $0.running = nil } }
        guard !isCancelled else { throw PostgresError(.cancelled, "the task was cancelled before the statement was sent") }
        return try body(self.statements)
    }

    /// Gives the answer to whoever waits for it.
    func end(_ answer: Answer) {
        let continuation = self.state.withLock { state in
            defer { state.continuation = nil }
            return state.continuation
        }
        precondition(continuation != nil, "An errand ends once")
        continuation?.resume(returning: answer)
    }
}
