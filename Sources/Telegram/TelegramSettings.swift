/// What the environment says of Telegram (TELEGRAM_*).
public struct TelegramSettings: Sendable {
    /// How updates come.
    public enum Mode: Sendable, Hashable {
        /// One node asks for them.
        case polling
        /// Telegram calls this address.
        case webhook(url: String)
    }

    /// The bot's token; a secret.
    public var token: BotToken
    /// The bot's name, without `@`.
    public var username: String
    /// Whom a login may make an account for.
    public var registration: RegistrationPolicy
    /// How updates come.
    public var mode: Mode
    /// Where the Bot API is.
    public var apiBase: String
    /// What links to the bot begin with.
    public var linkBase: String
    /// How long a code lives, in seconds.
    public var codeLifetime: Int64
    /// Whether the chat asks which number the page shows.
    public var matchesNumbers: Bool

    /// - Parameters:
    ///   - token: the bot's token
    ///   - username: the bot's name, without `@`
    ///   - registration: whom a login may make an account for
    ///   - mode: how updates come
    ///   - apiBase: where the Bot API is
    ///   - linkBase: what links to the bot begin with
    ///   - codeLifetime: in seconds
    ///   - matchesNumbers: whether the chat asks which number the page shows
    public init(
        token: BotToken,
        username: String,
        registration: RegistrationPolicy,
        mode: Mode,
        apiBase: String,
        linkBase: String,
        codeLifetime: Int64,
        matchesNumbers: Bool
    ) {
        self.token = token
        self.username = username
        self.registration = registration
        self.mode = mode
        self.apiBase = apiBase
        self.linkBase = linkBase
        self.codeLifetime = codeLifetime
        self.matchesNumbers = matchesNumbers
    }
}
