import NIOCore
import NIOEmbedded
import Testing

@testable import WebSocket

/// A kernel with so much room, and what it took.
final class NarrowSocket {
    var room: Int
    var taken: [[UInt8]] = []
    /// What it says that the peer has not taken yet.
    var unsent = 0
    var timesWidened = 0

    init(room: Int) {
        self.room = room
    }

    /// In the kernel's place.
    var writer: DirectSend {
        DirectSend(
            descriptor: { _ in 7 },
            send: { buffer, _ in self.send(buffer) },
            unsent: { _ in self.unsent },
            widen: { _ in self.timesWidened += 1 }
        )
    }

    private func send(_ buffer: ByteBuffer) -> Int {
        let count = min(self.room, buffer.readableBytes)
        self.room -= count
        self.taken.append(Array(buffer.readableBytesView.prefix(count)))
        return count
    }
}

@Suite("Sending past NIO")
struct DirectSendTests {
    typealias C = ClientFrames

    static func open(room: Int) throws -> (TestServer, WebSocketConnection, NarrowSocket) {
        let server = try TestServer(sendsDirectly: true)
        let socket = NarrowSocket(room: .max)
        server.loop.directSend = socket.writer
        let connection = try server.open()
        socket.taken = []
        socket.room = room
        return (server, connection, socket)
    }

    /// With a gate that can hold back what NIO writes, as a full socket does.
    static func openBehindGate() throws -> (TestServer, WebSocketConnection, NarrowSocket, WriteGate) {
        let server = try TestServer(sendsDirectly: true)
        let gate = WriteGate()
        try server.channel.pipeline.syncOperations.addHandler(gate, position: .first)
        let socket = NarrowSocket(room: .max)
        server.loop.directSend = socket.writer
        let connection = try server.open()
        return (server, connection, socket, gate)
    }

    @Test("what the kernel takes never sees NIO: one send for one buffer, one send for several")
    func direct() throws {
        let (server, connection, socket) = try Self.open(room: .max)
        let frame = WebSocketFrame.text("event")
        connection.send(frames: frame)
        connection.flush()
        #expect(socket.taken == [Array(frame.readableBytesView)])
        connection.send(frames: frame)
        connection.send(frames: frame)
        connection.send(frames: frame)
        connection.flush()
        let one = Array(frame.readableBytesView)
        #expect(socket.taken == [one, one + one + one])
        #expect(connection.isWritable)
        #expect(try server.sent() == [])
        _ = try server.channel.finish(acceptAlreadyClosed: true)
    }

    @Test("frames may leave at once, past the queue; what the kernel does not take waits, in order")
    func atOnce() throws {
        let (server, connection, socket) = try Self.open(room: 10)
        let frame = WebSocketFrame.text("event")
        let bytes = Array(frame.readableBytesView)
        #expect(connection.sendAtOnce(frames: frame))
        #expect(socket.taken == [bytes])
        #expect(connection.sendAtOnce(frames: frame))
        #expect(socket.taken[1] == Array(bytes.prefix(3)))
        #expect(try server.sent() == Array(bytes.dropFirst(3)), "the rest is NIO's")
        _ = try server.channel.finish(acceptAlreadyClosed: true)
    }

    @Test("frames do not leave at once past others that are queued, past NIO's, or without a socket")
    func notAtOnce() throws {
        let frame = WebSocketFrame.text("event")
        let (server, connection, socket) = try Self.open(room: .max)
        connection.send(frames: frame)
        #expect(!connection.sendAtOnce(frames: frame))
        #expect(socket.taken == [])
        connection.close(code: 1000)
        #expect(!connection.sendAtOnce(frames: frame))
        _ = try server.channel.finish(acceptAlreadyClosed: true)
        let (gated, blocked, full, gate) = try Self.openBehindGate()
        gate.isClosed = true
        full.room = 0
        blocked.send(frames: frame)
        blocked.flush()
        #expect(!blocked.sendAtOnce(frames: frame))
        _ = try gated.channel.finish(acceptAlreadyClosed: true)
        let through = try TestServer()
        #expect(try !through.open().sendAtOnce(frames: frame))
        _ = try through.channel.finish(acceptAlreadyClosed: true)
    }

    @Test("a channel without a socket is written to through NIO")
    func noSocket() throws {
        let server = try TestServer(sendsDirectly: true)
        let connection = try server.open()
        connection.send(frames: WebSocketFrame.text("x"))
        connection.flush()
        #expect(try server.sent() == Array(WebSocketFrame.text("x").readableBytesView))
        _ = try server.channel.finish(acceptAlreadyClosed: true)
    }

    @Test("the 101 does not overtake an HTTP answer that NIO still holds; what comes after both does go past NIO")
    func behindHTTP() throws {
        let server = try TestServer(sendsDirectly: true)
        let gate = WriteGate()
        try server.channel.pipeline.syncOperations.addHandler(gate, position: .first)
        let socket = NarrowSocket(room: .max)
        server.loop.directSend = socket.writer
        gate.isClosed = true
        try server.receive("GET /a HTTP/1.1\r\nHost: x\r\n\r\n" + TestServer.request)
        #expect(socket.taken == [])
        #expect(String(decoding: gate.held, as: UTF8.self) == "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n" + TestServer.answer)
        gate.open()
        server.channel.embeddedEventLoop.run()
        let connection = try #require(server.outcome.connection)
        connection.send(frames: WebSocketFrame.text("x"))
        connection.flush()
        #expect(socket.taken == [Array(WebSocketFrame.text("x").readableBytesView)])
        _ = try server.channel.finish(acceptAlreadyClosed: true)
    }

    @Test("whatever the kernel does not take goes to NIO, every byte once and in order", arguments: 0...36)
    func shortSend(_ room: Int) throws {
        let (server, connection, socket) = try Self.open(room: room)
        let frames = ["first message", "2", "the third"].map { WebSocketFrame.text($0) }
        for frame in frames { connection.send(frames: frame) }
        connection.flush()
        let all = frames.flatMap { Array($0.readableBytesView) }
        #expect(try Array(socket.taken.joined()) + server.sent() == all)
        _ = try server.channel.finish(acceptAlreadyClosed: true)
    }

    @Test("while NIO holds bytes nothing overtakes them, and the owner waits until they are gone")
    func nothingOvertakes() throws {
        let (server, connection, socket, gate) = try Self.openBehindGate()
        socket.taken = []
        socket.room = 3
        gate.isClosed = true
        connection.send(frames: WebSocketFrame.text("first"))
        connection.flush()
        #expect(socket.taken.joined().count == 3)
        #expect(!connection.isWritable)
        socket.room = .max
        connection.send(frames: WebSocketFrame.text("second"))
        connection.flush()
        #expect(socket.taken.count == 1)
        #expect(server.outcome.recorder.log == [])
        server.outcome.recorder.onWritable = { $0.send(frames: WebSocketFrame.text("third")) }
        gate.open()
        server.channel.embeddedEventLoop.run()
        #expect(server.outcome.recorder.log == ["writable"])
        #expect(connection.isWritable)
        let third = Array(WebSocketFrame.text("third").readableBytesView)
        #expect(socket.taken.last == third)
        let before =
            Array(WebSocketFrame.text("first").readableBytesView) + Array(WebSocketFrame.text("second").readableBytesView)
        #expect(try Array(socket.taken.dropLast().joined()) + server.sent() == before)
        _ = try server.channel.finish(acceptAlreadyClosed: true)
    }

    @Test("a peer that does not read is not read from, until it reads again")
    func readsPause() throws {
        let (server, connection, socket, gate) = try Self.openBehindGate()
        socket.room = 0
        gate.isClosed = true
        connection.send(frames: WebSocketFrame.text("stuck"))
        connection.flush()
        let before = gate.reads
        server.channel.pipeline.read()
        server.channel.pipeline.read()
        #expect(gate.reads == before)
        gate.open()
        server.channel.embeddedEventLoop.run()
        #expect(gate.reads == before + 1)
        server.channel.pipeline.read()
        #expect(gate.reads == before + 2)
        _ = try server.channel.finish(acceptAlreadyClosed: true)
    }

    @Test("a peer that takes a little every 20 s lives on; one that takes nothing is closed with 4408, and could read it")
    func stall() throws {
        let (server, connection, socket, gate) = try Self.openBehindGate()
        (socket.room, socket.unsent) = (0, 1_000)
        gate.isClosed = true
        connection.send(frames: WebSocketFrame.text("stuck"))
        connection.flush()
        for _ in 0..<5 {
            server.advance(.seconds(15))
            socket.unsent -= 1
        }
        #expect(server.outcome.recorder.log == [])
        // It was heard of within the last 20 s, and is asked once more after the next 20 s.
        server.advance(.seconds(40))
        #expect(server.outcome.recorder.log == ["closed(4408)"])
        #expect(socket.timesWidened == 1)
        let close = Array(WebSocketFrame.close(code: 4408, reason: "nothing is read").readableBytesView)
        #expect(gate.held == Array(WebSocketFrame.text("stuck").readableBytesView) + close)
    }

    @Test("with TLS nothing goes past NIO, and what the kernel holds counts all the same")
    func stallBehindTLS() throws {
        let server = try TestServer(sendsDirectly: false)
        let socket = NarrowSocket(room: .max)
        server.loop.directSend = socket.writer
        let connection = try server.open()
        socket.unsent = 1_000
        server.channel.isWritable = false
        connection.send(frames: WebSocketFrame.text("stuck"))
        connection.flush()
        #expect(socket.taken.isEmpty)
        for _ in 0..<5 {
            server.advance(.seconds(15))
            socket.unsent -= 1
        }
        #expect(server.outcome.recorder.log == [])
        server.advance(.seconds(40))
        #expect(server.outcome.recorder.log == ["closed(4408)"])
        #expect(socket.timesWidened == 1)
    }

    @Test("what a peer owes while it does not read is due anew once it reads")
    func stallEnds() throws {
        let (server, connection, socket, gate) = try Self.openBehindGate()
        try server.receive(Array(C.text("half of it").prefix(9)))
        socket.room = 0
        gate.isClosed = true
        connection.send(frames: WebSocketFrame.text("stuck"))
        connection.flush()
        server.advance(.seconds(19))
        gate.open()
        server.channel.embeddedEventLoop.run()
        server.advance(.seconds(9))
        #expect(server.outcome.recorder.log == ["writable"])
        server.advance(.seconds(2))
        #expect(server.outcome.recorder.log == ["writable", "closed(4408)"])
    }

    @Test("a close while the peer does not read: its Close frame is behind everything, and the timeout cuts")
    func closeWhileStuck() throws {
        let (server, connection, socket, gate) = try Self.openBehindGate()
        socket.taken = []
        socket.room = 0
        gate.isClosed = true
        connection.send(frames: WebSocketFrame.text("stuck"))
        connection.flush()
        connection.close(code: 4408)
        #expect(socket.taken.joined().isEmpty)
        #expect(
            gate.held == Array(WebSocketFrame.text("stuck").readableBytesView)
                + Array(WebSocketFrame.close(code: 4408).readableBytesView)
        )
        server.advance(.seconds(6))
        #expect(!server.isActive)
        #expect(server.outcome.recorder.log == ["closed(1006)"])
    }
}

/// Holds writes back while closed, as a full socket does, and counts reads.
final class WriteGate: ChannelDuplexHandler {
    typealias InboundIn = Never
    typealias OutboundIn = ByteBuffer

    var isClosed = false
    private(set) var reads = 0
    private var writes: [(NIOAny, EventLoopPromise<Void>?)] = []
    private var context: ChannelHandlerContext?

    var held: [UInt8] { self.writes.flatMap { Array(Self.unwrapOutboundIn($0.0).readableBytesView) } }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if self.isClosed { self.writes.append((data, promise)) } else { context.write(data, promise: promise) }
    }

    func read(context: ChannelHandlerContext) {
        self.reads += 1
        context.read()
    }

    func open() {
        self.isClosed = false
        let writes = self.writes
        self.writes = []
        for (data, promise) in writes { self.context?.writeAndFlush(data, promise: promise) }
    }
}
