import Logging
public import NIOCore
import NIOHTTP1

/// The first handler of an accepted connection: looks at its first bytes, once.
///
/// If they are an opening handshake as every client writes it (``PlainRequest``), it is decided here, and a
/// ``WebSocketConnection`` takes this handler's place: an HTTP parser, an encoder and the machinery for pipelined requests, which
/// would be thrown away at once, are never made. That is half of what a socket's coming used to cost. Whatever else comes goes to
/// the handlers of HTTP, untouched.
public final class OpeningHandler: RemovableChannelHandler, WheelMember {
    private enum Stage {
        /// Nothing has come.
        case waiting
        /// The upgrader has the request; what came behind it is kept, one read's worth at most.
        case deciding(WebSocketHandshake.Request, early: ByteBuffer?)
        /// A refusal is out; the peer's end is awaited.
        case lingering
        /// The connection is another handler's, or gone.
        case left
    }

    private static let lingerTime = TimeAmount.seconds(2)

    var wheelPlace = LivenessWheel.Place()
    private let opening: Opening
    private let loop: WebSocketLoop
    private var stage = Stage.waiting
    private var isReadHeld = false
    private var deadline = NIODeadline.distantFuture
    private var context: ChannelHandlerContext?

    /// - Parameters:
    ///   - opening: What is common to all connections.
    ///   - loop: The channel's event loop's shared state.
    public init(_ opening: Opening, loop: WebSocketLoop) {
        self.opening = opening
        self.loop = loop
    }

    /// Out of time.
    func tick(now: NIODeadline) -> NIODeadline? {
        guard now >= self.deadline else { return self.deadline }
        if case .deciding = self.stage { return nil }
        self.context?.close(promise: nil)
        return nil
    }

    /// The server ends.
    func closeNow() {
        self.context?.close(promise: nil)
    }

    private func await(_ time: TimeAmount) {
        guard time > .zero else { return }
        self.deadline = self.loop.eventLoop.now + time
        self.loop.wheel.set(self, to: self.deadline)
    }

    private func leave(_ context: ChannelHandlerContext) {
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    /// Anything but a handshake: the handlers of HTTP see all of it.
    private func leaveToHTTP(_ context: ChannelHandlerContext, _ bytes: ByteBuffer) {
        let timeout = self.opening.handshakeTimeout
        let remaining = timeout > .zero ? max(.milliseconds(1), self.deadline - self.loop.eventLoop.now) : timeout
        do {
            try self.opening.addHTTP(context.channel, remaining)
        } catch {
            context.close(promise: nil)
            return
        }
        context.fireChannelRead(NIOAny(bytes))
        self.leave(context)
    }

    // MARK: The decision

    private func decide(_ request: WebSocketHandshake.Request, _ context: ChannelHandlerContext) {
        let decision = self.opening.upgrader.upgrade(request, channel: context.channel).hop(to: context.eventLoop)
        decision.assumeIsolated().whenComplete { result in
            guard case .deciding(let request, let early) = self.stage, let context = self.context else { return }
            switch result {
            case .success(.accept(let subprotocol, let headers, let configuration, let ready)):
                let accepted = AcceptedHandshake(
                    request,
                    subprotocol: subprotocol,
                    headers: headers,
                    configuration: configuration,
                    ready: ready
                )
                self.accept(context, accepted, early)
            case .success(.refuse(let status, let headers, let reason)):
                self.refuse(status, headers, reason, request.head, context)
            case .failure(let error):
                self.opening.logger?.debug("The upgrade failed", metadata: ["error": "\(error)"])
                self.refuse(.internalServerError, [:], "The upgrade failed", request.head, context)
            }
        }
    }

    private func accept(_ context: ChannelHandlerContext, _ accepted: AcceptedHandshake, _ early: ByteBuffer?) {
        let connection = accepted.connection(
            on: context.channel,
            loop: self.loop,
            sendsDirectly: self.opening.sendsDirectly,
            isLater: false
        )
        do {
            try context.pipeline.syncOperations.addHandler(connection)
        } catch {
            context.close(promise: nil)
            return
        }
        self.stage = .left
        accepted.open(connection, receiveBufferBytes: self.opening.receiveBufferBytes)
        if let early {
            context.fireChannelRead(NIOAny(early))
            context.fireChannelReadComplete()
        }
        self.releaseRead(context)
        self.leave(context)
    }

    private func refuse(
        _ status: HTTPResponseStatus,
        _ more: HTTPHeaders,
        _ reason: String,
        _ head: HTTPRequestHead,
        _ context: ChannelHandlerContext
    ) {
        self.opening.logger?.debug("A handshake was refused", metadata: ["status": "\(status.code)", "why": "\(reason)"])
        let (headers, body) = RefusedHandshake.answer(status, more, reason, head, self.opening.describe)
        self.stage = .lingering
        context.writeAndFlush(NIOAny(RefusedHandshake.encode(status, headers, body)), promise: nil)
        // Our half of TCP ends, the client's is waited for a little: a reset would take the answer with it.
        context.close(mode: .output, promise: nil)
        self.releaseRead(context)
        self.await(Self.lingerTime)
    }

    private func releaseRead(_ context: ChannelHandlerContext) {
        guard self.isReadHeld else { return }
        self.isReadHeld = false
        context.read()
    }
}

@available(*, unavailable)
extension OpeningHandler: Sendable {}

extension OpeningHandler: ChannelInboundHandler, ChannelOutboundHandler {
    /// Bytes.
    public typealias InboundIn = ByteBuffer
    /// Nothing is written through this handler.
    public typealias OutboundIn = Never

    /// Starts the handshake's time.
    public func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        self.await(self.opening.handshakeTimeout)
    }

    /// Nothing is pending any more.
    public func handlerRemoved(context: ChannelHandlerContext) {
        self.setLeft()
        self.context = nil
    }

    /// The first bytes, and what may follow them before the 101.
    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = Self.unwrapInboundIn(data)
        switch self.stage {
        case .waiting:
            guard let request = self.opening.handshake(in: &bytes) else { return self.leaveToHTTP(context, bytes) }
            self.stage = .deciding(request, early: bytes.readableBytes > 0 ? bytes : nil)
            self.decide(request, context)
        case .deciding(let request, var early):
            early.setOrWriteBuffer(&bytes)
            self.stage = .deciding(request, early: early)
        case .lingering, .left:
            break
        }
    }

    /// What is said too early stays with the kernel from the second read on.
    public func read(context: ChannelHandlerContext) {
        if case .deciding(_, early: .some) = self.stage {
            self.isReadHeld = true
        } else {
            context.read()
        }
    }

    /// Ends the connection at the client's FIN, and at the server's end while nothing was said.
    public func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch self.stage {
        case .waiting where self.opening.closesWaitingOn(event):
            context.close(promise: nil)
        case .left:
            break
        case .waiting, .deciding, .lingering:
            if case ChannelEvent.inputClosed? = event as? ChannelEvent { context.close(promise: nil) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// The connection is gone.
    public func channelInactive(context: ChannelHandlerContext) {
        self.setLeft()
        context.fireChannelInactive()
    }

    private func setLeft() {
        self.stage = .left
        self.loop.wheel.remove(self)
    }
}
