import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import WebSocket

@Suite("A connection's first bytes")
struct OpeningHandlerTests {
    typealias C = ClientFrames

    @Test("a plain handshake is answered without any handler of HTTP")
    func plain() throws {
        let server = try TestServer(looksFirst: true)
        try server.receive(TestServer.request)
        #expect(try server.sentText() == TestServer.answer)
        #expect(server.outcome.first == nil)
        let pipeline = server.channel.pipeline.syncOperations
        #expect(throws: (any Error).self) { try pipeline.handler(type: HTTPResponseEncoder.self) }
        #expect(throws: (any Error).self) { try pipeline.handler(type: OpeningHandler.self) }
        try server.receive(C.text("hello"))
        #expect(server.outcome.recorder.log == ["text(hello)"])
        #expect(server.loop.connectionCount == 1)
        _ = try server.channel.finish(acceptAlreadyClosed: true)
        #expect(server.loop.connectionCount == 0)
    }

    @Test(
        "what does not come in one piece, or is no plain handshake, is HTTP's, with the same outcome",
        arguments: [1, 4, 60, 140]
    )
    func inPieces(_ size: Int) throws {
        let server = try TestServer(looksFirst: true)
        let bytes = Array(TestServer.request.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            try server.receive(Array(bytes[start..<min(bytes.count, start + size)]))
        }
        #expect(try server.sentText() == TestServer.answer)
        #expect(server.outcome.first == .upgraded)
        try server.receive(C.text("hello"))
        #expect(server.outcome.recorder.log == ["text(hello)"])
        _ = try server.channel.finish(acceptAlreadyClosed: true)
    }

    @Test("ordinary requests pass to HTTP, pipelined ones too, and a later one may be the handshake")
    func ordinary() throws {
        let server = try TestServer(looksFirst: true)
        let post = "POST /api HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
        try server.receive(Array((post + TestServer.request).utf8) + C.text("early"))
        #expect(server.http.log == ["POST /api keep", "body 3", "end", "inputClosed"])
        #expect(try server.sentText() == "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n" + TestServer.answer)
        #expect(server.outcome.recorder.log == ["text(early)"])
        _ = try server.channel.finish(acceptAlreadyClosed: true)
    }

    @Test("what is no proper handshake is answered as HTTP answers it", arguments: UpgradeHandlerTests.notHandshakes)
    func notAHandshake(_ line: (String, String, String)) throws {
        let server = try TestServer(looksFirst: true)
        try server.receive(line.1)
        #expect(try server.sentText().hasPrefix("HTTP/1.1 \(line.2) "))
        #expect(!server.isActive)
        #expect(server.outcome.connection == nil)
    }

    @Test("an upgrade for a path of nobody is an ordinary request, and the connection's last")
    func notClaimed() throws {
        let server = try TestServer(looksFirst: true)
        try server.receive(TestServer.request.replacing("GET /ws", with: "GET /nowhere"))
        #expect(server.http.log == ["GET /nowhere close", "end"])
        _ = try server.channel.finish(acceptAlreadyClosed: true)
    }

    @Test("a decision may take its time; what the client says meanwhile is kept, and no more than that is read")
    func slowDecision() throws {
        let outcome = Outcome()
        let decision = HeldDecision()
        let server = try TestServer(looksFirst: true, decide: decision.decide)
        let counter = ReadCounter()
        try server.channel.pipeline.syncOperations.addHandler(counter, position: .first)
        try server.receive(TestServer.request)
        server.channel.read()
        #expect(counter.reads == 1)
        try server.receive(C.text("early"))
        server.channel.read()
        #expect(counter.reads == 1, "the second read waits for the decision")
        #expect(try server.sent() == [])
        decision.succeed(TestServer.accept(outcome))
        server.channel.embeddedEventLoop.run()
        #expect(try server.sentText() == TestServer.answer)
        #expect(outcome.recorder.log == ["text(early)"])
        #expect(counter.reads == 2)
        _ = try server.channel.finish(acceptAlreadyClosed: true)
    }

    @Test("a client that leaves while it is being decided gets no connection")
    func leavesWhileDeciding() throws {
        let outcome = Outcome()
        let decision = HeldDecision()
        let server = try TestServer(looksFirst: true, decide: decision.decide)
        try server.receive(TestServer.request)
        server.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        server.channel.embeddedEventLoop.run()
        #expect(!server.isActive)
        decision.succeed(TestServer.accept(outcome))
        #expect(outcome.connection == nil)
        #expect(server.loop.connectionCount == 0)
    }

    @Test("a handshake that is being decided when its loop is cut ends with it")
    func cutWhileDeciding() throws {
        let outcome = Outcome()
        let decision = HeldDecision()
        let server = try TestServer(looksFirst: true, decide: decision.decide)
        try server.receive(TestServer.request)
        #expect(server.isActive)
        server.loop.cut()
        server.channel.embeddedEventLoop.run()
        #expect(!server.isActive)
        decision.succeed(TestServer.accept(outcome))
        #expect(outcome.connection == nil)
    }

    @Test(
        "a refusal, and a decision that fails, are answered with what HTTP would answer, byte by byte",
        arguments: [true, false]
    )
    func refused(_ fails: Bool) throws {
        let decide: @Sendable (WebSocketHandshake.Request, any Channel) -> EventLoopFuture<WebSocketUpgradeDecision> = {
            fails
                ? $1.eventLoop.makeFailedFuture(WebSocketError(.malformedHeader, "test"))
                : $1.eventLoop.makeSucceededFuture(
                    .refuse(status: .tooManyRequests, headers: ["retry-after": "5"], reason: "slow down")
                )
        }
        let direct = try TestServer(looksFirst: true, decide: decide)
        let throughHTTP = try TestServer(decide: decide)
        try direct.receive(TestServer.request)
        try throughHTTP.receive(TestServer.request)
        let answer = try direct.sentText()
        #expect(answer == (try throughHTTP.sentText()))
        #expect(answer.hasPrefix(fails ? "HTTP/1.1 500 Internal Server Error\r\n" : "HTTP/1.1 429 Too Many Requests\r\n"))
        #expect(!direct.isActive)
    }

    @Test("a connection that says nothing, or not all of its request, ends in time")
    func timeout() throws {
        let silent = try TestServer(looksFirst: true)
        silent.advance(.seconds(9))
        #expect(silent.isActive)
        silent.advance(.milliseconds(1_200))
        #expect(!silent.isActive)
        let slow = try TestServer(looksFirst: true)
        slow.advance(.seconds(6))
        try slow.receive("GET /ws HT")
        slow.advance(.seconds(3))
        #expect(slow.isActive)
        slow.advance(.milliseconds(1_200))
        #expect(!slow.isActive, "the time runs from the connection's beginning, whoever reads")
    }

    @Test("a FIN or a quiescing event before anything was said ends the connection")
    func endsWhileWaiting() throws {
        for event in [ChannelEvent.inputClosed, "quiesce"] as [any Sendable] {
            let server = try TestServer(looksFirst: true)
            server.channel.pipeline.fireUserInboundEventTriggered(event)
            server.channel.embeddedEventLoop.run()
            #expect(!server.isActive)
        }
    }

    @Test("nothing is leaked: handler, connection and owner go with the channel")
    func noLeak() throws {
        weak var weakConnection: WebSocketConnection?
        weak var weakLoop: WebSocketLoop?
        weak var weakHandler: OpeningHandler?
        func live() throws {
            let server = try TestServer(looksFirst: true)
            weakHandler = try server.channel.pipeline.syncOperations.handler(type: OpeningHandler.self)
            weakConnection = try server.open()
            weakLoop = server.loop
            try server.receive(C.close(1000))
            #expect(server.loop.connectionCount == 0)
            _ = try server.channel.finish(acceptAlreadyClosed: true)
            server.advance(.seconds(1))
        }
        try live()
        #expect(weakHandler == nil)
        #expect(weakConnection == nil)
        #expect(weakLoop == nil)
    }
}

/// Counts how often the socket was to be read.
private final class ReadCounter: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    var reads = 0

    func read(context: ChannelHandlerContext) {
        self.reads += 1
        context.read()
    }
}
