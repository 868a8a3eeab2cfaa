import ArgumentParser
import Curl
import Hummingbird
import JSON
import Logging
import NIOCore
import ServiceLifecycle
import UnixSignals

/// A Telegram to try a bot on: it speaks the Bot API's HTTP, and shows a telephone in the browser.
@main
struct TelegramSandbox: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "TelegramSandbox",
        abstract: "A Telegram to try a bot on: the Bot API at /bot<token>/, and a telephone in the browser at /."
    )

    @Option(help: "The address to listen on. Whoever reaches it can do everything here.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 takes a free one.")
    var port = 8081

    @Option(help: "The bot's token, <number>:<text>.")
    var token = "7000000001:sandbox-token-of-nobody"

    @Option(help: "The bot's name.")
    var botUsername = "adelante_sandbox_bot"

    @Option(help: "Where people reach this server, if that is another address.")
    var publicURL: String?

    func validate() throws {
        let parts = self.token.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let id = Int64(parts[0]), id > 0, StartParameter.isValid(String(parts[1])) else {
            throw ValidationError("--token is <number>:<1 to 64 letters, digits, - and _>")
        }
        guard StartParameter.isValid(self.botUsername), !["sandbox", "assets"].contains(self.botUsername) else {
            throw ValidationError("--bot-username is 1 to 64 letters, digits and _")
        }
        guard (0...65535).contains(self.port) else { throw ValidationError("--port is 0 to 65535") }
    }

    func run() async throws {
        var logger = Logger(label: "telegram-sandbox")
        logger.logLevel = .warning
        let id = self.token.prefix { $0 != ":" }
        let bot = Person(id: Int64(id) ?? 1, isBot: true, firstName: "Adelante CRM", username: self.botUsername)
        let sandbox = Sandbox(token: self.token, world: World(bot: bot, now: Sandbox.now))
        let curl = try CurlClient()
        let (name, host, publicURL) = (self.botUsername, self.host, self.publicURL)
        let server = Application(
            responder: FrontDoor(
                bot: BotSide(sandbox: sandbox),
                control: ControlSide(sandbox: sandbox),
                page: PageSide(username: name)
            ),
            configuration: ApplicationConfiguration(address: .hostname(host, port: self.port), serverName: nil),
            onServerRunning: { channel in
                let address = publicURL ?? "http://\(host.contains(":") ? "[\(host)]" : host):\(channel.localAddress?.port ?? 0)"
                StandardOutput.print("The Telegram sandbox is ready: \(address)/ (@\(name))")
            },
            logger: logger
        )
        let services: [any Service] = [curl, WebhookDelivery(sandbox: sandbox, curl: curl), server]
        try await ServiceGroup(
            configuration: .init(
                services: services.map { .init(service: $0) },
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        ).run()
    }
}
