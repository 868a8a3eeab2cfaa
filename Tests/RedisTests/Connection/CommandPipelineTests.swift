import Logging
import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import Redis

@Suite struct CommandPipelineTests {
    @Test func `commands of one tick leave in one write, and replies come back to their callers`() throws {
        let peer = try CommandPeer()
        let replies = [peer.call(["GET", "a"]), peer.call(["GET", "b"])]
        peer.tick()
        #expect(try peer.written() == ["*2\r\n$3\r\nGET\r\n$1\r\na\r\n*2\r\n$3\r\nGET\r\n$1\r\nb\r\n"])
        try peer.reply("$1\r\n1\r\n-ERR")
        #expect(replies.map(\.text) == ["1", nil])
        try peer.reply(" no\r\n")
        #expect(replies.map(\.text) == ["1", "serverError: ERR no"])
    }

    @Test func `a late reply closes the connection and fails all that wait`() throws {
        let peer = try CommandPeer()
        let first = peer.call(["GET", "a"])
        peer.advance(.milliseconds(1500))
        let second = peer.call(["GET", "b"])
        peer.advance(.milliseconds(499))
        #expect(first.text == nil)
        peer.advance(.milliseconds(1))
        #expect(first.code == .timeout)
        #expect(second.code == .connectionLost)
        #expect(!peer.channel.isActive)
        #expect(!peer.isConnected)
        #expect(peer.call(["GET", "c"]).code == .notConnected)
    }

    @Test func `each call has the whole time, however busy the connection is`() throws {
        let peer = try CommandPeer()
        for _ in 0..<10 {
            let reply = peer.call(["GET", "a"])
            peer.advance(.milliseconds(1900))
            try peer.reply("+x\r\n")
            #expect(reply.text == "x")
        }
        #expect(peer.isConnected)
    }

    @Test(arguments: ["hello\r\n", "%1\r\n", ":1\r\n:2\r\n", "*-7\r\n", "\u{0}\u{1}\u{2}"])
    func `garbage and unasked replies close the connection`(bytes: String) throws {
        let peer = try CommandPeer()
        let reply = peer.call(["GET", "a"])
        peer.tick()
        try peer.reply(bytes)
        #expect(reply.text == "1" || reply.code == .protocolError)
        #expect(!peer.channel.isActive)
        #expect(peer.lastError?.code == .protocolError)
    }

    @Test func `a server that closes fails what waits`() throws {
        let peer = try CommandPeer()
        let reply = peer.call(["GET", "a"])
        peer.tick()
        peer.channel.pipeline.fireChannelInactive()
        #expect(reply.code == .connectionLost)
        #expect(!peer.isConnected)
    }

    @Test func `a read-only server is left`() throws {
        let peer = try CommandPeer()
        let refused = peer.call(["SET", "a", "1"])
        let other = peer.call(["GET", "a"])
        peer.tick()
        try peer.reply("-READONLY You can't write against a read only replica.\r\n")
        #expect(refused.code == .readOnly)
        #expect(other.code == .connectionLost)
        #expect(!peer.channel.isActive)
    }

    @Test func `an idle connection sends PING and is closed when nothing answers`() throws {
        let peer = try CommandPeer()
        peer.advance(.milliseconds(9_999))
        #expect(try peer.written() == [])
        peer.advance(.milliseconds(1))
        #expect(try peer.written() == ["*1\r\n$4\r\nPING\r\n"])
        try peer.reply("+PONG\r\n")
        peer.advance(.seconds(10))
        #expect(try peer.written() == ["*1\r\n$4\r\nPING\r\n"])
        peer.advance(.seconds(2))
        #expect(peer.lastError?.code == .timeout)
        #expect(!peer.isConnected)
    }

    @Test func `publishes are taken from the queue in order, and those without an answer count as dropped`() throws {
        let peer = try CommandPeer()
        peer.publish("one")
        peer.publish("two")
        peer.pipeline.drainPublishes()
        peer.tick()
        let publish = "*3\r\n$7\r\nPUBLISH\r\n$1\r\nc\r\n$3\r\n"
        #expect(try peer.written() == ["\(publish)one\r\n\(publish)two\r\n"])
        try peer.reply(":0\r\n")
        peer.channel.pipeline.fireChannelInactive()
        #expect(peer.state.values.withLock { $0.publishes.dropped } == 1)
        peer.publish("three")
        #expect(peer.state.values.withLock { $0.publishes.dropped } == 2)
    }

    @Test func `the end of the service waits for replies and for what was published`() throws {
        let peer = try CommandPeer()
        let reply = peer.call(["GET", "a"])
        peer.publish("last")
        peer.pipeline.shutDown()
        peer.tick()
        #expect(try peer.written().joined().contains("last"))
        #expect(peer.call(["GET", "b"]).code == .notConnected)
        try peer.reply("+1\r\n")
        #expect(reply.text == "1")
        #expect(peer.channel.isActive)
        try peer.reply(":0\r\n")
        #expect(!peer.channel.isActive)
    }

    @Test func `a server that accepts and says nothing is given up after the connect timeout`() throws {
        let peer = try CommandPeer(isAnswering: false)
        peer.advance(.milliseconds(1999))
        #expect(peer.channel.isActive)
        peer.advance(.milliseconds(1))
        #expect(!peer.channel.isActive)
        #expect(peer.lastError?.code == .timeout)
    }

    @Test func `a server that greets with an error is not used`() throws {
        let peer = try CommandPeer(isAnswering: false)
        peer.tick()
        try peer.reply("-LOADING Redis is loading the dataset in memory\r\n")
        #expect(!peer.isConnected)
        #expect(peer.lastError?.code == .loading)
    }
}

/// A pipeline on an embedded channel, and Redis played by the test.
private final class CommandPeer {
    let channel = EmbeddedChannel()
    let state: ClientState
    let pipeline: CommandPipeline

    init(isAnswering: Bool = true) throws {
        let configuration = RedisConfiguration(host: "127.0.0.1")
        self.state = ClientState(configuration: configuration)
        self.pipeline = CommandPipeline(
            configuration: configuration,
            eventLoop: self.channel.embeddedEventLoop,
            state: self.state,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        let handler = RESPHandler(configuration: configuration, owner: self.pipeline)
        try self.channel.pipeline.syncOperations.addHandler(handler)
        try self.channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 6379)).wait()
        self.tick()
        #expect(try self.written() == ["*1\r\n$4\r\nPING\r\n"])
        if isAnswering {
            try self.reply("+PONG\r\n")
            #expect(self.isConnected)
        }
    }

    var isConnected: Bool { self.state.values.withLock { $0.isConnected } }
    var lastError: RedisError? { self.state.values.withLock { $0.lastError } }

    func call(_ command: [RedisArgument]) -> ReplyBox {
        let box = ReplyBox()
        do {
            self.pipeline.submit(try RESPCommand.encode(command)) { box.set($0) }
        } catch {
            Issue.record(error)
        }
        return box
    }

    func publish(_ text: String) {
        do {
            let command = try RESPCommand.encode(["PUBLISH", "c", .string(text)])
            self.state.values.withLock { _ = $0.publishes.append(command) }
        } catch {
            Issue.record(error)
        }
    }

    func reply(_ text: String) throws {
        try self.channel.writeInbound(ByteBuffer(string: text))
        self.tick()
    }

    func tick() { self.channel.embeddedEventLoop.run() }
    func advance(_ time: TimeAmount) { self.channel.embeddedEventLoop.advanceTime(by: time) }

    func written() throws -> [String] {
        var writes: [String] = []
        while let write = try self.channel.readOutbound(as: ByteBuffer.self) {
            writes.append(String(buffer: write))
        }
        return writes
    }
}

private final class ReplyBox: Sendable {
    private let result = Mutex<Result<RESPValue, RedisError>?>(nil)

    func set(_ result: Result<RESPValue, RedisError>) {
        self.result.withLock { current in
            #expect(current == nil, "completed twice")
            current = result
        }
    }

    var text: String? {
        switch self.result.withLock({ $0 }) {
        case nil: nil
        case .success(let value): value.string ?? value.int.map(String.init) ?? "\(value)"
        case .failure(let error): "\(error)"
        }
    }

    var code: RedisError.Code? {
        guard case .failure(let error) = self.result.withLock({ $0 }) else { return nil }
        return error.code
    }
}
