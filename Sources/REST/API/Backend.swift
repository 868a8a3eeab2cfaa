public import Desks
public import Hub
public import Logging
public import Outbox
public import Postgres
public import Redis
public import Telegram

/// What handlers work with: made once by the composition root and by tests.
public final class Backend: Sendable {
    /// The node's pool.
    public let client: PostgresClient
    /// Writes changes with their events.
    public let outbox: TransactionalOutbox
    /// This node's sockets and streams.
    public let hub: RealtimeHub
    /// Ephemeral state: rate limits.
    public let redis: RedisClient
    /// Makes and checks tokens.
    public let signer: TokenSigner
    /// Knows a body again that came with an `Idempotency-Key`.
    public let bodyCode: BodyCode
    /// bcrypt, off the event loops.
    public let hasher: PasswordHasher
    /// The slots that desks are booking.
    public let holds: HoldDesk
    /// Where letters to people leave.
    public let courier: Courier
    /// What the environment says.
    public let settings: APISettings
    /// Login through Telegram; `nil` without a bot.
    public let telegram: TelegramDesk?
    let telegramLimits: TelegramLimits
    let sessions: SessionDirectory
    /// Who requests come from.
    let addresses: ClientAddress
    let loginLimits: LoginLimits
    /// Workbooks that come and go.
    let sheets = SheetDesk()
    /// Dashboards and reports, for a second at most.
    let keptAnswers = KeptAnswers()
    let logger: Logger

    /// - Parameters:
    ///   - client: the node's pool
    ///   - outbox: writes changes with their events
    ///   - hub: this node's sockets and streams
    ///   - redis: the command connection
    ///   - keyPrefix: of its keys, apart for each database: `adelante:<instance>:`
    ///   - signer: makes and checks tokens
    ///   - bodyCode: knows a body again that came with an `Idempotency-Key`
    ///   - hasher: bcrypt
    ///   - telegram: login through Telegram, if there is a bot
    ///   - telegramLimits: how often it may be begun and asked about, on the socket too
    ///   - holds: the slots that desks are booking
    ///   - courier: where letters to people leave
    ///   - settings: what the environment says
    ///   - logger: for what an operator should know
    public init(
        client: PostgresClient,
        outbox: TransactionalOutbox,
        hub: RealtimeHub,
        redis: RedisClient,
        keyPrefix: String,
        signer: TokenSigner,
        bodyCode: BodyCode,
        hasher: PasswordHasher,
        telegram: TelegramDesk?,
        telegramLimits: TelegramLimits,
        holds: HoldDesk,
        courier: Courier = .none,
        settings: APISettings,
        logger: Logger
    ) {
        self.client = client
        self.outbox = outbox
        self.hub = hub
        self.redis = redis
        self.signer = signer
        self.bodyCode = bodyCode
        self.hasher = hasher
        self.telegram = telegram
        self.telegramLimits = telegramLimits
        self.holds = holds
        self.courier = courier
        self.settings = settings
        self.sessions = SessionDirectory(client: client, signer: signer)
        self.addresses = ClientAddress(trusted: settings.trustedProxies)
        self.loginLimits = LoginLimits(redis: redis, prefix: keyPrefix, isOn: settings.limitsRates)
        self.logger = logger
    }
}

/// The REST side's part of the configuration.
public struct APISettings: Sendable {
    /// Life of an access token, in seconds.
    public var accessTokenSeconds: Int64 = 30 * 60
    /// Life of a login session and its refresh token, in seconds.
    public var refreshTokenSeconds: Int64 = 30 * 86_400
    /// Whether `/auth/register` makes salons.
    public var registrationIsOpen = false
    /// Whether `/auth/setup` makes the first salon and admin.
    public var setupIsOpen = false
    /// Whether rates are limited.
    public var limitsRates = true
    /// Origins of browsers that may read answers.
    public var allowedOrigins: Set<String> = []
    /// Whose `X-Forwarded-For` counts.
    public var trustedProxies: [AddressBlock] = []
    /// Whether `/examples/` is served and a browser at `/` is sent there.
    public var servesExamples = false
    /// The answer to `GET /`.
    public var version = "1.0.0"

    /// The defaults of the configuration document.
    public init() {}
}
