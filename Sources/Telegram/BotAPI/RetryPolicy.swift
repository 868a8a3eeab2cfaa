/// How long to wait before a request is made again, and when to give up: a value, without a clock or a dice of its own.
///
/// 429 waits as long as Telegram says. Everything else that may pass waits by full jitter: anything from zero to a bound that doubles.
public struct RetryPolicy: Sendable, Hashable {
    /// What to do about a failure.
    public enum Step: Sendable, Hashable {
        /// Try again after this time.
        case wait(Duration)
        /// The failure stands.
        case giveUp
    }

    private let maximum: Duration
    private let patience: Duration
    private var bound: Duration
    private var waited = Duration.zero

    /// - Parameters:
    ///   - minimum: the first wait is at most this long.
    ///   - maximum: no wait but Telegram's own is longer.
    ///   - patience: all waits together; one that would go beyond is not begun. Zero never tries again.
    public init(minimum: Duration = .milliseconds(500), maximum: Duration = .seconds(30), patience: Duration = .seconds(60)) {
        self.maximum = maximum
        self.patience = patience
        self.bound = minimum
    }

    /// For whoever must go on whatever happens, such as the polling of updates.
    public static let forever = RetryPolicy(patience: .seconds(Int64.max / 4))

    /// A request has failed.
    ///
    /// - Parameters:
    ///   - error: how.
    ///   - random: a number from 0 up to 1.
    public mutating func next(after error: BotError, random: Double) -> Step {
        guard error.isTransient else { return .giveUp }
        let wait: Duration
        if let retryAfter = error.retryAfter {
            // Those who were told the same time need not all come at it.
            wait = retryAfter + .milliseconds(500) * random
        } else {
            wait = self.bound * random
            self.bound = min(self.bound * 2, self.maximum)
        }
        guard self.waited + wait <= self.patience, self.patience > .zero else { return .giveUp }
        self.waited += wait
        return .wait(wait)
    }

    /// As ``next(after:random:)``, for whoever goes on even then: after half a minute, since a token that is no good may be
    /// replaced, or after a second where another node has not yet noticed that it is not its turn.
    mutating func pause(after error: BotError) -> Duration {
        switch self.next(after: error, random: .random(in: 0..<1)) {
        case .wait(let pause): pause
        case .giveUp: error.code == .conflict ? .seconds(1) : .seconds(30)
        }
    }
}
