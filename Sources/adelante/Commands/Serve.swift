import ArgumentParser
import Logging
import NIOCore
import NIOPosix
import Postgres
import REST
import ServiceLifecycle
import UnixSignals

/// Runs a node.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Run a server node.")

    func run() async throws {
        try await CommandLineTool.run { settings, logger in
            for warning in settings.warnings { logger.warning("\(warning)") }
            // Before anything is waited for or changed.
            _ = try settings.tls?.context()
            try await Startup.waitForPostgres(settings.postgres, logger: logger)
            try await Startup.migrate(settings.postgres, logger: logger)
            let loops = settings.eventLoops == 0 ? System.coreCount : settings.eventLoops
            let group = MultiThreadedEventLoopGroup(numberOfThreads: loops)
            let node = try await Node.make(settings, group: group, logger: logger)
            var configuration = ServiceGroupConfiguration(
                services: node.services.map { .init(service: $0, successTerminationBehavior: .ignore) },
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
            configuration.maximumGracefulShutdownDuration = .nanoseconds(settings.drain.nanoseconds) + .seconds(3)
            do {
                try await ServiceGroup(configuration: configuration).run()
            } catch is CancellationError {
                logger.warning("stopped before everything had ended by itself")
            }
            // The loops end with the process: a peer that has not hung up yet may still hold a connection of theirs.
            logger.notice("stopped")
        }
    }
}

/// What every command needs before it can do anything.
enum Startup {
    private static let patience = Duration.seconds(60)

    /// PostgreSQL may come up later than we do.
    static func waitForPostgres(_ configuration: PostgresConfiguration, logger: Logger) async throws {
        let deadline = ContinuousClock.now + self.patience
        var pause = Duration.milliseconds(100)
        // What it would say is said here, once.
        let silence = Logger(label: logger.label) { _ in SwiftLogNoOpLogHandler() }
        while true {
            do {
                try await PostgresClient(configuration: configuration, logger: silence).ping()
                return
            } catch {
                guard !error.isRefusedLogin else { throw SettingError("DATABASE_URL", "cannot be used: \(error.message)") }
                guard error.isUnavailable, ContinuousClock.now + pause < deadline else {
                    throw SettingError("DATABASE_URL", "cannot be reached: \(error.message)")
                }
                logger.notice("waiting for PostgreSQL", metadata: ["error": "\(error.message)"])
            }
            // Nobody tells us when it has come up.
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .seconds(5))
        }
    }

    static func migrate(_ configuration: PostgresConfiguration, logger: Logger) async throws {
        try await self.refuseUnfitDatabase(PostgresClient(configuration: configuration, logger: logger))
        let applied = try await Migrator(configuration: configuration, logger: logger).migrate(Schema.migrations)
        for name in applied { logger.notice("migrated", metadata: ["migration": "\(name)"]) }
    }

    /// Ukrainian names have to be stored, folded and found.
    private static func refuseUnfitDatabase(_ client: PostgresClient) async throws {
        let isUTF8: Bool = try await client.query(
            "SELECT pg_encoding_to_char(encoding) = 'UTF8' AS is_utf8 FROM pg_database WHERE datname = current_database()"
        ).only().get("is_utf8")
        guard isUTF8 else { throw SettingError("DATABASE_URL", "names a database whose encoding is not UTF8") }
        let folds: Bool = try await client.query("SELECT lower('ЄІЇҐ') = 'єіїґ' AS folds").only().get("folds")
        guard folds else {
            throw SettingError(
                "DATABASE_URL",
                "names a database whose locale cannot lower-case Cyrillic (use C.UTF-8 or an ICU locale)"
            )
        }
    }
}
