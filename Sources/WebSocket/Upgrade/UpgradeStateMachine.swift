import NIOHTTP1

/// The HTTP side of a connection that may become a WebSocket, with its first request or a later one; a pure value.
struct UpgradeStateMachine {
    /// What a claimed request amounts to.
    typealias Claim = WebSocketHandshake.Validation

    private enum State {
        /// No request yet.
        case waiting
        /// Ordinary requests pass; so many of them are not completely answered.
        case http(unanswered: Int)
        /// A request for a WebSocket has begun; it waits for its own end and for the answers to those before it.
        case claimed(Claim, unanswered: Int, hasEnded: Bool)
        /// The upgrader has it.
        case deciding
        /// The channel is a WebSocket's.
        case upgraded
        /// An answer is out, nothing more is read.
        case closing
    }

    private var state = State.waiting

    /// What to do with a request's head.
    enum HeadAction: Equatable {
        /// Pass it on; before the first one, make room for handlers.
        case forward(isFirst: Bool)
        /// It is held until it can be decided.
        case hold
        /// Nothing is read any more.
        case ignore
    }

    /// What to do with the rest of a request.
    enum PartAction: Equatable { case forward, ignore }

    /// What to do with raw bytes, or with an event: whose are they?
    enum Owner: Equatable { case http, webSocket, nobody }

    /// What a claimed request leads to now.
    enum ClaimAction {
        case doNothing
        case forward
        case decide(WebSocketHandshake.Request)
        case refuse(WebSocketHandshake.Refusal)
    }

    /// What to do about a broken request.
    enum ErrorAction: Equatable { case answer, forward, close }

    mutating func receivedHead(claim: @autoclosure () -> Claim?) -> HeadAction {
        switch self.state {
        case .waiting:
            if let claim = claim() {
                self.state = .claimed(claim, unanswered: 0, hasEnded: false)
                return .hold
            }
            self.state = .http(unanswered: 1)
            return .forward(isFirst: true)
        case .http(let unanswered):
            if let claim = claim() {
                self.state = .claimed(claim, unanswered: unanswered, hasEnded: false)
                return .hold
            }
            self.state = .http(unanswered: unanswered + 1)
            return .forward(isFirst: false)
        case .claimed, .deciding, .upgraded, .closing:
            return .ignore
        }
    }

    func receivedBody() -> PartAction {
        if case .http = self.state { .forward } else { .ignore }
    }

    mutating func receivedEnd() -> ClaimAction {
        switch self.state {
        case .http:
            return .forward
        case .claimed(let claim, let unanswered, hasEnded: false):
            self.state = .claimed(claim, unanswered: unanswered, hasEnded: true)
            return self.advance()
        case .waiting, .claimed, .deciding, .upgraded, .closing:
            return .doNothing
        }
    }

    mutating func wroteResponseEnd() -> ClaimAction {
        switch self.state {
        case .http(let unanswered):
            self.state = .http(unanswered: max(0, unanswered - 1))
            return .doNothing
        case .claimed(let claim, let unanswered, let hasEnded):
            self.state = .claimed(claim, unanswered: max(0, unanswered - 1), hasEnded: hasEnded)
            return self.advance()
        case .waiting, .deciding, .upgraded, .closing:
            return .doNothing
        }
    }

    private mutating func advance() -> ClaimAction {
        guard case .claimed(let claim, unanswered: 0, hasEnded: true) = self.state else { return .doNothing }
        switch claim {
        case .accept(let request):
            self.state = .deciding
            return .decide(request)
        case .refuse(let refusal):
            self.state = .closing
            return .refuse(refusal)
        }
    }

    /// The upgrader has answered.
    /// - Returns: false if nobody waits for it any more.
    mutating func decided(accepts: Bool) -> Bool {
        guard case .deciding = self.state else { return false }
        self.state = accepts ? .upgraded : .closing
        return true
    }

    /// A request could not be parsed.
    mutating func failed() -> ErrorAction {
        switch self.state {
        case .waiting, .http(unanswered: 0):
            self.state = .closing
            return .answer
        case .http:
            return .forward
        case .claimed, .deciding, .upgraded, .closing:
            return .close
        }
    }

    /// The connection ends, or is being ended.
    mutating func closed() {
        self.state = .closing
    }

    /// No request has begun, or one for a WebSocket has not ended.
    var isWaiting: Bool {
        switch self.state {
        case .waiting, .claimed(_, _, hasEnded: false): true
        case .http, .claimed, .deciding, .upgraded, .closing: false
        }
    }

    /// Whether to leave the socket unread: what the client says before the 101 stays with the kernel.
    var holdsReads: Bool {
        switch self.state {
        case .claimed(_, _, hasEnded: true), .deciding: true
        case .waiting, .http, .claimed, .upgraded, .closing: false
        }
    }

    /// Whose the channel is.
    var owner: Owner {
        switch self.state {
        case .http: .http
        case .upgraded: .webSocket
        case .waiting, .claimed, .deciding, .closing: .nobody
        }
    }
}
