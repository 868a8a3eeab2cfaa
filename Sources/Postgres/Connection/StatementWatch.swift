/// Decides when a statement has had enough time: first the server is asked to cancel it, and when it doesn't answer that within a
/// grace period the connection is given up.
struct StatementWatch {
    enum Cause: Hashable {
        case timeout, cancellation
    }

    enum CheckAction: Hashable {
        /// Go on waiting, at most so many nanoseconds (nil: for as long as it takes).
        case wait(UInt64?)
        case sendCancel
        case giveUp
    }

    private enum State {
        case running(deadline: UInt64?)
        case cancelling(Cause, giveUpAt: UInt64)
    }

    private var state: State
    private let grace: UInt64

    /// - Parameters:
    ///   - timeout: nanoseconds the statement may take; nil for no limit
    ///   - grace: nanoseconds the server may take to answer a cancel request
    init(now: UInt64, timeout: UInt64?, grace: UInt64 = 2_000_000_000) {
        self.state = .running(deadline: timeout.map { now &+ $0 < now ? .max : now + $0 })
        self.grace = grace
    }

    /// Why the statement was cancelled, if it was.
    var cause: Cause? {
        if case .cancelling(let cause, _) = self.state { cause } else { nil }
    }

    /// When it has had enough time; nil for no limit, and once it was cancelled.
    var deadline: UInt64? {
        if case .running(let deadline) = self.state { deadline } else { nil }
    }

    mutating func check(now: UInt64, isInterrupted: Bool) -> CheckAction {
        switch self.state {
        case .running(let deadline):
            if isInterrupted {
                self.state = .cancelling(.cancellation, giveUpAt: now + self.grace)
                return .sendCancel
            }
            guard let deadline else { return .wait(nil) }
            guard now >= deadline else { return .wait(deadline - now) }
            self.state = .cancelling(.timeout, giveUpAt: now + self.grace)
            return .sendCancel
        case .cancelling(_, let giveUpAt):
            return now >= giveUpAt ? .giveUp : .wait(giveUpAt - now)
        }
    }
}
