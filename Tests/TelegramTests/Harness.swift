import Foundation
import Logging
import NIOPosix
import Postgres
import Redis
import ServiceLifecycle
import Support
import Synchronization

@testable import Telegram

let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

/// Keeps what is logged: `level: message`.
final class LogLines: Sendable {
    private struct Handler: LogHandler {
        let lines: LogLines
        var metadata = Logger.Metadata()
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { self.metadata[key] }
            set { self.metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            self.lines.kept.withLock { $0.append("\(event.level): \(event.message)") }
        }
    }

    private let kept = Mutex<[String]>([])

    var list: [String] { self.kept.withLock { $0 } }
    var logger: Logger { Logger(label: "test", factory: { _ in Handler(lines: self) }) }
}

/// What the tests of this target with real servers work on: a database with Telegram's tables, the shared Redis, and a
/// prefix of each test's own there.
struct Services: Sendable {
    let postgres: PostgresClient
    let redis: RedisClient
    let prefix = "test:\(UUID().uuidString):"

    func store(lifetime: Int64 = 300, redis: RedisClient? = nil) -> CodeStore {
        CodeStore(redis: redis ?? self.redis, prefix: self.prefix, lifetime: lifetime)
    }

    /// A further connection to the same Redis, as another node has it.
    static func redis(_ url: String? = nil) throws -> RedisClient {
        var configuration = try RedisConfiguration(url: try url ?? PrivateRedis.sharedURL())
        configuration.connectTimeout = .seconds(20)
        configuration.commandTimeout = .seconds(20)
        configuration.reconnectMaximum = .milliseconds(100)
        return RedisClient(configuration: configuration, eventLoop: MultiThreadedEventLoopGroup.singleton.next(), logger: quiet)
    }

    private static let database = Result {
        let url = try PrivatePostgres.freshDatabase()
        let file = Shell.repository.appendingPathComponent("Sources/REST/Migrations/0004_telegram.sql")
        try Shell.run(["psql", "--no-psqlrc", "--quiet", "--dbname", url, "--file", file.path])
        return url
    }

    static func run<Value: Sendable>(_ body: @Sendable (Services) async throws -> Value) async throws -> Value {
        let postgres = PostgresClient(
            configuration: PostgresConfiguration(url: try self.database.get(), poolSize: 8),
            logger: quiet
        )
        let services = Services(postgres: postgres, redis: try self.redis())
        return try await self.running([services.postgres, services.redis]) {
            try await poll("Redis is there") { services.redis.isConnected ? () : nil }
            return try await body(services)
        }
    }

    /// Runs services around a body.
    static func running<Value: Sendable>(_ services: [any Service], _ body: @Sendable () async throws -> Value) async throws
        -> Value
    {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for service in services { group.addTask { try await service.run() } }
            do {
                let value = try await body()
                group.cancelAll()
                while (try? await group.next()) != nil {}
                return value
            } catch {
                group.cancelAll()
                throw error
            }
        }
    }
}

/// Runs bodies at the same time, and gives what each came to.
func atOnce<Value: Sendable>(_ count: Int, _ body: @escaping @Sendable (Int) async throws -> Value) async throws -> [Value] {
    try await withThrowingTaskGroup(of: (Int, Value).self) { group in
        for index in 0..<count { group.addTask { (index, try await body(index)) } }
        var values: [(Int, Value)] = []
        for try await value in group { values.append(value) }
        return values.sorted { $0.0 < $1.0 }.map(\.1)
    }
}
