import NIOCore

/// Finds out whether a connection that says nothing has nothing to say, or is deaf.
///
/// After a silence, or when asked to, a nonce is published to a channel the connection listens to; unless it hears that very nonce in time, it is deaf.
/// Other messages don't count then: who asks may have seen that just some are missing.
struct ProbeStateMachine: ~Copyable {
    private enum State {
        /// No connection, or its channels are not confirmed yet.
        case off
        case hearing(last: NIODeadline)
        case probing(nonce: String, since: NIODeadline, isSuspect: Bool)
    }

    private var state = State.off
    private let silence: TimeAmount
    private let timeout: TimeAmount

    /// - Parameters:
    ///   - silence: how long to hear nothing before probing.
    ///   - timeout: how long the nonce may take; after a fifth of it the connection is suspect.
    init(silence: TimeAmount, timeout: TimeAmount) {
        self.silence = silence
        self.timeout = timeout
    }

    private var suspicion: TimeAmount { .nanoseconds(self.timeout.nanoseconds / 5) }

    /// When ``timerFired(now:nonce:)`` is to be called next.
    var wakeUp: NIODeadline? {
        switch self.state {
        case .off: nil
        case .hearing(let last): last + self.silence
        case .probing(_, let since, isSuspect: false): since + self.suspicion
        case .probing(_, let since, isSuspect: true): since + self.timeout
        }
    }

    /// All channels are confirmed.
    mutating func started(now: NIODeadline) {
        self.state = .hearing(last: now)
    }

    /// The connection is gone.
    mutating func stopped() {
        self.state = .off
    }

    /// Any message came.
    mutating func heard(now: NIODeadline) {
        if case .hearing = self.state {
            self.state = .hearing(last: now)
        }
    }

    enum HeardNonceAction {
        case hearing
        case doNothing
    }

    /// A message on the probe channel came, or the answer to a `PING` with the nonce.
    mutating func heard(nonce: String, now: NIODeadline) -> HeardNonceAction {
        switch self.state {
        case .probing(nonce, _, _):
            self.state = .hearing(last: now)
            return .hearing
        case .off, .hearing, .probing:
            self.heard(now: now)
            return .doNothing
        }
    }

    enum ProbeAction {
        /// Publish the nonce.
        case send(nonce: String)
        case doNothing
    }

    /// Somebody doubts that the connection hears.
    mutating func probe(now: NIODeadline, nonce: String) -> ProbeAction {
        guard case .hearing = self.state else { return .doNothing }
        self.state = .probing(nonce: nonce, since: now, isSuspect: false)
        return .send(nonce: nonce)
    }

    enum TimerAction {
        case send(nonce: String)
        case becomeSuspect
        case closeDeaf
        case wait
    }

    mutating func timerFired(now: NIODeadline, nonce: @autoclosure () -> String) -> TimerAction {
        guard let wakeUp = self.wakeUp, wakeUp <= now else { return .wait }
        switch self.state {
        case .off:
            return .wait
        case .hearing:
            let nonce = nonce()
            self.state = .probing(nonce: nonce, since: now, isSuspect: false)
            return .send(nonce: nonce)
        case .probing(let nonce, let since, isSuspect: false):
            self.state = .probing(nonce: nonce, since: since, isSuspect: true)
            return .becomeSuspect
        case .probing(_, _, isSuspect: true):
            self.state = .off
            return .closeDeaf
        }
    }

    /// Whether this nonce is still waited for.
    func isWaiting(for nonce: String) -> Bool {
        if case .probing(nonce, _, _) = self.state { true } else { false }
    }
}
