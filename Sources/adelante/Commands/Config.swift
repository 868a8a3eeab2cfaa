import ArgumentParser

/// Checks the environment without starting anything.
struct Config: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Look at the configuration.", subcommands: [Check.self])

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say what is wrong with the environment, if anything is.")

        func run() async throws {
            do {
                let settings = try NodeSettings.load()
                _ = try settings.tls?.context()
                for warning in settings.warnings { print("warning: \(warning)") }
                print("The configuration can be used.")
            } catch {
                throw CommandLineTool.failure(error.description)
            }
        }
    }
}
