import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import Redis

@Suite struct SubscriptionCoreTests {
    @Test func `channels and the probe channel are subscribed in one command, then messages flow`() throws {
        let peer = SubscriptionPeer()
        peer.core.subscribe("a")
        try peer.connect()
        #expect(try peer.written() == ["SUBSCRIBE a probe"])
        try peer.confirm("subscribe", "a")
        #expect(peer.state.current == .connecting)
        try peer.confirm("subscribe", "probe")
        try peer.push("a", "hello")
        try peer.push("other", "not wanted")
        #expect(peer.events == ["subscribed a", "allSubscribed", "a: hello"])
        #expect(peer.state.current == .hearing)
    }

    @Test func `a loss is told once, and everything wanted comes back on the next connection`() throws {
        let peer = SubscriptionPeer()
        try peer.connect(answering: true)
        peer.core.subscribe("a")
        peer.core.subscribe("b")
        peer.tick()
        #expect(try peer.written() == ["SUBSCRIBE a b"])
        try peer.confirm("subscribe", "a")
        peer.lose()
        #expect(peer.state.current == .disconnected)
        peer.core.unsubscribe("a")
        peer.core.subscribe("c")
        peer.events = []
        try peer.connect()
        #expect(try peer.written() == ["SUBSCRIBE b c probe"])
        for channel in ["b", "c", "probe"] {
            try peer.confirm("subscribe", channel)
        }
        #expect(peer.events == ["subscribed b", "subscribed c", "allSubscribed"])
    }

    @Test func `a connection that ends before its handshake is no loss`() throws {
        let peer = SubscriptionPeer()
        try peer.open()
        peer.lose()
        #expect(peer.events == [])
    }

    @Test func `no message is delivered after unsubscribe, confirmed or not`() throws {
        let peer = SubscriptionPeer()
        try peer.connect(answering: true)
        peer.core.subscribe("a")
        peer.tick()
        try peer.confirm("subscribe", "a")
        peer.core.unsubscribe("a")
        peer.events = []
        try peer.push("a", "too late")
        #expect(peer.events == [])
    }

    @Test func `a subscription that is not confirmed in time ends the connection`() throws {
        let peer = SubscriptionPeer()
        try peer.connect(answering: true)
        peer.core.subscribe("a")
        peer.core.subscribe("b")
        peer.tick()
        peer.advance(.milliseconds(1500))
        try peer.confirm("subscribe", "a")
        peer.advance(.milliseconds(1999))
        #expect(peer.channel.isActive)
        peer.advance(.milliseconds(1))
        #expect(!peer.channel.isActive)
        #expect(peer.state.lastError?.code == .timeout)
        #expect(peer.events.last == "disconnected")
    }

    @Test func `after a silence a nonce is published, and hearing it is enough`() throws {
        let peer = SubscriptionPeer()
        try peer.connect(answering: true)
        peer.advance(.seconds(29))
        #expect(peer.nonces.isEmpty)
        peer.advance(.seconds(1))
        let nonce = try #require(peer.nonces.first)
        peer.advance(.seconds(1))
        #expect(peer.state.current == .suspect)
        try peer.push("probe", nonce)
        #expect(peer.state.current == .hearing)
        peer.advance(.seconds(29))
        #expect(peer.nonces.count == 1)
        peer.advance(.seconds(1))
        #expect(peer.nonces.count == 2)
        #expect(Set(peer.nonces).count == 2)
        #expect(!peer.events.contains { $0.contains("probe") || $0.contains(nonce) })
    }

    @Test func `a connection that hears others but not its nonce is deaf`() throws {
        let peer = SubscriptionPeer()
        try peer.connect(answering: true)
        peer.core.subscribe("a")
        peer.tick()
        try peer.confirm("subscribe", "a")
        peer.core.probe()
        for _ in 0..<5 {
            try peer.push("a", "still here")
            peer.advance(.milliseconds(999))
        }
        #expect(peer.channel.isActive)
        peer.advance(.milliseconds(5))
        #expect(!peer.channel.isActive)
        #expect(peer.events.last == "disconnected")
        #expect(peer.state.lastError?.code == .timeout)
    }

    @Test func `when the probe can't be published, PING tells whether the connection lives`() throws {
        let peer = SubscriptionPeer()
        try peer.connect(answering: true)
        peer.publishFails = true
        peer.core.probe()
        peer.tick()
        let nonce = try #require(peer.nonces.first)
        #expect(try peer.written() == ["PING \(nonce)"])
        try peer.receive("*2\r\n$4\r\npong\r\n$\(nonce.utf8.count)\r\n\(nonce)\r\n")
        peer.advance(.seconds(5))
        #expect(peer.state.current == .hearing)
        #expect(peer.channel.isActive)
    }

    @Test(arguments: [
        "+OK\r\n", ":1\r\n", "$-1\r\n", "*0\r\n", "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n:1\r\n", "*1\r\n$7\r\nmessage\r\n",
        "garbage\r\n",
        "*3\r\n$9\r\nsubscribe\r\n$1\r\nz\r\n:1\r\n", "*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:0\r\n", "*3\r\n*0\r\n:1\r\n:1\r\n",
    ])
    func `what does not belong on this connection closes it`(wire: String) throws {
        let peer = SubscriptionPeer()
        try peer.connect(answering: true)
        try peer.receive(wire)
        #expect(!peer.channel.isActive)
        #expect(peer.state.lastError?.code == .protocolError)
        #expect(peer.events.last == "disconnected")
    }

    @Test func `a channel the user may not have is told as such`() throws {
        let peer = SubscriptionPeer()
        try peer.connect()
        try peer.receive("-NOPERM this user has no permissions to access one of the channels\r\n")
        #expect(peer.state.lastError?.code == .noPermission)
        #expect(!peer.channel.isActive)
    }
}

/// A subscription core, embedded channels one after the other, and Redis played by the test.
private final class SubscriptionPeer: RedisSubscriptionDelegate {
    private let loop = EmbeddedEventLoop()
    private(set) var channel: EmbeddedChannel
    let state = SubscriberStateBox()
    private(set) var core: SubscriptionCore
    var events: [String] = []
    private(set) var nonces: [String] = []
    var publishFails = false
    private let configuration = RedisConfiguration(host: "127.0.0.1")

    init() {
        self.channel = EmbeddedChannel(loop: self.loop)
        let probes = Probes()
        self.core = SubscriptionCore(
            configuration: self.configuration,
            eventLoop: self.loop,
            probe: RedisProbe(channel: "probe"),
            publishNonce: { probes.publish($0, $1) },
            state: self.state,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        probes.publish = { [unowned self] nonce, failed in
            self.nonces.append(nonce)
            if self.publishFails {
                failed(RedisError(.notConnected, "Not connected"))
            }
        }
        self.core.delegate = self
    }

    private final class Probes {
        var publish: (String, @escaping @Sendable (RedisError) -> Void) -> Void = { _, _ in }
    }

    func open() throws {
        self.channel = EmbeddedChannel(loop: self.loop)
        let handler = RESPHandler(configuration: self.configuration, owner: self.core)
        try self.channel.pipeline.syncOperations.addHandler(handler)
        try self.channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 6379)).wait()
        self.tick()
        #expect(try self.written() == ["PING"])
    }

    func connect(answering: Bool = false) throws {
        try self.open()
        try self.receive("+PONG\r\n")
        if answering {
            #expect(try self.written() == ["SUBSCRIBE probe"])
            try self.confirm("subscribe", "probe")
            #expect(self.events.last == "allSubscribed")
        }
    }

    func receive(_ wire: String) throws {
        try self.channel.writeInbound(ByteBuffer(string: wire))
        self.tick()
    }

    func confirm(_ kind: String, _ channel: String) throws {
        try self.receive("*3\r\n$\(kind.utf8.count)\r\n\(kind)\r\n$\(channel.utf8.count)\r\n\(channel)\r\n:1\r\n")
    }

    func push(_ channel: String, _ text: String) throws {
        let message = "*3\r\n$7\r\nmessage\r\n$\(channel.utf8.count)\r\n\(channel)\r\n$\(text.utf8.count)\r\n\(text)\r\n"
        try self.receive(message)
    }

    func lose() {
        self.channel.pipeline.fireChannelInactive()
        self.tick()
    }

    func tick() { self.loop.run() }
    func advance(_ time: TimeAmount) { self.loop.advanceTime(by: time) }

    /// The commands written, as words.
    func written() throws -> [String] {
        var commands: [String] = []
        while let write = try self.channel.readOutbound(as: ByteBuffer.self) {
            var reader = RESPReader(limits: RESPLimits())
            try reader.feed(write)
            while let command = try reader.next() {
                commands.append((command.elements ?? []).compactMap(\.string).joined(separator: " "))
            }
        }
        return commands
    }

    func message(channel: String, payload: ByteBuffer) { self.events.append("\(channel): \(String(buffer: payload))") }
    func subscribed(channel: String) { self.events.append("subscribed \(channel)") }
    func allSubscribed() { self.events.append("allSubscribed") }
    func disconnected() { self.events.append("disconnected") }
}
