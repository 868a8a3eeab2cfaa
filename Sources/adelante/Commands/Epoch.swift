import ArgumentParser
import Outbox
import Postgres

/// Names a new history, after a backup was restored.
struct Epoch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The epochs of topics.", subcommands: [Renew.self])

    struct Renew: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change every topic's epoch: all clients reload. To be run after restoring a backup."
        )

        func run() async throws {
            try await CommandLineTool.run { settings, logger in
                var patient = settings.postgres
                // All events of a dump are written anew.
                patient.statementTimeout = .seconds(600)
                let client = PostgresClient(configuration: patient, logger: logger)
                let count = try await PostgresEventLog(client: client).renewEpochs()
                print("Renewed the epochs of \(count) topics.")
            }
        }
    }
}
