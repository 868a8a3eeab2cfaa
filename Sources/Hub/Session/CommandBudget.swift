import NIOCore

/// How many commands a socket may send: a token bucket, and how often it was found empty. A pure value.
struct CommandBudget {
    /// What to do with a command.
    enum Action: Equatable {
        case accept
        /// Too fast: come back after this many milliseconds.
        case refuse(retryAfter: Int64)
        /// Too fast for the third time within ten seconds.
        case close
    }

    private var tokens: Double
    private var refilledAt: NIODeadline
    /// When the last two refusals were.
    private var refusals: (beforeLast: NIODeadline?, last: NIODeadline?) = (nil, nil)

    init(burst: Double, now: NIODeadline) {
        self.tokens = burst
        self.refilledAt = now
    }

    /// A command came in.
    mutating func command(perSecond: Double, burst: Double, now: NIODeadline) -> Action {
        let elapsed = Double((now - self.refilledAt).nanoseconds) / 1e9
        self.tokens = min(burst, self.tokens + elapsed * perSecond)
        self.refilledAt = now
        if self.tokens >= 1 {
            self.tokens -= 1
            return .accept
        }
        if self.refused(now: now) { return .close }
        return .refuse(retryAfter: max(1, Int64(((1 - self.tokens) / perSecond * 1_000).rounded(.up))))
    }

    /// A command was refused for coming too often, by this budget or by another.
    ///
    /// - Returns: whether it was the third within ten seconds
    mutating func refused(now: NIODeadline) -> Bool {
        if let beforeLast = self.refusals.beforeLast, now - beforeLast < .seconds(10) { return true }
        self.refusals = (self.refusals.last, now)
        return false
    }
}
