import Logging
import NIOCore
import NIOPosix
import Support
import Synchronization
import Testing

@testable import Redis

/// Passwords, ACL users and TLS.
@Suite struct AccessTests {
    @Test func `a password lets in, a wrong one or none is told apart, and no log shows it`() async throws {
        let server = try PrivateRedis(password: "hunter2/№%")
        let client = try RedisClient.test(server.url)
        try await client.running { try await client.send(["PING"]).isExpected("PONG") }

        let place = "\(client.configuration.host):\(client.configuration.port)/0"
        let log = Log()
        for (url, code) in [
            ("redis://:wrong-hunter2@\(place)", RedisError.Code.authenticationFailed),
            ("redis://nobody:hunter2@\(place)", .authenticationFailed),
            ("redis://\(place)", .authenticationRequired),
        ] {
            let refused = RedisClient(
                configuration: try RedisConfiguration(url: url),
                eventLoop: loops.next(),
                logger: Logger(label: "test", factory: { _ in log })
            )
            let run = Task { try await refused.run() }
            try await eventually("\(code)") { refused.lastError?.code == code }
            let error = await #expect(throws: RedisError.self) { try await refused.send(["PING"]) }
            #expect(error?.code == .notConnected)
            #expect(error.map { "\($0)".contains("\(code)") } == true)
            #expect(error.map { "\($0)".contains("hunter2") } == false)
            try await eventually("logged") { log.text.contains("\(code)") }
            run.cancel()
            try await run.value
        }
        #expect(!log.text.contains("hunter2"))
        try server.remove()
    }

    @Test func `an ACL user may what its rules say`() async throws {
        let server = try PrivateRedis()
        let admin = try RedisClient.test(server.url)
        try await admin.running {
            let rules: [RedisArgument] = ["on", ">пароль:1", "~desk:*", "&events:*", "&probe", "+@all"]
            try await admin.send(["ACL", "SETUSER", "desk"] + rules).isExpected("OK")
        }
        let configuration = try RedisConfiguration(
            url: "redis://desk:%D0%BF%D0%B0%D1%80%D0%BE%D0%BB%D1%8C%3A1@127.0.0.1:\(admin.configuration.port)/2"
        )
        let client = RedisClient(configuration: configuration, eventLoop: loops.next(), logger: quiet)
        let listener = try Listener(client: client, probe: RedisProbe(channel: "probe"))
        try await listener.subscribe(["events:1"])
        try await listener.running {
            try await client.send(["ACL", "WHOAMI"]).isExpected("desk")
            try await client.send(["SET", "desk:1", "x"]).isExpected("OK")
            let error = await #expect(throws: RedisError.self) { try await client.send(["GET", "other"]) }
            #expect(error?.code == .noPermission)
            #expect(client.isConnected)
            client.publish(channel: "events:1", payload: ByteBuffer(string: "x"))
            try await listener.wait(for: .message("events:1", "x"))
            client.publish(channel: "secrets", payload: ByteBuffer(string: "x"))
            try await eventually("refused publish counted") { client.droppedPublishes == 1 }

            try await listener.subscribe(["secrets"])
            try await listener.wait(for: .disconnected)
            #expect(listener.lastReason?.hasPrefix("noPermission") == true)
        }
        try server.remove()
    }

    @Test func `rediss verifies the server against the authority that the URL names`() async throws {
        let authority = try PrivateAuthority()
        let server = try PrivateRedis(password: "secret", tls: authority.tls("IP:127.0.0.1,DNS:localhost"))
        let client = try RedisClient.test("\(server.url)?ca=\(authority.file)")
        let listener = try Listener(client: client, probe: RedisProbe(channel: "probe"))
        try await listener.subscribe(["a"])
        try await listener.running {
            client.publish(channel: "a", payload: ByteBuffer(string: String(repeating: "ї", count: 100_000)))
            try await listener.wait(for: .message("a", String(repeating: "ї", count: 100_000)))
        }

        let byName = try RedisClient.test("\(server.url)?ca=\(authority.file)") { $0.host = "localhost" }
        try await byName.running { try await byName.send(["PING"]).isExpected("PONG") }

        let stranger = try PrivateAuthority()
        for (what, url) in [
            ("the system's authorities", server.url),
            ("another authority", "\(server.url)?ca=\(stranger.file)"),
        ] {
            let client = try RedisClient.test(url)
            let run = Task { try await client.run() }
            try await eventually(what) { client.lastError?.code == .tlsFailed }
            #expect(!client.isConnected)
            run.cancel()
            try await run.value
        }
        withExtendedLifetime((authority, stranger)) {}
        try server.remove()
    }

    @Test func `a certificate for another name is refused`() async throws {
        let authority = try PrivateAuthority()
        let server = try PrivateRedis(tls: authority.tls("DNS:elsewhere.example,IP:127.0.0.2"))
        for host in ["127.0.0.1", "localhost"] {
            let client = try RedisClient.test("\(server.url)?ca=\(authority.file)") { $0.host = host }
            let run = Task { try await client.run() }
            try await eventually(host) { client.lastError?.code == .tlsFailed }
            run.cancel()
            try await run.value
        }
        withExtendedLifetime(authority) {}
        try server.remove()
    }

    @Test func `a server without TLS never sees the password`() async throws {
        let seen = Bytes()
        let server = try await ServerBootstrap(group: loops)
            .childChannelInitializer { channel in channel.pipeline.addHandler(seen) }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(server.localAddress?.port)
        let client = try RedisClient.test("rediss://:secret@127.0.0.1:\(port)") { $0.connectTimeout = .milliseconds(300) }
        let run = Task { try await client.run() }
        try await eventually("greeted") { seen.bytes.withLock { !$0.isEmpty } }
        try await eventually("given up") { client.lastError?.code == .timeout }
        run.cancel()
        try await run.value
        let bytes = seen.bytes.withLock { $0 }
        #expect(bytes.first == 22, "a TLS handshake record (RFC 8446 section 5.1)")
        #expect(!String(decoding: bytes, as: UTF8.self).contains("secret"))
        try await server.close()
    }

    @Test func `authorities that can't be read end run() with an error`() async throws {
        let client = try RedisClient.test("rediss://127.0.0.1:1?ca=/no/such/file.pem")
        let error = await #expect(throws: RedisError.self) { try await client.run() }
        #expect(error?.code == .tlsFailed)
        #expect(error.map { "\($0)".contains("/no/such/file.pem") } == true)
    }
}

/// A server's ear.
private final class Bytes: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    let bytes = Mutex<[UInt8]>([])

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.bytes.withLock { $0 += Self.unwrapInboundIn(data).readableBytesView }
    }
}

extension PrivateAuthority {
    /// What a server with these subject alternative names is started with.
    fileprivate func tls(_ names: String) throws -> PrivateRedis.TLS {
        let server = try self.certify(names)
        return PrivateRedis.TLS(certificate: server.certificate, key: server.key, authority: self.file)
    }
}

/// Keeps what is logged, metadata included.
private final class Log: LogHandler, Sendable {
    private let lines = Mutex("")
    var text: String { self.lines.withLock { $0 } }

    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        self.lines.withLock { $0 += "\(event.level) \(event.message) \(event.metadata ?? [:])\n" }
    }
}
