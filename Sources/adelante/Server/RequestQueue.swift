import NIOCore
import NIOHTTP1

/// A connection's requests: what has come of them and nobody has taken yet, and how many wait for their answers. A pure value.
struct RequestQueue {
    typealias Part = HTTPServerRequestPart

    /// How many parts may wait until the socket is left unread, and how few until it is read again.
    private static let waiting = 2...10
    /// So long a connection may do nothing, and so long its client may read nothing of an answer.
    static let idleTime = TimeAmount.seconds(75)

    /// What becomes of who wants the next part.
    enum TakeAction {
        /// Nothing more comes after `nil`.
        case take(Part?)
        case wait
        case fail(any Error)
    }

    /// What follows an answer.
    enum AnsweredAction: Equatable {
        case doNothing
        /// The connection is idle from here on.
        case rest
        case close
    }

    /// What to do when the connection may have been idle for long enough.
    enum IdleAction: Equatable {
        case close
        /// Look again then.
        case wait(until: NIODeadline)
        /// It is being answered.
        case doNothing
    }

    private enum End {
        case over
        case failed(any Error)
    }

    private var parts = CircularBuffer<Part>()
    private var end: End?
    /// The request that was taken last has not been taken to its end.
    private(set) var hasBodyLeft = false
    private var isFull = false
    private var unanswered = 0
    /// The request that came last has not come to its end.
    private var isArriving = false
    private var closesWhenAnswered = false
    private var lastActive: NIODeadline

    init(now: NIODeadline) {
        self.lastActive = now
    }

    // MARK: What comes

    mutating func received(_ part: Part, now: NIODeadline) {
        guard self.end == nil else { return }
        self.lastActive = now
        switch part {
        case .head:
            self.unanswered += 1
            self.isArriving = true
        case .body:
            break
        case .end:
            self.isArriving = false
        }
        self.parts.append(part)
        if self.parts.count >= Self.waiting.upperBound { self.isFull = true }
    }

    /// No more comes, behind what has come: the client has ended its side, or the connection is gone or broken.
    mutating func ended(by error: (any Error)? = nil) {
        if self.end == nil { self.end = error.map { .failed($0) } ?? .over }
    }

    /// Whether to leave the socket unread.
    var holdsReads: Bool { self.isFull && self.end == nil }

    /// Whether who waits can have something.
    var isReady: Bool { !self.parts.isEmpty || self.end != nil }

    // MARK: What is taken

    /// The next part of a request, in the order of their coming.
    mutating func take() -> TakeAction {
        guard let part = self.parts.popFirst() else {
            switch self.end {
            case nil: return .wait
            case .over: return .take(nil)
            case .failed(let error): return .fail(error)
            }
        }
        if self.parts.count <= Self.waiting.lowerBound { self.isFull = false }
        switch part {
        case .head: self.hasBodyLeft = true
        case .body: break
        case .end: self.hasBodyLeft = false
        }
        return .take(part)
    }

    /// The body of the request whose head was taken last, if all of it is here.
    mutating func takeBody() -> ByteBuffer? {
        let isWhole = self.parts.contains { if case .end = $0 { true } else { false } }
        guard self.hasBodyLeft, isWhole else { return nil }
        var body: ByteBuffer?
        while case .take(let part?) = self.take() {
            guard case .body(var portion) = part else { break }
            body.setOrWriteBuffer(&portion)
        }
        return body ?? ByteBuffer()
    }

    // MARK: Answers, and times without any

    /// An answer has been written.
    mutating func answered(now: NIODeadline) -> AnsweredAction {
        self.lastActive = now
        self.unanswered = max(0, self.unanswered - 1)
        guard self.unanswered == 0 else { return .doNothing }
        return self.closesWhenAnswered ? .close : .rest
    }

    /// The server ends.
    ///
    /// - Returns: whether the connection can end now; else it does so behind its answers
    mutating func quiesce() -> Bool {
        self.closesWhenAnswered = true
        return self.unanswered == 0
    }

    /// When the connection has been idle for long enough, as far as is known.
    var idleUntil: NIODeadline { self.lastActive + Self.idleTime }

    func checkIdle(now: NIODeadline) -> IdleAction {
        guard self.isArriving || self.unanswered == 0 else { return .doNothing }
        return now >= self.idleUntil ? .close : .wait(until: self.idleUntil)
    }
}
