import NIOCore
import NIOEmbedded
import NIOHTTP1

@testable import WebSocket

/// Remembers what a connection told it; answers as a test wishes.
final class Recorder: WebSocketDelegate {
    var log: [String] = []
    var onText: ((WebSocketConnection, ByteBuffer) -> Void)?
    var onWritable: ((WebSocketConnection) -> Void)?
    var onClosed: ((WebSocketConnection) -> Void)?

    func connection(_ connection: WebSocketConnection, received text: ByteBuffer) {
        self.log.append("text(\(String(buffer: text)))")
        self.onText?(connection, text)
    }

    func connection(_ connection: WebSocketConnection, receivedBinary binary: ByteBuffer) {
        self.log.append("binary(\(binary.readableBytes))")
    }

    func connectionBecameWritable(_ connection: WebSocketConnection) {
        self.log.append("writable")
        self.onWritable?(connection)
    }

    func connectionClosed(_ connection: WebSocketConnection, code: UInt16) {
        self.log.append("closed(\(code))")
        self.onClosed?(connection)
    }
}

/// What a test gets hold of: the owner and the connection, once there is one. Confined to the test's thread.
final class Outcome: @unchecked Sendable {  // EmbeddedChannel runs everything on the thread that calls it
    let recorder = Recorder()
    weak var connection: WebSocketConnection?
    var first: FirstRequest?
    var claimed: [String] = []
}

/// Claims `/ws` and decides as told.
struct TestUpgrader: WebSocketUpgrader {
    let outcome: Outcome
    let decide: @Sendable (WebSocketHandshake.Request, any Channel) -> EventLoopFuture<WebSocketUpgradeDecision>

    func claims(_ head: HTTPRequestHead) -> Bool {
        self.outcome.claimed.append(head.uri)
        return head.uri == "/ws"
    }

    func upgrade(_ request: WebSocketHandshake.Request, channel: any Channel) -> EventLoopFuture<WebSocketUpgradeDecision> {
        self.decide(request, channel)
    }
}

/// A decision that a test makes when it likes.
struct HeldDecision: Sendable {
    private let promise = NIOLoopBoundBox<EventLoopPromise<WebSocketUpgradeDecision>?>(nil, eventLoop: EmbeddedEventLoop())

    @Sendable
    func decide(_: WebSocketHandshake.Request, _ channel: any Channel) -> EventLoopFuture<WebSocketUpgradeDecision> {
        let promise = channel.eventLoop.makePromise(of: WebSocketUpgradeDecision.self)
        self.promise.value = promise
        return promise.futureResult
    }

    func succeed(_ decision: WebSocketUpgradeDecision) {
        self.promise.value?.succeed(decision)
    }
}

/// Stands for the HTTP server behind the upgrade handler, and for what closes the channel at its end.
final class TestHTTPServer: ChannelInboundHandler, @unchecked Sendable {  // confined to the test's thread
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    var log: [String] = []
    var answersAtOnce = true
    /// Writes its answers past the upgrade handler, and tells it.
    var answersInBytes = false
    private var context: ChannelHandlerContext?

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case .head(let head): self.log.append("\(head.method) \(head.uri) \(head.isKeepAlive ? "keep" : "close")")
        case .body(let body): self.log.append("body \(body.readableBytes)")
        case .end:
            self.log.append("end")
            if self.answersAtOnce { self.answer() }
        }
    }

    func answer(isLast: Bool = false) {
        guard let context = self.context else { return }
        guard !self.answersInBytes else { return self.answerInBytes(context, isLast: isLast) }
        var head = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["content-length": "0"])
        if isLast { head.headers.add(name: "connection", value: "close") }
        context.write(Self.wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
    }

    private func answerInBytes(_ context: ChannelHandlerContext, isLast: Bool) {
        let pipeline = context.pipeline.syncOperations
        guard let upgrade = try? pipeline.handler(type: WebSocketUpgradeHandler.self), upgrade.takesAnswers,
            let encoder = try? pipeline.context(handlerType: HTTPResponseEncoder.self)
        else { return }
        let answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\(isLast ? "connection: close\r\n" : "")\r\n"
        encoder.writeAndFlush(NIOAny(IOData.byteBuffer(ByteBuffer(string: answer))), promise: nil)
        upgrade.answered(isLast: isLast)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent {
            self.log.append("inputClosed")
            context.close(mode: .output, promise: nil)
            context.close(promise: nil)
        } else {
            self.log.append("event")
        }
    }

    func channelInactive(context: ChannelHandlerContext) { self.log.append("inactive") }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { self.log.append("error") }
}

/// An embedded channel with the pipeline as a server sets it up.
struct TestServer {
    static let request =
        "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    static let answer =
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
        + "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"

    let channel: EmbeddedChannel
    let loop: WebSocketLoop
    let outcome = Outcome()
    let http = TestHTTPServer()

    /// - Parameter looksFirst: an ``OpeningHandler`` has the first bytes, as with a server; else HTTP has all of them.
    init(
        configuration: WebSocketConfiguration = .init(),
        sendsDirectly: Bool = false,
        looksFirst: Bool = false,
        ready: (@Sendable (WebSocketConnection) -> Void)? = nil,
        decide: (@Sendable (WebSocketHandshake.Request, any Channel) -> EventLoopFuture<WebSocketUpgradeDecision>)? = nil
    ) throws {
        let channel = EmbeddedChannel()
        self.channel = channel
        self.loop = WebSocketLoop(eventLoop: channel.eventLoop)
        let outcome = self.outcome
        let http = self.http
        let accept: @Sendable (WebSocketHandshake.Request, any Channel) -> EventLoopFuture<WebSocketUpgradeDecision> = {
            _,
            channel in
            channel.eventLoop.makeSucceededFuture(Self.accept(outcome, configuration, ready))
        }
        let first = channel.eventLoop.makePromise(of: FirstRequest.self)
        first.futureResult.whenSuccess { kind in
            outcome.first = kind
            if kind == .http { try? channel.pipeline.syncOperations.addHandler(http) }
        }
        let loop = self.loop
        let upgrader = TestUpgrader(outcome: outcome, decide: decide ?? accept)
        let addHTTP = { (channel: any Channel, remaining: TimeAmount) in
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(HTTPResponseEncoder())
            try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes)))
            try pipeline.addHandler(
                WebSocketUpgradeHandler(
                    upgrader: upgrader,
                    loop: loop,
                    sendsDirectly: sendsDirectly,
                    handshakeTimeout: remaining,
                    onFirstRequest: first,
                    closesWaitingOn: { $0 is String }
                )
            )
        }
        if looksFirst {
            let bound = NIOLoopBound(addHTTP, eventLoop: channel.eventLoop)
            let opening = Opening(
                upgrader: upgrader,
                sendsDirectly: sendsDirectly,
                handshakeTimeout: .seconds(10),
                maximumHeaderBytes: 16_384,
                maximumHeaderFields: 100,
                closesWaitingOn: { $0 is String },
                describe: { _, reason, _ in (["content-type": "text/plain; charset=utf-8"], reason) },
                addHTTP: { try bound.value($0, $1) }
            )
            try channel.pipeline.syncOperations.addHandler(OpeningHandler(opening, loop: loop))
        } else {
            try addHTTP(channel, .seconds(10))
        }
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    static func accept(
        _ outcome: Outcome,
        _ configuration: WebSocketConfiguration = .init(),
        _ ready: (@Sendable (WebSocketConnection) -> Void)? = nil,
        subprotocol: String? = nil,
        headers: HTTPHeaders = [:]
    ) -> WebSocketUpgradeDecision {
        .accept(subprotocol: subprotocol, headers: headers, configuration: configuration) { connection in
            outcome.connection = connection
            ready?(connection)
            return outcome.recorder
        }
    }

    func receive(_ string: String) throws { try self.receive(Array(string.utf8)) }

    func receive(_ bytes: [UInt8]) throws {
        try self.channel.writeInbound(ByteBuffer(bytes: bytes))
        self.channel.embeddedEventLoop.run()
    }

    /// Everything that was sent and not looked at, as one.
    func sent() throws -> [UInt8] {
        var all: [UInt8] = []
        while let buffer = try self.channel.readOutbound(as: ByteBuffer.self) { all += Array(buffer.readableBytesView) }
        return all
    }

    func sentText() throws -> String { String(decoding: try self.sent(), as: UTF8.self) }

    /// Opens the socket and throws away the 101.
    func open() throws -> WebSocketConnection {
        try self.receive(Self.request)
        _ = try self.sent()
        guard let connection = self.outcome.connection else { throw WebSocketError(.malformedHeader, "no connection") }
        return connection
    }

    var isActive: Bool { self.channel.isActive }
    func advance(_ time: TimeAmount) { self.channel.embeddedEventLoop.advanceTime(by: time) }
}
