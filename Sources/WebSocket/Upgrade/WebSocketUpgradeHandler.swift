public import Logging
public import NIOCore
public import NIOHTTP1

/// The HTTP/1 side of the opening handshake.
///
/// Goes into the pipeline right behind the `HTTPResponseEncoder` and the `ByteToMessageHandler<HTTPRequestDecoder>` (with
/// `.forwardBytes`). Ordinary requests pass; a request for a WebSocket is taken, be it the connection's first or a later one,
/// which then waits for the answers before it. After the 101 it removes the two HTTP handlers and itself, and a
/// ``WebSocketConnection`` is what remains.
///
/// Whatever it refuses it answers with `Connection: close`: NIO's parser stops behind a request with an upgrade.
public final class WebSocketUpgradeHandler: ChannelDuplexHandler, RemovableChannelHandler {
    /// Requests; after the upgrade, bytes on their way to the connection.
    public typealias InboundIn = HTTPServerRequestPart
    /// Requests.
    public typealias InboundOut = HTTPServerRequestPart
    /// Responses to ordinary requests.
    public typealias OutboundIn = HTTPServerResponsePart
    /// Responses.
    public typealias OutboundOut = HTTPServerResponsePart

    private let upgrader: any WebSocketUpgrader
    private let loop: WebSocketLoop
    private let sendsDirectly: Bool
    private let handshakeTimeout: TimeAmount
    private let closesWaitingOn: (@Sendable (Any) -> Bool)?
    private let describe: RefusalDescription
    private let logger: Logger?
    private var context: ChannelHandlerContext?
    private var onFirstRequest: EventLoopPromise<FirstRequest>?
    private var machine = UpgradeStateMachine()
    private var deadline: Scheduled<Void>?
    private var isReadHeld = false
    private var isLater = false
    /// The answer that is being written said that it is the connection's last.
    private var isLastAnswer = false
    /// The request that asks for a WebSocket, until it is decided.
    private var claimed: HTTPRequestHead?

    /// - Parameters:
    ///   - upgrader: Decides.
    ///   - loop: The channel's event loop's shared state.
    ///   - sendsDirectly: Whether the socket is plain TCP with no handler before this one that changes bytes: then flushes
    ///     may go straight to the kernel. Never with TLS.
    ///   - handshakeTimeout: Until the head of the first request is complete, and all of a handshake; then the connection is closed.
    ///   - onFirstRequest: Fulfilled, never failed, as soon as it is known what the connection is. See ``FirstRequest``.
    ///   - closesWaitingOn: An inbound user event that closes the connection while no request has begun (a server's quiescing).
    ///   - describe: The headers and the body of a refusal; plain text by default.
    ///   - logger: For refused and failed handshakes, at debug.
    public init(
        upgrader: any WebSocketUpgrader,
        loop: WebSocketLoop,
        sendsDirectly: Bool,
        handshakeTimeout: TimeAmount = .seconds(10),
        onFirstRequest: EventLoopPromise<FirstRequest>? = nil,
        closesWaitingOn: (@Sendable (Any) -> Bool)? = nil,
        describe: @escaping RefusalDescription = { _, reason, _ in (["content-type": "text/plain; charset=utf-8"], reason) },
        logger: Logger? = nil
    ) {
        self.upgrader = upgrader
        self.loop = loop
        self.sendsDirectly = sendsDirectly
        self.handshakeTimeout = handshakeTimeout
        self.onFirstRequest = onFirstRequest
        self.closesWaitingOn = closesWaitingOn
        self.describe = describe
        self.logger = logger
    }

    /// Starts the handshake's time.
    public func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        self.startDeadline(context)
    }

    private func startDeadline(_ context: ChannelHandlerContext) {
        guard self.handshakeTimeout > .zero, self.deadline == nil else { return }
        self.deadline = context.eventLoop.assumeIsolated().scheduleTask(in: self.handshakeTimeout) {
            self.deadline = nil
            guard self.machine.isWaiting else { return }
            self.end(context)
        }
    }

    /// Out of the pipeline: nothing is pending.
    public func handlerRemoved(context: ChannelHandlerContext) {
        self.setClosed()
        self.context = nil
    }

    /// The connection is gone.
    public func channelInactive(context: ChannelHandlerContext) {
        if self.machine.owner != .webSocket { self.setClosed() }
        context.fireChannelInactive()
    }

    private func setClosed() {
        self.cancelDeadline()
        self.machine.closed()
        self.tell(.closed)
    }

    private func cancelDeadline() {
        self.deadline?.cancel()
        self.deadline = nil
    }

    private func tell(_ first: FirstRequest) {
        let promise = self.onFirstRequest
        self.onFirstRequest = nil
        promise?.succeed(first)
    }

    /// Closes TCP.
    private func end(_ context: ChannelHandlerContext) {
        self.machine.closed()
        self.tell(.closed)
        context.close(promise: nil)
    }

    // MARK: Requests

    /// Request parts; bytes behind the upgrade.
    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if self.machine.owner == .webSocket {
            context.fireChannelRead(data)
            return
        }
        switch Self.unwrapInboundIn(data) {
        case .head(let head):
            self.received(head, context)
        case .body:
            if self.machine.receivedBody() == .forward { context.fireChannelRead(data) }
        case .end:
            if !self.machine.isClosing { self.cancelDeadline() }
            self.perform(self.machine.receivedEnd(), context, data)
        }
    }

    private func received(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        switch self.machine.receivedHead(claim: self.claim(head)) {
        case .hold:
            // All of it is the handshake: a body that never comes must not hold the connection for ever.
            self.startDeadline(context)
            self.claimed = head
        case .ignore:
            break
        case .forward(let isFirst):
            self.cancelDeadline()
            self.isLater = true
            if isFirst { self.tell(.http) }
            var head = head
            if Self.stopsParser(head) {
                // The parser will deliver nothing after this request, so it must be the connection's last.
                head.headers.remove(name: "upgrade")
                head.headers.replaceOrAdd(name: "connection", value: "close")
            }
            context.fireChannelRead(Self.wrapInboundOut(.head(head)))
        }
    }

    private func claim(_ head: HTTPRequestHead) -> WebSocketHandshake.Validation? {
        guard head.method == .GET || WebSocketHandshake.asksForUpgrade(head), self.upgrader.claims(head) else { return nil }
        return WebSocketHandshake.Request.validate(head)
    }

    private static func stopsParser(_ head: HTTPRequestHead) -> Bool {
        head.method == .CONNECT
            || head.headers.contains(name: "upgrade")
                && head.headers[canonicalForm: "connection"].contains { $0.lowercased() == "upgrade" }
    }

    /// - Parameter data: what is forwarded, if it is that
    private func perform(_ action: UpgradeStateMachine.ClaimAction, _ context: ChannelHandlerContext, _ data: NIOAny? = nil) {
        switch action {
        case .doNothing: break
        case .forward: if let data { context.fireChannelRead(data) }
        case .decide(let request): self.decide(request, context)
        case .refuse(let refusal): self.refuse(refusal.status, refusal.headers, refusal.reason, context)
        case .linger(let isReading):
            self.claimed = nil
            self.linger(context, for: isReading ? Self.bodyPatience : Self.patience)
        }
    }

    // MARK: The decision

    private func decide(_ request: WebSocketHandshake.Request, _ context: ChannelHandlerContext) {
        let decision = self.upgrader.upgrade(request, channel: context.channel).hop(to: context.eventLoop)
        decision.assumeIsolated().whenComplete { result in
            switch result {
            case .success(.accept(let subprotocol, let headers, let configuration, let ready)):
                guard self.machine.decided(accepts: true) else { return }
                let accepted = AcceptedHandshake(
                    request,
                    subprotocol: subprotocol,
                    headers: headers,
                    configuration: configuration,
                    ready: ready
                )
                self.accept(context, accepted)
            case .success(.refuse(let status, let headers, let reason)):
                guard self.machine.decided(accepts: false) else { return }
                self.refuse(status, headers, reason, context)
            case .failure(let error):
                guard self.machine.decided(accepts: false) else { return }
                self.logger?.debug("The upgrade failed", metadata: ["error": "\(error)"])
                self.refuse(.internalServerError, [:], "The upgrade failed", context)
            }
        }
    }

    private func accept(_ context: ChannelHandlerContext, _ accepted: AcceptedHandshake) {
        let connection = accepted.connection(
            on: context.channel,
            loop: self.loop,
            sendsDirectly: self.sendsDirectly,
            isLater: self.isLater
        )
        let pipeline = context.pipeline.syncOperations
        do {
            let encoder = try pipeline.handler(type: HTTPResponseEncoder.self)
            pipeline.removeHandler(encoder, promise: nil)
            try pipeline.addHandler(connection, position: .after(self))
            if self.isLater {
                let shield = CloseShield()
                try pipeline.addHandler(shield, position: .after(connection))
                shield.endInput()
            }
        } catch {
            self.logger?.error("The pipeline is not as the handshake needs it", metadata: ["error": "\(error)"])
            self.end(context)
            return
        }
        self.claimed = nil
        accepted.open(connection)
        self.tell(.upgraded)
        self.leave(context)
    }

    /// Takes the decoder out, which hands on what the client sent behind its request, then this handler itself.
    private func leave(_ context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        guard let decoder = try? pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self) else { return }
        let removed = context.eventLoop.makePromise(of: Void.self)
        pipeline.removeHandler(decoder, promise: removed)
        removed.futureResult.assumeIsolated().whenComplete { _ in
            context.fireChannelReadComplete()
            self.releaseRead(context)
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        }
    }

    private func refuse(
        _ status: HTTPResponseStatus,
        _ more: HTTPHeaders,
        _ reason: String,
        _ context: ChannelHandlerContext
    ) {
        self.logger?.debug("A handshake was refused", metadata: ["status": "\(status.code)", "why": "\(reason)"])
        self.tell(.closed)
        let (headers, body) = RefusedHandshake.answer(status, more, reason, self.claimed, self.describe)
        self.claimed = nil
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        context.write(Self.wrapOutboundOut(.head(head)), promise: nil)
        context.write(Self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
        self.linger(context, for: Self.patience)
    }

    /// How long a client has to hang up behind its last answer …
    private static let patience = TimeAmount.seconds(2)
    /// … and if it is still sending a body: many look for an answer only behind that.
    private static let bodyPatience = TimeAmount.seconds(10)

    /// Ends our half of TCP and waits a little for the client's: a reset would take the answer with it.
    private func linger(_ context: ChannelHandlerContext, for time: TimeAmount) {
        context.close(mode: .output, promise: nil)
        self.releaseRead(context)
        self.cancelDeadline()
        self.deadline = context.eventLoop.assumeIsolated().scheduleTask(in: time) {
            self.deadline = nil
            context.close(promise: nil)
        }
    }

    // MARK: The other directions

    /// Responses to ordinary requests; the end of one may be what an upgrade waits for.
    public func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard self.machine.owner != .webSocket else {
            context.write(data, promise: promise)
            return
        }
        let part = Self.unwrapOutboundIn(data)
        guard !self.machine.isClosing else {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        context.write(data, promise: promise)
        if case .head(let head) = part {
            self.isLastAnswer = head.headers[canonicalForm: "connection"].contains { $0.lowercased() == "close" }
        }
        if case .end = part { self.answered(isLast: self.isLastAnswer) }
    }

    /// Whether answers to ordinary requests are still written.
    public var takesAnswers: Bool { self.machine.owner != .webSocket && !self.machine.isClosing }

    /// An answer to an ordinary request has been written. Whoever writes one past this handler, as bytes, calls this right behind it,
    /// on the event loop.
    ///
    /// - Parameter isLast: whether it said that it is the connection's last
    public func answered(isLast: Bool) {
        guard let context else { return }
        let action = self.machine.wroteResponseEnd(isLast: isLast)
        if case .doNothing = action { return }
        context.flush()
        self.perform(action, context)
    }

    /// Behind the last answer nobody but this handler ends more of the connection: the client may still be reading it.
    public func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if self.machine.isClosing, context.channel.isActive {
            promise?.succeed(())
        } else {
            context.close(mode: mode, promise: promise)
        }
    }

    /// Reads wait while a handshake is being decided.
    public func read(context: ChannelHandlerContext) {
        if self.machine.holdsReads {
            self.isReadHeld = true
        } else {
            context.read()
        }
    }

    private func releaseRead(_ context: ChannelHandlerContext) {
        guard self.isReadHeld else { return }
        self.isReadHeld = false
        context.read()
    }

    /// Ends the connection at the client's FIN while it is nobody's; passes everything else on.
    public func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if self.machine.owner == .nobody {
            if case ChannelEvent.inputClosed? = event as? ChannelEvent {
                self.end(context)
            } else if self.machine.isWaiting, self.closesWaitingOn?(event) == true {
                self.end(context)
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// A request that is none is answered 400 (431 for headers over the limit), behind the answers to those before it.
    public func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let parserError = error as? HTTPParserError else {
            context.fireErrorCaught(error)
            return
        }
        let isTooLong = parserError == .headerOverflow
        let refusal = WebSocketHandshake.Refusal(
            status: isTooLong ? .requestHeaderFieldsTooLarge : .badRequest,
            headers: [:],
            reason: isTooLong ? "The headers are too long" : "This is not HTTP/1.1"
        )
        switch self.machine.failed(refusal) {
        case .forward: context.fireErrorCaught(error)
        case .wait: break
        case .close: self.end(context)
        case .answer: self.refuse(refusal.status, refusal.headers, refusal.reason, context)
        }
    }
}

@available(*, unavailable)
extension WebSocketUpgradeHandler: Sendable {}
