import NIOCore
import NIOHTTP1
import WebSocket

/// What a connection of ordinary requests ends in: one task takes them from it and writes their answers to it. While an answer is a
/// stream, another handler stands behind it and waits for the events that this one passes on.
///
/// A `NIOAsyncChannel` does as much for any protocol, with locks, queues and copies of every part that nobody needs where the task
/// is on the connection's event loop: what one of the two asks of the other is a call here (``HTTPConnection``).
final class RequestHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = Never
    typealias OutboundOut = HTTPServerResponsePart

    /// Where whole answers leave, and who is told of them.
    private struct Exit {
        /// Of the encoder: what is written there is passed by it.
        let context: ChannelHandlerContext
        let upgrade: WebSocketUpgradeHandler
    }

    typealias Reader = CheckedContinuation<HTTPServerRequestPart?, any Error>
    typealias Writer = CheckedContinuation<Void, Never>

    /// How much a client takes at least of what waits for it, in the time that a connection may be idle.
    private static let leastTaken = 16 * 1_024

    private var queue = RequestQueue(now: .now())
    private var context: ChannelHandlerContext?
    private var exit: Exit?
    private var reader: Reader?
    private var writer: Writer?
    private var isReadHeld = false
    private var isOutputOver = false
    private var idleCheck: Scheduled<Void>?
    /// Until then the client has to read something of what waits for it.
    private var patience: Scheduled<Void>?
    private var drainage = OutputDrainage()
    /// When a connection that is to be closed is closed at the latest.
    private var closeDeadline: Scheduled<Void>?

    // MARK: For the task

    /// Hands over the next part, or `nil` when nothing more comes.
    func next(_ reader: Reader) {
        switch self.queue.take() {
        case .take(let part):
            reader.resume(returning: part)
            self.releaseRead()
        case .fail(let error):
            reader.resume(throwing: error)
        case .wait:
            precondition(self.reader == nil, "A connection's requests are taken by one task")
            self.reader = reader
        }
    }

    /// The body of the request whose head was taken last, if all of it is here.
    func takeBody() -> ByteBuffer? {
        let body = self.queue.takeBody()
        self.releaseRead()
        return body
    }

    /// Whether something of the request that was taken last is still to be taken.
    var hasBodyLeft: Bool { self.queue.hasBodyLeft }

    /// - Parameter writer: resumed when the client has read enough of what was written, or when it never will
    func whenWritable(_ writer: Writer) {
        guard let context, !self.isOutputOver, !context.channel.isWritable else { return writer.resume() }
        precondition(self.writer == nil, "A connection's answers are written by one task")
        self.writer = writer
        self.watchReader(context, untaken: UntakenBytes.count(context.channel))
    }

    /// A client that waits for the rest of an answer has to read some of it now and then, or it is given up.
    private func watchReader(_ context: ChannelHandlerContext, untaken before: Int) {
        self.patience = context.eventLoop.assumeIsolated().scheduleTask(in: RequestQueue.idleTime) {
            let left = UntakenBytes.count(context.channel)
            guard before - left >= Self.leastTaken else { return context.close(promise: nil) }
            self.watchReader(context, untaken: left)
        }
    }

    /// No more answers come: the output ends behind what has been written, as far as the client goes on reading.
    func finish() {
        guard let context, !self.isOutputOver else { return }
        self.close(context, .output)
    }

    /// Writes a part of an answer, all in one go.
    ///
    /// - Returns: false, and nothing was written, if the client has to read first (``whenWritable(_:)``)
    /// - Throws: `ChannelError` when the connection is gone
    func write(_ head: HTTPResponseHead?, _ body: ByteBuffer?, isEnd: Bool) throws -> Bool {
        guard let context, !self.isOutputOver else { throw ChannelError.ioOnClosedChannel }
        guard context.channel.isWritable else { return false }
        let follows = isEnd ? self.queue.answered(now: .now()) : .doNothing
        let drained = self.drained(context, bytes: body?.readableBytes ?? 0, isLast: follows == .close)
        if let head { context.write(Self.wrapOutboundOut(.head(head)), promise: body == nil && !isEnd ? drained : nil) }
        if let body { context.write(Self.wrapOutboundOut(.body(.byteBuffer(body))), promise: isEnd ? nil : drained) }
        if isEnd { context.write(Self.wrapOutboundOut(.end(nil)), promise: drained) }
        context.flush()
        self.follow(follows, context)
        return true
    }

    /// Writes a whole answer, past NIO's encoder.
    ///
    /// - Returns: as ``write(_:_:isEnd:)``
    /// - Throws: as ``write(_:_:isEnd:)``
    func write(_ answer: WholeAnswer) throws -> Bool {
        guard let context, let exit, !self.isOutputOver else { throw ChannelError.ioOnClosedChannel }
        guard context.channel.isWritable else { return false }
        guard exit.upgrade.takesAnswers else { throw ChannelError.outputClosed }
        let follows = self.queue.answered(now: .now())
        let drained = self.drained(context, bytes: answer.count, isLast: follows == .close)
        exit.context.write(NIOAny(IOData.byteBuffer(answer.bytes)), promise: answer.rest == nil ? drained : nil)
        if let rest = answer.rest { exit.context.write(NIOAny(IOData.byteBuffer(rest)), promise: drained) }
        exit.context.flush()
        exit.upgrade.answered(isLast: answer.isLast)
        self.follow(follows, context)
        return true
    }

    private func follow(_ action: RequestQueue.AnsweredAction, _ context: ChannelHandlerContext) {
        switch action {
        case .doNothing: break
        case .rest: self.watchIdleness(context)
        case .close: self.close(context, .all)
        }
    }

    // MARK: The end of the output

    /// Told when the kernel has all of what is about to be written, if that is to be known.
    private func drained(_ context: ChannelHandlerContext, bytes: Int, isLast: Bool) -> EventLoopPromise<Void>? {
        guard self.drainage.begin(bytes: bytes, isLast: isLast) else { return nil }
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { _ in
            guard let mode = self.drainage.end() else { return }
            context.close(mode: mode, promise: nil)
        }
        return promise
    }

    /// Closes behind what has been written: what NIO still has of it would be lost. The client has to read it in time.
    private func close(_ context: ChannelHandlerContext, _ mode: CloseMode) {
        switch self.drainage.close(mode) {
        case .now: context.close(mode: mode, promise: nil)
        case .whenDrained:
            self.closeDeadline = context.eventLoop.assumeIsolated().scheduleTask(in: RequestQueue.idleTime) {
                context.close(promise: nil)
            }
        case .isAsked: break
        }
    }

    // MARK: Requests

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        let pipeline = context.pipeline.syncOperations
        // Without them the connection has ended, or never was one of requests.
        if let encoder = try? pipeline.context(handlerType: HTTPResponseEncoder.self),
            let upgrade = try? pipeline.handler(type: WebSocketUpgradeHandler.self)
        {
            self.exit = Exit(context: encoder, upgrade: upgrade)
        }
        self.watchIdleness(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.end()
        self.context = nil
        self.exit = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.queue.received(Self.unwrapInboundIn(data), now: .now())
    }

    /// What came at once is delivered at once.
    func channelReadComplete(context: ChannelHandlerContext) {
        self.deliver()
        context.fireChannelReadComplete()
    }

    private func deliver() {
        guard self.queue.isReady, let reader else { return }
        self.reader = nil
        self.next(reader)
    }

    func read(context: ChannelHandlerContext) {
        if self.queue.holdsReads {
            self.isReadHeld = true
        } else {
            context.read()
        }
    }

    private func releaseRead() {
        guard self.isReadHeld, !self.queue.holdsReads else { return }
        self.isReadHeld = false
        self.context?.read()
    }

    // MARK: The connection

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            if self.queue.quiesce() { self.close(context, .all) }
        case ChannelEvent.inputClosed:
            self.endInput(nil)
        case ChannelEvent.outputClosed:
            self.endOutput()
        default:
            break
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.endInput(error)
        context.fireErrorCaught(error)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { self.resumeWriter() }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.end()
        context.fireChannelInactive()
    }

    private func end() {
        self.idleCheck?.cancel()
        self.idleCheck = nil
        self.closeDeadline?.cancel()
        self.endInput(nil)
        self.endOutput()
    }

    private func endInput(_ error: (any Error)?) {
        self.queue.ended(by: error)
        // A later request has made a socket of the connection: nothing of HTTP is needed any more.
        if self.exit?.upgrade.takesAnswers == false { self.exit = nil }
        self.deliver()
        self.releaseRead()
    }

    private func endOutput() {
        self.isOutputOver = true
        self.resumeWriter()
    }

    private func resumeWriter() {
        let writer = self.writer
        self.writer = nil
        self.patience?.cancel()
        self.patience = nil
        writer?.resume()
    }

    // MARK: Idleness

    /// One timer at a time: it looks when it fires whether something has happened since.
    private func watchIdleness(_ context: ChannelHandlerContext) {
        guard self.idleCheck == nil else { return }
        self.idleCheck = context.eventLoop.assumeIsolated().scheduleTask(deadline: self.queue.idleUntil) {
            self.idleCheck = nil
            switch self.queue.checkIdle(now: .now()) {
            case .close: self.close(context, .all)
            case .wait: self.watchIdleness(context)
            case .doNothing: break
            }
        }
    }
}

@available(*, unavailable)
extension RequestHandler: Sendable {}
