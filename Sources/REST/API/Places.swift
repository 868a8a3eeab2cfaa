import Synchronization

/// A few places for what costs much while it lasts.
final class Places: Sendable {
    private let capacity: Int
    private let taken = Mutex(0)

    init(_ capacity: Int) {
        self.capacity = capacity
    }

    /// - Returns: whether there was one; then it is to be given back
    func take() -> Bool {
        self.taken.withLock { taken in
            guard taken < self.capacity else { return false }
            taken += 1
            return true
        }
    }

    func giveBack() { self.taken.withLock { $0 -= 1 } }
}
