import EventLoops
import Synchronization

/// Statements on their way to a connection, and their answer on its way back. An event loop carries them out for its own tasks, the
/// connection's thread for all others: one switch to it and one away. What a task of its own on that thread would cost beside is for
/// those who need to decide there what to ask next.
///
/// It is handed from the pool to whoever carries it out; its task may be cancelled anywhere on the way.
final class Errand: Sendable {
    typealias Answer = Result<[PostgresRows], PostgresError>

    private struct State {
        var continuation: CheckedContinuation<Answer, Never>?
        var isCancelled = false
        /// Stops the statements that run now.
        var stop: (@Sendable () -> Void)?
        /// For what an event loop waits, that carries it out.
        var watch: SocketWatcher.Watch?
    }

    let statements: [Statement]
    /// Of the event loop that carries it out; without one the connection's own thread does.
    let watcher: SocketWatcher?
    private let state = Mutex(State())

    init(_ statements: [Statement], watcher: SocketWatcher? = nil) {
        self.statements = statements
        self.watcher = watcher
    }

    /// To be called before it is handed to anybody.
    func begin(_ continuation: CheckedContinuation<Answer, Never>) {
        self.state.withLock { $0.continuation = continuation }
    }

    var isCancelled: Bool { self.state.withLock { $0.isCancelled } }

    /// The task was cancelled: what runs is stopped, what does not run yet will not.
    func cancel() {
        let stop = self.state.withLock { state in
            state.isCancelled = true
            return state.stop
        }
        stop?()
    }

    /// Its statements are about to be sent.
    ///
    /// - Parameter stop: stops them, from any thread
    /// - Throws: ``PostgresError`` with code `.cancelled` when they are not wanted any more
    func start(_ stop: @escaping @Sendable () -> Void) throws(PostgresError) {
        let isCancelled = self.state.withLock { state in
            state.stop = stop
            return state.isCancelled
        }
        guard !isCancelled else { throw PostgresError(.cancelled, "the task was cancelled before the statement was sent") }
    }

    /// Nothing of it runs any more.
    func finish() {
        self.state.withLock { $0.stop = nil }
    }

    /// Runs the statements on the thread where this is called, stoppable by ``cancel()`` for as long as they run.
    func run(
        _ interrupt: Interrupt,
        _ body: ([Statement]) throws(PostgresError) -> [PostgresRows]
    ) throws(PostgresError) -> [PostgresRows] {
        let ticket = interrupt.arm()
        defer {
            interrupt.disarm()
            self.finish()
        }
        try self.start { interrupt.fire(ticket) }
        return try body(self.statements)
    }

    /// Keeps for what it waits; ``takeWatch()`` gives it back, once.
    func keep(_ watch: SocketWatcher.Watch) {
        self.state.withLock { $0.watch = watch }
    }

    func takeWatch() -> SocketWatcher.Watch? {
        self.state.withLock { state in
            defer { state.watch = nil }
            return state.watch
        }
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
