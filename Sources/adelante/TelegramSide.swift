import Curl
import Hub
import Logging
import Outbox
import Postgres
import REST
import Redis
import ServiceLifecycle
import Telegram

/// A node's part in Telegram login: before the Hub, what its sockets follow; behind it, what makes and completes logins.
struct TelegramSide: Sendable {
    private let settings: TelegramSettings
    private let store: CodeStore
    /// Tells the sockets of their codes.
    let feed: CodeFeed
    /// The topics `telegram:<code>`.
    let topics: TelegramTopics

    /// - Parameters:
    ///   - settings: what the environment says
    ///   - prefix: of Redis keys and channels, apart for each database
    ///   - limits: how often one address may ask
    init(
        _ settings: TelegramSettings,
        prefix: String,
        limits: TelegramLimits,
        redis: RedisClient,
        subscriber: RedisSubscriber,
        logger: Logger
    ) {
        self.settings = settings
        self.store = CodeStore(redis: redis, prefix: prefix, lifetime: settings.codeLifetime)
        self.feed = CodeFeed(store: self.store, subscriber: subscriber, logger: logger)
        self.topics = TelegramTopics(feed: self.feed, limits: limits)
    }

    /// The desk for REST, and the services behind it in the order in which they start.
    func open(
        client: PostgresClient,
        outbox: TransactionalOutbox,
        keys: (current: String, previous: String?),
        logger: Logger
    ) throws -> (desk: TelegramDesk, services: [any Service]) {
        let transport = try CurlClient()
        let bot = BotClient(
            transport: transport,
            token: self.settings.token,
            base: self.settings.apiBase,
            // Whoever has to say something has no more time than that.
            retry: RetryPolicy(patience: .seconds(5))
        )
        let desk = TelegramDesk(
            settings: self.settings,
            store: self.store,
            client: client,
            accounts: TelegramAccounts(client: client, outbox: outbox),
            bot: bot,
            keys: keys,
            logger: logger
        )
        return (desk, [transport, self.feed, desk.source])
    }
}
