import Desks
import EventLoops
import NIOCore
import Synchronization

extension Call {
    /// How long a write waits for Redis before it goes on as if nothing were held.
    private static let patience = TimeAmount.milliseconds(150)

    /// The holds that a write of this call has to respect; asked before its transaction begins, so that nobody waits for Redis with
    /// a row locked.
    ///
    /// Asked at Redis although a node that follows the salon has its board in memory: that board is what was heard so far. A desk that
    /// was just told it holds a slot, by another node, relies on the very next write to respect it.
    ///
    /// - Parameter fence: the number of a hold that the request carries
    func heldSlots(fence: Int64?) async throws(APIError) -> HeldSlots {
        let (user, desk) = (try self.user, self.backend.holds)
        let executor = LoopExecutor(self.channel.eventLoop)
        let holds = await self.within(Self.patience, on: executor) { try? await desk.holds(salonID: user.salonID) } ?? nil
        return HeldSlots(desk: desk, holds: holds ?? [], user: user, fence: fence, executor: executor)
    }

    /// What a body comes to, or nil if it takes longer; then it goes on for itself until its own deadline.
    private func within<Value: Sendable>(
        _ limit: TimeAmount,
        on executor: LoopExecutor,
        _ body: @escaping @Sendable () async -> Value
    ) async -> Value? {
        var timer: Scheduled<Void>?
        defer { timer?.cancel() }
        return await withCheckedContinuation { continuation in
            let box = OneAnswer(continuation)
            // The connection's loop has a timer at hand; a task that sleeps would wake a thread of its own for each booking. Behind
            // what waits for the loop already, which may be the answer.
            let eventLoop = self.channel.eventLoop
            timer = eventLoop.scheduleTask(in: limit) { eventLoop.execute { box.give(nil) } }
            Task(executorPreference: executor) { box.give(await body()) }
        }
    }
}

/// Somebody who waits for one answer and gets the first.
private final class OneAnswer<Value: Sendable>: Sendable {
    private let waiting: Mutex<CheckedContinuation<Value?, Never>?>

    init(_ waiting: CheckedContinuation<Value?, Never>) {
        self.waiting = Mutex(waiting)
    }

    func give(_ value: Value?) {
        self.waiting.withLock { waiting in
            defer { waiting = nil }
            return waiting
        }?.resume(returning: value)
    }
}
