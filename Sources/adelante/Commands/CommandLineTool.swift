import ArgumentParser
import Logging
import Postgres

/// Runs the body of a command: settings first, errors as one line.
enum CommandLineTool {
    static func run(_ body: (NodeSettings, Logger) async throws -> Void) async throws {
        do {
            let settings = try NodeSettings.load()
            let isJSON = settings.logsJSON
            LoggingSystem.bootstrap { _ -> any LogHandler in
                if isJSON { JSONLogHandler() } else { TextLogHandler() }
            }
            var logger = Logger(label: "adelante")
            logger.logLevel = settings.logLevel
            try await body(settings, logger)
        } catch {
            switch error {
            case let error as SettingError: throw self.failure(error.description)
            case let error as PostgresError: throw self.failure("PostgreSQL: \(error.message)")
            default: throw error
            }
        }
    }

    /// One line on the standard error, and exit status 1.
    static func failure(_ line: String) -> ExitCode {
        StandardError.write("adelante: \(line)")
        return .failure
    }
}
