import Logging
import ServiceLifecycle

/// Tells Telegram at the start where to send updates. Every node says the same.
struct WebhookSetter: Service {
    private let bot: any BotAPI
    private let nameCheck: BotNameCheck
    private let url: String
    private let secret: WebhookSecret
    private let logger: Logger

    /// - Parameter username: the bot's name, without `@`
    init(bot: any BotAPI, username: String, url: String, secret: WebhookSecret, logger: Logger) {
        self.bot = bot
        self.nameCheck = BotNameCheck(bot: bot, username: username, logger: logger)
        self.url = url
        self.secret = secret
        self.logger = logger
    }

    /// Tries until Telegram has taken it, then waits for the end.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            var policy = RetryPolicy.forever
            while !Task.isCancelled {
                do throws(BotError) {
                    try await self.bot.setWebhook(
                        url: self.url,
                        secretToken: self.secret.text,
                        kinds: [.message, .callbackQuery]
                    )
                    self.logger.notice("Telegram sends its updates here")
                    try await self.nameCheck.run()
                    break
                } catch {
                    if error.code == .cancelled { return }
                    self.logger.warning("Telegram does not take the webhook", metadata: ["error": "\(error)"])
                    try? await Task.sleep(for: policy.pause(after: error))
                }
            }
        }
        try? await gracefulShutdown()
    }
}
