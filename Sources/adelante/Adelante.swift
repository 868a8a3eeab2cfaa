import ArgumentParser

/// The command line.
@main
struct Adelante: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adelante",
        abstract: "A realtime backend for salons: REST beside WebSockets, on PostgreSQL and Redis.",
        subcommands: [Serve.self, Migrate.self, Demo.self, User.self, Epoch.self, Config.self],
        defaultSubcommand: Serve.self
    )
}
