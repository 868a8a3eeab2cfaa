import ArgumentParser
import Postgres

/// Names a new history, after a backup was restored.
struct Epoch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The epochs of topics.", subcommands: [Renew.self])

    struct Renew: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change every topic's epoch: clients that resume reload. To be run after restoring a backup."
        )

        func run() async throws {
            try await CommandLineTool.run { settings, logger in
                let client = PostgresClient(configuration: settings.postgres, logger: logger)
                let rows = try await client.query(
                    "UPDATE topic_heads SET epoch = replace(gen_random_uuid()::text, '-', '')"
                )
                print("Renewed the epochs of \(rows.affected) topics.")
            }
        }
    }
}
