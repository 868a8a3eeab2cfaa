import Glibc
import Synchronization

/// A thread that runs one connection's work, and an executor for its actor.
///
/// libpq blocks only here: an actor on this executor calls it directly, and code that is called from the actor's methods stays on the
/// thread from statement to statement, without a switch between them. Where it does not block, an event loop may stand in for the
/// thread. The thread ends after ``stop()``, which the actor's `deinit` calls: nothing can be enqueued then.
final class ConnectionThread: SerialExecutor {
    private enum Work {
        case job(UnownedJob)
        case call(@Sendable () -> Void)
    }

    private struct Queue {
        var work: [Work] = []
        var isIdle = false
        var isStopping = false
    }

    private let queue = Mutex(Queue())
    let wakeUp: WakeUp
    private let identity = Atomic<pid_t>(0)

    /// Starts the thread.
    init() throws(PostgresError) {
        self.wakeUp = try WakeUp()
        guard PosixThread.start({ self.run() }) else {
            throw PostgresError(.connectionFailed, "the system starts no more threads")
        }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        self.append(.job(UnownedJob(job)))
    }

    /// Runs something there that is no task's. The body must hold the connection, so that the thread has not ended before.
    func execute(_ body: @escaping @Sendable () -> Void) {
        self.append(.call(body))
    }

    private func append(_ work: Work) {
        let isIdle = self.queue.withLock { queue in
            queue.work.append(work)
            defer { queue.isIdle = false }
            return queue.isIdle
        }
        if isIdle {
            self.wakeUp.signal()
        }
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        unsafe UnownedSerialExecutor(ordinary: self)
    }

    /// Runs something on the calling thread as if it were this one, which does not touch the connection meanwhile: only for whom the
    /// pool has given it to, until they give it back or hand the rest to this thread.
    func standIn<Value>(_ body: () -> Value) -> Value {
        let own = self.identity.exchange(SystemThread.current(), ordering: .relaxed)
        defer { self.identity.store(own, ordering: .relaxed) }
        return body()
    }

    /// Ends the thread once its queue is empty.
    func stop() {
        self.queue.withLock { $0.isStopping = true }
        self.wakeUp.signal()
    }

    /// For ``PostgresConnection/assumeIsolated(_:file:line:)`` outside of tasks.
    func checkIsolated() {
        self.preconditionCurrent()
    }

    private enum Step {
        case run([Work])
        case sleep
        case end
    }

    /// Stops the program when another thread is about to touch the connection: libpq is not made for it.
    func preconditionCurrent() {
        let isCurrent = SystemThread.current() == self.identity.load(ordering: .relaxed)
        precondition(isCurrent, "A connection is used on its own thread, or where that is stood in for")
    }

    private func run() {
        self.identity.store(SystemThread.current(), ordering: .relaxed)
        while true {
            let step = self.queue.withLock { queue -> Step in
                if !queue.work.isEmpty {
                    let work = queue.work
                    queue.work.removeAll(keepingCapacity: true)
                    return .run(work)
                }
                if queue.isStopping {
                    return .end
                }
                queue.isIdle = true
                return .sleep
            }
            switch step {
            case .run(let work):
                for one in work {
                    switch one {
                    case .job(let job): unsafe job.runSynchronously(on: self.asUnownedSerialExecutor())
                    case .call(let body): body()
                    }
                }
            case .sleep:
                _ = self.wakeUp.wait()
            case .end:
                return
            }
        }
    }
}
