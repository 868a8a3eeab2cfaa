import ArgumentParser
import REST

/// Accounts, from the command line.
struct User: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Accounts.", subcommands: [Create.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make an account; the password is read from the standard input.",
            discussion: "Without --salon a new salon is made, which needs --admin."
        )

        @Option(help: "The e-mail address to log in with.")
        var email: String

        @Flag(help: "The account is an administrator's.")
        var admin = false

        @Option(help: "manager, master or receptionist.")
        var role: String?

        @Option(help: "First name.")
        var firstName = ""

        @Option(help: "Last name.")
        var lastName = ""

        @Option(help: "The id of an existing salon.")
        var salon: Int64?

        @Option(help: "The name of a new salon.")
        var salonName = "Adelante"

        func run() async throws {
            guard let password = readLine(strippingNewline: true) else {
                throw ValidationError("Give the password on the standard input.")
            }
            guard let role = self.admin ? Role.admin : self.role.flatMap(Role.init) else {
                throw ValidationError("Give --admin, or --role manager, master or receptionist.")
            }
            try await CommandLineTool.run { settings, logger in
                try await Startup.migrate(settings.postgres, logger: logger)
                try await Toolbox.with(settings, logger) { tools in
                    do {
                        let id = try await AccountMaker(outbox: tools.outbox, hasher: tools.hasher).make(
                            email: self.email,
                            password: password,
                            role: role,
                            firstName: self.firstName,
                            lastName: self.lastName,
                            salon: self.salon,
                            salonName: self.salonName
                        )
                        print("Made user \(id).")
                    } catch let error as AccountMaker.Refused {
                        throw CommandLineTool.failure(error.description)
                    }
                }
            }
        }
    }
}
