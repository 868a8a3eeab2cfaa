import Synchronization

/// A cancel request on its way, on a thread of its own because libpq's call blocks.
final class CancelDelivery: Sendable {
    private let done = Atomic(false)

    init(_ request: LibPQCancellation, wakeUp: WakeUp) {
        let isStarted = PosixThread.start {
            _ = request.send()
            self.done.store(true, ordering: .releasing)
            wakeUp.signal()
        }
        if !isStarted {
            self.done.store(true, ordering: .releasing)
        }
    }

    var isDone: Bool { self.done.load(ordering: .acquiring) }
}
