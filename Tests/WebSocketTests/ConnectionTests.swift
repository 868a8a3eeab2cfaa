import NIOCore
import NIOEmbedded
import Testing

@testable import WebSocket

@Suite("An open connection")
struct ConnectionTests {
    typealias C = ClientFrames

    static func bytes(_ frames: ByteBuffer...) -> [UInt8] { frames.flatMap { Array($0.readableBytesView) } }

    @Test("pings are answered, messages delivered, answers leave after the read")
    func echo() throws {
        let server = try TestServer()
        _ = try server.open()
        server.outcome.recorder.onText = { connection, text in connection.send(text: text) }
        try server.receive(C.text("a") + C.ping("p") + C.text("b"))
        #expect(
            try server.sent()
                == Self.bytes(WebSocketFrame.text("a"), WebSocketFrame.pong(ByteBuffer(string: "p")), WebSocketFrame.text("b"))
        )
        _ = try server.channel.finish(acceptAlreadyClosed: true)
    }

    @Test("nothing leaves before flush, everything after")
    func flush() throws {
        let server = try TestServer()
        let connection = try server.open()
        let shared = WebSocketFrame.text("shared")
        connection.send(frames: shared)
        connection.send(text: ByteBuffer(string: "own"))
        connection.send(frames: shared)
        #expect(try server.sent() == [])
        connection.flush()
        #expect(try server.sent() == Self.bytes(shared, WebSocketFrame.text("own"), shared))
        connection.flush()
        #expect(try server.sent() == [])
        _ = try server.channel.finish(acceptAlreadyClosed: true)
    }

    @Test("the peer's close is echoed, then TCP ends; its bytes behind it are nobody's")
    func peerCloses() throws {
        let server = try TestServer()
        let connection = try server.open()
        try server.receive(C.close(4001, Array("bye".utf8)) + C.text("late"))
        #expect(try server.sent() == Self.bytes(WebSocketFrame.close(code: 4001)))
        #expect(server.outcome.recorder.log == ["closed(4001)"])
        #expect(!connection.isOpen && !connection.isWritable)
        #expect(!server.isActive)
    }

    @Test("a close without a code is echoed without one and told as 1005")
    func peerClosesWithoutCode() throws {
        let server = try TestServer()
        _ = try server.open()
        try server.receive(C.close())
        #expect(try server.sent() == [0x88, 0x00])
        #expect(server.outcome.recorder.log == ["closed(1005)"])
    }

    @Test("a violation is answered with its code, then TCP ends")
    func violation() throws {
        let server = try TestServer()
        _ = try server.open()
        try server.receive(C.frame(0x82, [1]))
        #expect(try server.sent().prefix(4) == [0x88, 0x0B, 0x03, 0xEB])
        #expect(server.outcome.recorder.log == ["closed(1003)"])
        #expect(!server.isActive)
    }

    @Test("our close: Close frame, nothing behind it, the peer's answer ends it")
    func weClose() throws {
        let server = try TestServer()
        let connection = try server.open()
        connection.send(text: ByteBuffer(string: "last"))
        connection.close(code: 1012, reason: "250")
        connection.close(code: 1000)
        connection.send(text: ByteBuffer(string: "never"))
        connection.send(frames: WebSocketFrame.text("never"))
        connection.flush()
        #expect(try server.sent() == Self.bytes(WebSocketFrame.text("last"), WebSocketFrame.close(code: 1012, reason: "250")))
        try server.receive(C.text("crossing") + C.ping())
        #expect(try server.sent() == [])
        #expect(server.outcome.recorder.log == [])
        #expect(server.isActive)
        try server.receive(C.close(1012))
        #expect(server.outcome.recorder.log == ["closed(1012)"])
        #expect(!server.isActive)
    }

    @Test("a peer that does not answer our close is cut after the close timeout")
    func closeTimeout() throws {
        let server = try TestServer()
        let connection = try server.open()
        connection.close(code: 1000)
        server.advance(.milliseconds(4_900))
        #expect(server.isActive)
        server.advance(.milliseconds(300))
        #expect(!server.isActive)
        #expect(server.outcome.recorder.log == ["closed(1006)"])
    }

    @Test("an owner may close from within a delivery; what came behind is not delivered")
    func closesWithinDelivery() throws {
        let server = try TestServer()
        _ = try server.open()
        server.outcome.recorder.onText = { connection, _ in connection.close(code: 4429) }
        try server.receive(C.text("one") + C.text("two") + C.close(4429))
        #expect(server.outcome.recorder.log == ["text(one)", "closed(4429)"])
        #expect(try server.sent() == Self.bytes(WebSocketFrame.close(code: 4429)))
    }

    @Test("an owner that cuts from within a delivery hears of it once, and of nothing else")
    func cutsWithinDelivery() throws {
        let server = try TestServer()
        _ = try server.open()
        server.outcome.recorder.onText = { connection, _ in connection.closeNow() }
        try server.receive(C.text("one") + C.text("two"))
        #expect(server.outcome.recorder.log == ["text(one)", "closed(1006)"])
    }

    @Test("a FIN, an error, and an end of the channel are 1006, once", arguments: 0..<3)
    func abnormal(_ how: Int) throws {
        let server = try TestServer()
        _ = try server.open()
        switch how {
        case 0: server.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        case 1: server.channel.pipeline.fireErrorCaught(IOError(errnoCode: 104, reason: "read"))
        default: server.channel.close(promise: nil)
        }
        server.channel.embeddedEventLoop.run()
        #expect(!server.isActive)
        #expect(server.outcome.recorder.log == ["closed(1006)"])
        #expect(server.loop.connectionCount == 0)
    }

    @Test("silence is answered with a ping after 25 s, and its silence with 4408 after 10 s more")
    func liveness() throws {
        let server = try TestServer()
        _ = try server.open()
        server.advance(.milliseconds(24_900))
        #expect(try server.sent() == [])
        server.advance(.milliseconds(300))
        #expect(try server.sent() == [0x89, 0x00])
        server.advance(.milliseconds(9_700))
        #expect(try server.sent() == [])
        server.advance(.milliseconds(500))
        #expect(try server.sent() == Self.bytes(WebSocketFrame.close(code: 4408, reason: "no pong")))
        #expect(server.outcome.recorder.log == ["closed(4408)"])
    }

    @Test("a peer that is being sent events has twice the time: its pong may stand behind them", arguments: [true, false])
    func livenessUnderEvents(_ sentBeforePing: Bool) throws {
        let server = try TestServer()
        let connection = try server.open()
        let event = WebSocketFrame.text("event")
        func send() throws {
            connection.send(frames: event)
            connection.flush()
            #expect(try server.sent() == Self.bytes(event))
        }
        if sentBeforePing { try send() }
        server.advance(.milliseconds(25_200))
        #expect(try server.sent() == [0x89, 0x00])
        if !sentBeforePing { try send() }
        server.advance(.milliseconds(19_600))
        #expect(try server.sent() == [])
        server.advance(.milliseconds(500))
        #expect(try server.sent() == Self.bytes(WebSocketFrame.close(code: 4408, reason: "no pong")))
    }

    @Test("a pong, or anything else, keeps the socket for the next 25 s", arguments: [C.pong(), C.text("x")])
    func pong(_ sign: [UInt8]) throws {
        let server = try TestServer()
        _ = try server.open()
        for _ in 0..<3 {
            server.advance(.milliseconds(25_200))
            #expect(try server.sent() == [0x89, 0x00])
            try server.receive(sign)
        }
        server.advance(.seconds(20))
        #expect(try server.sent() == [])
        #expect(server.isActive)
        _ = try server.channel.finish(acceptAlreadyClosed: true)
    }

    @Test("traffic puts the ping off")
    func trafficPutsPingOff() throws {
        let server = try TestServer()
        _ = try server.open()
        for _ in 0..<10 {
            server.advance(.seconds(20))
            try server.receive(C.text("x"))
        }
        #expect(try server.sent() == [])
        _ = try server.channel.finish(acceptAlreadyClosed: true)
    }

    @Test("a message that trickles in too slowly ends with 4408, however lively it trickles")
    func messageTimeout() throws {
        let server = try TestServer()
        _ = try server.open()
        try server.receive(C.text("whole"))
        for byte in C.text("slow message")[..<11] {
            try server.receive([byte])
            server.advance(.milliseconds(900))
        }
        #expect(try server.sent() == [])
        server.advance(.milliseconds(300))
        #expect(try server.sent() == Self.bytes(WebSocketFrame.close(code: 4408, reason: "message too slow")))
        #expect(server.outcome.recorder.log == ["text(whole)", "closed(4408)"])
    }

    @Test("the time of a message starts with its own first byte, not with the message before it")
    func messageTimeIsPerMessage() throws {
        let server = try TestServer()
        _ = try server.open()
        for _ in 0..<5 {
            try server.receive(Array(C.text("message").prefix(5)))
            server.advance(.seconds(6))
            try server.receive(Array(C.text("message").dropFirst(5)) + C.text("message").prefix(5))
            server.advance(.seconds(6))
            try server.receive(Array(C.text("message").dropFirst(5)))
        }
        #expect(server.outcome.recorder.log == [String](repeating: "text(message)", count: 10))
        _ = try server.channel.finish(acceptAlreadyClosed: true)
    }

    @Test("own messages are compressed where it was negotiated and pays")
    func deflate() throws {
        let server = try TestServer()
        let offer = "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=8\r\n\r\n"
        try server.receive(TestServer.request.dropLast() + offer)
        _ = try server.sent()
        let connection = try #require(server.outcome.connection)
        #expect(!connection.acceptsSharedDeflate)
        connection.send(text: ByteBuffer(string: "short"))
        connection.flush()
        #expect(try server.sent() == Self.bytes(WebSocketFrame.text("short")))
        // Longer than a window of 8 bits: zlib can't promise to keep within it.
        let long = ByteBuffer(string: String(repeating: "довго ", count: 100))
        connection.send(text: long)
        connection.flush()
        #expect(try server.sent() == Self.bytes(WebSocketFrame.text(long)))
        _ = try server.channel.finish(acceptAlreadyClosed: true)

        let other = try TestServer()
        try other.receive(
            TestServer.request.dropLast() + "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9\r\n\r\n"
        )
        _ = try other.sent()
        other.outcome.connection?.send(text: long)
        other.outcome.connection?.flush()
        let sent = try other.sent()
        #expect(sent.first == 0xC1)
        #expect(sent.count < 100)
        var inflater = Inflater()
        let back = try inflater.inflate(ByteBuffer(bytes: sent.dropFirst(2)), limit: 65_536)
        #expect(back == long)
        _ = try other.channel.finish(acceptAlreadyClosed: true)
    }

    @Test("thousands of connections stand in one wheel, and leave it one by one in any order")
    func wheel() throws {
        let server = try TestServer()
        let eventLoop = server.channel.embeddedEventLoop
        let wheel = server.loop.wheel
        var connections = (0..<2_000).map { _ in
            WebSocketConnection(
                channel: server.channel,
                loop: server.loop,
                configuration: .init(),
                deflate: nil,
                sendsDirectly: false,
                isLater: false
            )
        }
        var random = SeededRandom(seed: 3)
        for connection in connections {
            wheel.set(connection, to: eventLoop.now + .milliseconds(Int64.random(in: 0...90_000, using: &random)))
        }
        connections.shuffle(using: &random)
        for (index, connection) in connections.enumerated() {
            if index % 3 == 0 { wheel.set(connection, to: eventLoop.now + .seconds(1)) }
            if index % 2 == 0 { wheel.remove(connection) }
        }
        #expect(wheel.count == 1_000)
        eventLoop.advanceTime(by: .seconds(120))  // far beyond the wheel's circumference
        #expect(wheel.count == 1_000)
        for connection in connections { wheel.remove(connection) }
        #expect(wheel.count == 0)
        _ = try server.channel.finish(acceptAlreadyClosed: true)
    }
}
