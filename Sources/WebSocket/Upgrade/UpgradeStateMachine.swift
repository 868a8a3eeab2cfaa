import NIOHTTP1

/// The HTTP side of a connection that may become a WebSocket, with its first request or a later one; a pure value.
struct UpgradeStateMachine {
    /// What a claimed request amounts to.
    typealias Claim = WebSocketHandshake.Validation

    private enum State {
        /// No request yet.
        case waiting
        /// Ordinary requests pass; so many of them are not completely answered, and the last one may not have ended yet.
        case http(unanswered: Int, isReading: Bool)
        /// A request for a WebSocket has begun; it waits for its own end and for the answers to those before it.
        case claimed(Claim, unanswered: Int, hasEnded: Bool)
        /// The upgrader has it.
        case deciding
        /// The channel is a WebSocket's.
        case upgraded
        /// The last answer is out, or the connection is being ended; what still comes is thrown away.
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

    /// What a request's end, or an answer's, leads to.
    enum ClaimAction {
        case doNothing
        case forward
        case decide(WebSocketHandshake.Request)
        case refuse(WebSocketHandshake.Refusal)
        /// That was the connection's last answer; part of its request may still be to come.
        case linger(isReading: Bool)
    }

    /// What to do about a broken request.
    enum ErrorAction: Equatable {
        /// It is answered here.
        case answer
        /// It is answered by whoever reads it.
        case forward
        /// It is answered behind those before it, or not at all.
        case wait
        /// The connection ends now.
        case close
    }

    mutating func receivedHead(claim: @autoclosure () -> Claim?) -> HeadAction {
        switch self.state {
        case .waiting:
            if let claim = claim() {
                self.state = .claimed(claim, unanswered: 0, hasEnded: false)
                return .hold
            }
            self.state = .http(unanswered: 1, isReading: true)
            return .forward(isFirst: true)
        case .http(let unanswered, _):
            if let claim = claim() {
                self.state = .claimed(claim, unanswered: unanswered, hasEnded: false)
                return .hold
            }
            self.state = .http(unanswered: unanswered + 1, isReading: true)
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
        case .http(let unanswered, _):
            self.state = .http(unanswered: unanswered, isReading: false)
            return .forward
        case .claimed(let claim, let unanswered, hasEnded: false):
            self.state = .claimed(claim, unanswered: unanswered, hasEnded: true)
            return self.advance()
        case .waiting, .claimed, .deciding, .upgraded, .closing:
            return .doNothing
        }
    }

    /// An ordinary request's answer has been written.
    ///
    /// - Parameter isLast: it said `Connection: close`
    mutating func wroteResponseEnd(isLast: Bool) -> ClaimAction {
        switch self.state {
        case .http(_, let isReading) where isLast:
            self.state = .closing
            return .linger(isReading: isReading)
        case .claimed where isLast:
            self.state = .closing
            return .linger(isReading: false)
        case .http(let unanswered, let isReading):
            self.state = .http(unanswered: max(0, unanswered - 1), isReading: isReading)
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
    ///
    /// - Parameter refusal: the answer that it deserves, if nobody else answers it
    mutating func failed(_ refusal: WebSocketHandshake.Refusal) -> ErrorAction {
        switch self.state {
        case .waiting, .http(unanswered: 0, isReading: false):
            self.state = .closing
            return .answer
        case .http(unanswered: 0, isReading: true):
            // It has its answer: a second one would be taken for another request's.
            self.state = .closing
            return .close
        case .http(_, isReading: true):
            // Whoever reads it answers it.
            return .forward
        case .http(let unanswered, isReading: false):
            self.state = .claimed(.refuse(refusal), unanswered: unanswered, hasEnded: true)
            return .wait
        case .closing:
            return .wait
        case .claimed, .deciding, .upgraded:
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

    /// Whether the connection waits for its end alone.
    var isClosing: Bool {
        if case .closing = self.state { true } else { false }
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
