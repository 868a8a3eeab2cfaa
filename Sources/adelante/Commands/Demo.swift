import ArgumentParser
import Logging
import NIOCore
import NIOPosix
import Outbox
import Postgres
import REST
import Redis

/// Fills an empty database with two salons to try the product on.
struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: """
            Make demo data: two salons, the first with a year behind it and a month before it. Refuses a database with a salon \
            that it did not make.
            """
    )

    @Flag(help: "Only a week before and after today.")
    var week = false

    /// The exit status of the refusal, for scripts that can do without demo data.
    private static let refused = ExitCode(3)

    func run() async throws {
        try await CommandLineTool.run { settings, logger in
            try await Startup.waitForPostgres(settings.postgres, logger: logger)
            try await Startup.migrate(settings.postgres, logger: logger)
            var patient = settings
            // A year is some large statements, on whatever machine.
            patient.postgres.statementTimeout = .seconds(120)
            try await Toolbox.with(patient, logger) { tools in
                do {
                    let data = DemoData(client: tools.client, outbox: tools.outbox, hasher: tools.hasher)
                    let added = try await data.make(self.week ? .week : .year)
                    print("Demo data is there; \(added) visits were added.")
                } catch let error as DemoData.Refused {
                    StandardError.write("adelante: \(error.description)")
                    throw Self.refused
                }
            }
        }
    }
}

/// What a command that writes needs: no sockets, and Redis only if it happens to be there.
struct Toolbox: Sendable {
    let client: PostgresClient
    let outbox: TransactionalOutbox
    let hasher: PasswordHasher

    static func with(_ settings: NodeSettings, _ logger: Logger, _ body: (Toolbox) async throws -> Void) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let client = PostgresClient(configuration: settings.postgres, logger: logger)
        let instance: String = try await client.query("SELECT id::text AS id FROM instance").only().get("id")
        // Not connected: what is published is dropped, and the nodes' anti-entropy brings it.
        let redis = RedisClient(configuration: settings.redis, eventLoop: group.next(), logger: logger)
        let outbox = TransactionalOutbox(client: client, redis: redis, channels: Channels(instance: instance), hub: nil)
        let hasher = PasswordHasher(cost: settings.bcryptCost)
        do {
            try await body(Toolbox(client: client, outbox: outbox, hasher: hasher))
        } catch {
            try await self.close(group, hasher)
            throw error
        }
        try await self.close(group, hasher)
    }

    private static func close(_ group: MultiThreadedEventLoopGroup, _ hasher: PasswordHasher) async throws {
        try await hasher.shutdown()
        try await group.shutdownGracefully()
    }
}
