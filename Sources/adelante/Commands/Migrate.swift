import ArgumentParser

/// Brings the schema up to date.
struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Bring the database's schema up to date.")

    func run() async throws {
        try await CommandLineTool.run { settings, logger in
            try await Startup.waitForPostgres(settings.postgres, logger: logger)
            try await Startup.migrate(settings.postgres, logger: logger)
        }
    }
}
