/// Full-jitter backoff: each wait is random between zero and a bound that doubles from the minimum to the maximum.
struct Backoff {
    private let minimum: Duration
    private let maximum: Duration
    private var bound: Duration

    init(minimum: Duration, maximum: Duration) {
        self.minimum = minimum
        self.maximum = maximum
        self.bound = minimum
    }

    /// A connection has ended (or was never made): how long to wait before the next attempt.
    ///
    /// - Parameters:
    ///   - usable: how long it had been usable. Only one that lasted a second starts the bounds anew, so that a server which
    ///     accepts and closes is not asked ever faster.
    ///   - random: a number from 0 up to 1.
    mutating func wait(afterUsable usable: Duration, random: Double) -> Duration {
        if usable >= .seconds(1) {
            self.bound = self.minimum
        }
        defer { self.bound = min(self.bound * 2, self.maximum) }
        return self.bound * random
    }
}
