import Logging

/// Looks whether the token is that of the bot whose name is in the links. If it is not, every link leads to somebody else's bot
/// and no login comes about, while nothing else seems wrong.
struct BotNameCheck: Sendable {
    let bot: any BotAPI
    /// Without `@`.
    let username: String
    let logger: Logger

    func run() async throws(BotError) {
        let name = try await self.bot.getMe().username ?? ""
        // Names are the same in upper and lower case.
        guard name.lowercased() != self.username.lowercased() else { return }
        self.logger.error(
            "TELEGRAM_BOT_USERNAME is not the name of the bot whose token TELEGRAM_BOT_TOKEN is",
            metadata: ["username": "\(self.username)", "bot": "\(name)"]
        )
    }
}
