import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import WebSocket

@Suite("From HTTP to WebSocket, in a pipeline")
struct UpgradeHandlerTests {
    typealias C = ClientFrames

    @Test("the first request may be the handshake: 101, HTTP handlers gone, nothing of HTTP was added")
    func first() throws {
        let server = try TestServer()
        try server.receive(TestServer.request)
        #expect(try server.sentText() == TestServer.answer)
        #expect(server.outcome.first == .upgraded)
        #expect(server.http.log == [])
        let pipeline = server.channel.pipeline.syncOperations
        #expect(throws: (any Error).self) { try pipeline.handler(type: HTTPResponseEncoder.self) }
        #expect(throws: (any Error).self) { try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self) }
        #expect(throws: (any Error).self) { try pipeline.handler(type: WebSocketUpgradeHandler.self) }
        #expect(throws: (any Error).self) { try pipeline.handler(type: CloseShield.self) }
        try server.receive(C.text("hello"))
        #expect(server.outcome.recorder.log == ["text(hello)"])
        _ = try server.channel.finish(acceptAlreadyClosed: true)
    }

    @Test("the handshake may come byte by byte")
    func byteByByte() throws {
        let server = try TestServer()
        for byte in TestServer.request.utf8 { try server.receive([byte]) }
        #expect(try server.sentText() == TestServer.answer)
        _ = try server.channel.finish(acceptAlreadyClosed: true)
    }

    @Test("what the client says right behind its request is not lost")
    func pipelined() throws {
        let server = try TestServer()
        server.outcome.recorder.onText = { connection, text in connection.send(text: text) }
        try server.receive(Array(TestServer.request.utf8) + C.text("early") + C.text("bird").prefix(3))
        try server.receive(Array(C.text("bird").dropFirst(3)))
        #expect(server.outcome.recorder.log == ["text(early)", "text(bird)"])
        let frames = Array(WebSocketFrame.text("early").readableBytesView) + Array(WebSocketFrame.text("bird").readableBytesView)
        #expect(try server.sent() == Array(TestServer.answer.utf8) + frames)
        _ = try server.channel.finish(acceptAlreadyClosed: true)
    }

    @Test("what the owner sends before the 101 leaves in the same write, right behind it")
    func sentInReady() throws {
        let server = try TestServer(ready: { $0.send(text: ByteBuffer(string: "welcome")) })
        try server.receive(TestServer.request)
        #expect(try server.sent() == Array(TestServer.answer.utf8) + Array(WebSocketFrame.text("welcome").readableBytesView))
        _ = try server.channel.finish(acceptAlreadyClosed: true)
    }

    @Test("an owner may close at once: 101, Close frame, end")
    func closedInReady() throws {
        let server = try TestServer(ready: { $0.close(code: 4401, reason: "expired") })
        try server.receive(TestServer.request)
        let close = Array(WebSocketFrame.close(code: 4401, reason: "expired").readableBytesView)
        #expect(try server.sent() == Array(TestServer.answer.utf8) + close)
        try server.receive(C.close(4401))
        #expect(server.outcome.recorder.log == ["closed(4401)"])
        #expect(!server.isActive)
    }

    @Test("an owner may cut at once, and hears of it")
    func cutInReady() throws {
        let server = try TestServer(ready: { $0.closeNow() })
        try server.receive(TestServer.request)
        #expect(server.outcome.recorder.log == ["closed(1006)"])
        #expect(!server.isActive)
    }

    @Test("subprotocol, extension and headers are in the 101")
    func answerHeaders() throws {
        let outcome = Outcome()
        let server = try TestServer(decide: { _, channel in
            channel.eventLoop.makeSucceededFuture(
                TestServer.accept(outcome, subprotocol: "adelante.v1", headers: ["x-node": "a"])
            )
        })
        let offers = "Sec-WebSocket-Protocol: other, adelante.v1\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
        try server.receive(TestServer.request.dropLast() + offers)
        let answer = try server.sentText()
        #expect(answer.contains("\r\nsec-websocket-protocol: adelante.v1\r\n"))
        #expect(
            answer.contains(
                "\r\nsec-websocket-extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n"
            )
        )
        #expect(answer.contains("\r\nx-node: a\r\n"))
        #expect(outcome.connection?.acceptsSharedDeflate == true)
        _ = try server.channel.finish(acceptAlreadyClosed: true)
    }

    @Test("a later request may be the handshake; what the HTTP side does at its end does not reach the socket")
    func later() throws {
        let server = try TestServer()
        try server.receive("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try server.sentText() == "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        try server.receive(Array(TestServer.request.utf8) + C.text("early"))
        #expect(try server.sentText() == TestServer.answer)
        #expect(server.http.log == ["GET /a keep", "end", "inputClosed"])
        #expect(server.isActive)
        server.http.answer()
        server.channel.close(promise: nil)
        server.channel.pipeline.fireUserInboundEventTriggered(7)
        #expect(try server.sent() == [])
        #expect(server.isActive)
        try server.receive(C.text("late"))
        #expect(server.outcome.recorder.log == ["text(early)", "text(late)"])
        try server.receive(C.close(1000))
        #expect(try server.sent() == Array(WebSocketFrame.close(code: 1000).readableBytesView))
        #expect(!server.isActive)
        #expect(server.http.log.last == "inactive")
    }

    @Test("an upgrade waits for the answers to the requests before it", arguments: [false, true])
    func waitsForAnswers(inBytes: Bool) throws {
        let server = try TestServer()
        server.http.answersAtOnce = false
        server.http.answersInBytes = inBytes
        let ordinary = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
        try server.receive(ordinary + ordinary + TestServer.request)
        #expect(try server.sent() == [])
        server.http.answer()
        #expect(try server.sentText() == "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        #expect(server.outcome.connection == nil)
        server.http.answer()
        server.channel.embeddedEventLoop.run()
        #expect(try server.sentText() == "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n" + TestServer.answer)
        #expect(server.outcome.connection != nil)
        _ = try server.channel.finish(acceptAlreadyClosed: true)
    }

    @Test("a decision may take its time; early bytes wait, and the socket is not read meanwhile")
    func slowDecision() throws {
        let outcome = Outcome()
        let decision = HeldDecision()
        let server = try TestServer(decide: decision.decide)
        try server.receive(Array(TestServer.request.utf8) + C.text("early"))
        #expect(try server.sent() == [])
        decision.succeed(TestServer.accept(outcome))
        server.channel.embeddedEventLoop.run()
        #expect(try server.sentText() == TestServer.answer)
        #expect(outcome.recorder.log == ["text(early)"])
        _ = try server.channel.finish(acceptAlreadyClosed: true)
    }

    @Test("a client that leaves while it is being decided gets no connection")
    func leavesWhileDeciding() throws {
        let outcome = Outcome()
        let decision = HeldDecision()
        let server = try TestServer(decide: decision.decide)
        try server.receive(TestServer.request)
        server.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        server.channel.embeddedEventLoop.run()
        #expect(!server.isActive)
        decision.succeed(TestServer.accept(outcome))
        #expect(outcome.connection == nil)
        #expect(server.outcome.first == .closed)
    }

    @Test("a refusal is answered with its status and headers, then the connection ends")
    func refused() throws {
        let server = try TestServer(decide: { _, channel in
            channel.eventLoop.makeSucceededFuture(
                .refuse(status: .tooManyRequests, headers: ["retry-after": "5"], reason: "slow down")
            )
        })
        try server.receive(TestServer.request)
        #expect(
            try server.sentText()
                == "HTTP/1.1 429 Too Many Requests\r\ncontent-type: text/plain; charset=utf-8\r\nretry-after: 5\r\n"
                + "content-length: 9\r\nconnection: close\r\n\r\nslow down"
        )
        #expect(server.outcome.first == .closed)
        #expect(!server.isActive)
    }

    @Test(
        "a handshake whose body never comes is cut off in time, as the first request and as a later one",
        arguments: [false, true]
    )
    func endlessHandshake(_ isLater: Bool) throws {
        let server = try TestServer()
        if isLater { try server.receive("GET /a HTTP/1.1\r\nHost: x\r\n\r\n") }
        try server.receive("GET /ws HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n")
        server.advance(.seconds(9))
        #expect(server.isActive)
        server.advance(.seconds(2))
        #expect(!server.isActive)
    }

    @Test("a failed decision is answered 500")
    func failedDecision() throws {
        let server = try TestServer(decide: { _, channel in
            channel.eventLoop.makeFailedFuture(WebSocketError(.malformedHeader, "test"))
        })
        try server.receive(TestServer.request)
        #expect(try server.sentText().hasPrefix("HTTP/1.1 500 "))
        #expect(!server.isActive)
    }

    static let notHandshakes: [(String, String, String)] = [
        ("a plain GET", "GET /ws HTTP/1.1\r\nHost: x\r\n\r\n", "426"),
        ("another version", TestServer.request.replacing("Version: 13", with: "Version: 12"), "426"),
        ("no key", TestServer.request.replacing("Sec-WebSocket-Key", with: "X"), "400"),
        ("POST", TestServer.request.replacing("GET /ws", with: "POST /ws"), "405"),
        ("a body", TestServer.request.dropLast() + "Content-Length: 1\r\n\r\nx", "400"),
    ]

    @Test("what is no proper handshake is answered so", arguments: notHandshakes)
    func notAHandshake(_ line: (String, String, String)) throws {
        let server = try TestServer()
        try server.receive(line.1)
        let answer = try server.sentText()
        #expect(answer.hasPrefix("HTTP/1.1 \(line.2) "))
        if line.2 == "426" {
            #expect(answer.contains("\r\nsec-websocket-version: 13\r\n"))
            #expect(answer.contains("\r\nupgrade: websocket\r\n"))
        }
        #expect(!server.isActive)
        #expect(server.outcome.connection == nil)
    }

    @Test("a request head that takes too long ends the connection; one that came in time does not")
    func handshakeTimeout() throws {
        let slow = try TestServer()
        for byte in TestServer.request.utf8.prefix(9) {
            try slow.receive([byte])
            slow.advance(.seconds(1))
        }
        #expect(slow.isActive)
        slow.advance(.seconds(1))
        #expect(!slow.isActive)
        #expect(slow.outcome.first == .closed)
        let ordinary = try TestServer()
        try ordinary.receive("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n")
        ordinary.advance(.seconds(60))
        #expect(ordinary.isActive)
        _ = try ordinary.channel.finish(acceptAlreadyClosed: true)
    }

    @Test("nothing is leaked: handler, connection and owner go with the channel")
    func noLeak() throws {
        weak var weakConnection: WebSocketConnection?
        weak var weakRecorder: Recorder?
        weak var weakLoop: WebSocketLoop?
        func live() throws {
            let server = try TestServer()
            let connection = try server.open()
            weakConnection = connection
            weakRecorder = server.outcome.recorder
            weakLoop = server.loop
            try server.receive(C.text("x"))
            #expect(server.loop.connectionCount == 1)
            try server.receive(C.close(1000))
            #expect(server.outcome.recorder.log == ["text(x)", "closed(1000)"])
            #expect(server.loop.connectionCount == 0)
            _ = try server.channel.finish(acceptAlreadyClosed: true)
            server.advance(.seconds(1))
        }
        try live()
        #expect(weakConnection == nil)
        #expect(weakRecorder == nil)
        #expect(weakLoop == nil)
    }
}
