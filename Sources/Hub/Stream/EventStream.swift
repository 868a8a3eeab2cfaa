import NIOCore
import WebSocket

/// The way out of a session that writes server-sent events: what a connection is to a socket.
///
/// The task that writes the HTTP answer asks for bytes, gets a portion, and asks again when the connection has taken that. Between
/// its questions the session is not writable: so a reader that does not read costs its cursors and one portion. Confined to the
/// connection's event loop.
final class EventStream {
    /// A portion is as full as that before the rest waits, in bytes.
    private static let portion = 64 * 1_024
    /// A comment is sent when nothing was for so long.
    private static let commentInterval = TimeAmount.seconds(15)

    let channel: any Channel
    /// Fulfilled when the answer has ended, or its connection.
    let over: EventLoopPromise<Void>
    /// How long a reader may take nothing at all of a portion.
    private let patience: TimeAmount
    /// How often it is looked at what a reader has taken.
    private var lookInterval: TimeAmount { .nanoseconds(self.patience.nanoseconds / 4) }
    private let departure = DepartureHandler()
    private var pending = ByteBuffer()
    private var question: EventLoopPromise<ByteBuffer?>?
    private var handedOverAt: NIODeadline
    /// When something was handed over, or last seen to be taken.
    private var takenAt: NIODeadline
    /// How much was not taken of the present portion at the last look.
    private var untaken: Int?
    private var timer: Scheduled<Void>?
    private var timerEndsAt = NIODeadline.distantFuture
    /// Nothing is added any more.
    private var isEnding = false
    private(set) var isOver = false

    init(channel: any Channel, settings: HubSettings) {
        self.channel = channel
        self.over = channel.eventLoop.makePromise(of: Void.self)
        self.patience = .nanoseconds(2 * settings.webSocket.pongTimeout.nanoseconds)
        self.handedOverAt = channel.eventLoop.now
        self.takenAt = self.handedOverAt
        // As with sockets: a stuck reader keeps what the kernel holds of ours.
        if let bytes = settings.webSocket.sendBufferBytes {
            try? channel.syncOptions?.setOption(.socketOption(.so_sndbuf), value: .init(bytes))
        }
        try? channel.pipeline.syncOperations.addHandler(self.departure)
        self.startTimer(at: self.handedOverAt + Self.commentInterval)
    }

    // MARK: Writing

    /// Whether somebody waits for bytes, and their portion is not full.
    var isWritable: Bool { self.question != nil && !self.isEnding && self.pending.readableBytes < Self.portion }

    /// - Parameters:
    ///   - id: where the reader stands once it has this event
    ///   - event: without its id
    func write(id: String, _ event: ByteBuffer) {
        guard !self.isEnding else { return }
        self.pending.writeString("id: \(id)\n")
        self.pending.writeImmutableBuffer(event)
    }

    /// Says why, and then nothing more.
    func end(_ code: SocketClose, _ reason: String) {
        guard !self.isEnding else { return }
        self.isEnding = true
        self.pending.writeImmutableBuffer(StreamText.closed(code, reason))
    }

    /// Hands over what there is, if somebody waits for it.
    func flush() {
        guard let question, self.pending.readableBytes > 0 || self.isEnding else { return }
        self.question = nil
        let portion = self.pending
        self.pending = ByteBuffer()
        self.handedOverAt = self.channel.eventLoop.now
        (self.takenAt, self.untaken) = (self.handedOverAt, nil)
        if self.timerEndsAt > self.handedOverAt + self.lookInterval {
            self.timer?.cancel()
            self.startTimer(at: self.handedOverAt + self.lookInterval)
        }
        question.succeed(portion.readableBytes > 0 ? portion : nil)
    }

    // MARK: Reading

    /// The connection has taken what was handed over.
    func ask(_ question: EventLoopPromise<ByteBuffer?>) {
        precondition(self.question == nil, "One question at a time")
        guard !self.isOver else { return question.succeed(nil) }
        self.question = question
    }

    /// The answer has ended, or the connection.
    func finish() {
        guard !self.isOver else { return }
        self.isOver = true
        self.isEnding = true
        self.timer?.cancel()
        self.pending = ByteBuffer()
        self.question?.succeed(nil)
        self.question = nil
        self.departure.whenGone = nil
        self.channel.pipeline.syncOperations.removeHandler(self.departure, promise: nil)
        self.over.succeed()
    }

    /// Calls back when the connection is gone, unless the stream has ended before.
    func whenGone(_ body: @escaping () -> Void) {
        self.departure.whenGone = body
    }

    /// Ends the connection without a word.
    func cut() {
        self.channel.close(promise: nil)
    }

    // MARK: Time

    private func startTimer(at moment: NIODeadline) {
        let bound = NIOLoopBound(self, eventLoop: self.channel.eventLoop)
        self.timerEndsAt = moment
        self.timer = self.channel.eventLoop.scheduleTask(deadline: moment) { bound.value.timeHasPassed() }
    }

    private func timeHasPassed() {
        let now = self.channel.eventLoop.now
        guard self.question != nil else {
            if self.isStuck(now) { return self.cut() }
            return self.startTimer(at: now + self.lookInterval)
        }
        if now >= self.handedOverAt + Self.commentInterval {
            self.pending.writeImmutableBuffer(StreamText.comment)
            // Starts the timer.
            self.timerEndsAt = .distantFuture
            return self.flush()
        }
        self.startTimer(at: self.handedOverAt + Self.commentInterval)
    }

    /// Slow is well, nothing at all is not.
    private func isStuck(_ now: NIODeadline) -> Bool {
        let left = UntakenBytes.count(self.channel)
        if let untaken, left < untaken { self.takenAt = now }
        self.untaken = left
        return now >= self.takenAt + self.patience
    }
}

/// A client that has ended its side of the connection reads no more: its stream ends now, not with the next comment.
private final class DepartureHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Any

    var whenGone: (() -> Void)?

    /// The pipeline of a closed connection is taken apart.
    func handlerRemoved(context: ChannelHandlerContext) {
        let whenGone = self.whenGone
        self.whenGone = nil
        whenGone?()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { return context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }
}
