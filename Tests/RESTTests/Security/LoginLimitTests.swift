import Logging
import NIOPosix
import Redis
import Testing

@testable import REST

@Suite("How often one may try")
struct LoginLimitTests {
    /// Without Redis a node counts for itself.
    private static func alone() -> LoginLimits {
        let redis = RedisClient(
            configuration: RedisConfiguration(host: "127.0.0.1", port: 1),
            eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        return LoginLimits(redis: redis, prefix: "test:", isOn: true)
    }

    @Test("however many register, from ever other networks, everybody else still may")
    func registering() async throws {
        let limits = Self.alone()
        for number in 0...1_000 {
            try await limits.count("register", address: "2001:db8:0:\(String(number, radix: 16))::1")
        }
    }

    @Test("the addresses of one IPv6 network are one address")
    func network() async throws {
        let limits = Self.alone()
        for number in 1...10 { try await limits.count("forgot", address: "2001:db8:0:1::\(number)", isCostly: true) }
        let refusal = await #expect(throws: APIError.self) {
            try await limits.count("forgot", address: "2001:db8:0:1:f::1", isCostly: true)
        }
        #expect(refusal?.code == .rateLimited)
        try await limits.count("forgot", address: "2001:db8:0:2::1", isCostly: true)
        for address in ["192.0.2.1", "::ffff:192.0.2.1"] {
            for _ in 1...5 { try await limits.count("forgot", address: address, isCostly: true) }
        }
        await #expect(throws: APIError.self) { try await limits.count("forgot", address: "192.0.2.1", isCostly: true) }
    }

    @Test("as many may register from one address as may be wrong there")
    func registeringFromOneAddress() async throws {
        let limits = Self.alone()
        for _ in 1...100 { try await limits.count("register", address: "192.0.2.1") }
        await #expect(throws: APIError.self) { try await limits.count("register", address: "192.0.2.1") }
    }
}
