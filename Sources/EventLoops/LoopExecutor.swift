public import NIOCore

/// Runs tasks on an event loop: a request that only waits for the database is answered on its connection's own loop, and wakes no
/// other thread on its way.
public final class LoopExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    /// Runs them on this loop.
    public init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// Runs a task's next part there.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        self.eventLoop.execute {
            unsafe job.runSynchronously(on: self.asUnownedTaskExecutor())
        }
    }
}
