import Glibc
public import JSON
public import Logging
public import Postgres
public import Secrets
public import ServiceLifecycle

/// Everything of Telegram login that the REST side needs: making codes, asking about them, taking tokens, handling updates.
public struct TelegramDesk: Sendable {
    /// What a page gets to begin with.
    public struct Begun: Sendable {
        /// The page's own: whoever has it gets the tokens.
        public let code: OpaqueToken
        /// What the telephone opens; it holds a code derived from the page's.
        public let deepLink: String
        /// The number to show, if the chat will ask for it.
        public let number: Int?
        /// Seconds until the code is gone.
        public let expiresIn: Int64
    }

    /// What the environment says.
    public let settings: TelegramSettings
    private let store: CodeStore
    private let updates: UpdateDesk
    private let secret: WebhookSecret
    private let links: DeepLink
    private let now: @Sendable () -> Int64
    /// Brings updates, by whichever mode.
    public let source: any Service

    /// - Parameters:
    ///   - settings: what the environment says
    ///   - store: the codes
    ///   - client: the node's pool
    ///   - accounts: who knows the salon's accounts
    ///   - bot: Telegram
    ///   - keys: SECRET_KEY and, while keys rotate, SECRET_KEY_PREVIOUS
    ///   - logger: for what an operator should know
    public init(
        settings: TelegramSettings,
        store: CodeStore,
        client: PostgresClient,
        accounts: any Accounts,
        bot: any BotAPI,
        keys: (current: String, previous: String?),
        logger: Logger
    ) {
        let botID = settings.token.botID ?? 0
        let now: @Sendable () -> Int64 = { Int64(time(nil)) }
        let secret = WebhookSecret(key: keys.current, previousKey: keys.previous)
        let updates = UpdateDesk(
            settings: settings,
            store: store,
            accounts: accounts,
            bot: bot,
            handled: HandledUpdates(client: client, botID: botID),
            logger: logger,
            now: now
        )
        self.settings = settings
        self.store = store
        self.updates = updates
        self.secret = secret
        self.links = DeepLink(base: settings.linkBase, username: settings.username)
        self.now = now
        switch settings.mode {
        case .polling:
            let holder = String(UInt64.random(in: .min ... .max), radix: 36)
            let lease = PollingLease(client: client, botID: botID, holder: holder)
            self.source = Poller(bot: bot, username: settings.username, desk: updates, lease: lease, logger: logger)
        case .webhook(let url):
            self.source = WebhookSetter(
                bot: bot,
                username: settings.username,
                url: url,
                secret: secret,
                logger: logger
            )
        }
    }

    // MARK: Codes

    /// Begins a login.
    ///
    /// - Parameters:
    ///   - salonID: the salon that a new account would belong to
    ///   - origin: where it is asked from
    public func beginLogin(salonID: Int64?, origin: LoginOrigin) async throws(TelegramError) -> Begun {
        var generator = SystemRandomNumberGenerator()
        let match = self.settings.matchesNumbers ? NumberMatch.draw(using: &generator) : nil
        let (code, login) = (OpaqueToken(), Login(createdAt: self.now(), salonID: salonID, origin: origin, match: match))
        let start = StartCode(of: code)
        try await self.store.add(.login(login), as: start)
        return self.begun(code, parameter: start.text, number: match?.right)
    }

    /// Begins the linking of an account.
    public func beginLink(userID: Int64) async throws(TelegramError) -> Begun {
        let code = OpaqueToken()
        try await self.store.add(.link(LinkRequest(createdAt: self.now(), userID: userID)), as: StartCode(of: code))
        return self.begun(code, parameter: LinkCode.parameter(of: code), number: nil)
    }

    private func begun(_ code: OpaqueToken, parameter: String, number: Int?) -> Begun {
        guard let deepLink = self.links.url(start: parameter) else {
            preconditionFailure("A code of ours is not what Telegram carries in a link")
        }
        return Begun(code: code, deepLink: deepLink, number: number, expiresIn: self.store.lifetime)
    }

    /// Asks for the tokens of a login: the user's that it completed for, to one asker alone, or how far it is.
    ///
    /// - Parameter code: the page's, as it came
    public func take(_ code: String) async throws(TelegramError) -> Taken {
        guard let code = OpaqueToken(code) else { return .status(.expired) }
        return try await self.store.take(StartCode(of: code))
    }

    /// How far a login, or a linking, is.
    ///
    /// - Parameter code: the page's, as it came
    public func status(of code: String) async throws(TelegramError) -> CodeStatus {
        guard let code = OpaqueToken(code) else { return .expired }
        return try await self.store.read(StartCode(of: code)).map { CodeStatus($0) } ?? .expired
    }

    /// The tokens that were taken could not be made: they can be asked for again.
    public func giveBack(_ code: String) async throws(TelegramError) {
        guard let code = OpaqueToken(code) else { return }
        _ = try await self.store.stepLogin(StartCode(of: code)) { $0.givenBack() }
    }

    /// An admin has switched an account on: its login goes on if it still waits.
    public func approved(userID: Int64) async throws(TelegramError) {
        guard let code = try await self.store.waiting(userID: userID) else { return }
        _ = try await self.store.stepLogin(code) { $0.approved(userID: userID) }
    }

    // MARK: Updates

    /// Whether a request to the webhook is Telegram's. While updates are asked for, none is: what comes then was not asked for.
    ///
    /// - Parameter secret: of the header `X-Telegram-Bot-Api-Secret-Token`
    public func isTelegram(secret: String?) -> Bool {
        guard case .webhook = self.settings.mode else { return false }
        return self.secret.accepts(secret)
    }

    /// Handles an update that Telegram has sent to the webhook; what is none is passed over.
    ///
    /// - Throws: if Telegram should send it again
    public func handle(_ json: JSONValue) async throws {
        guard let update = Update(json: json) else { return }
        do {
            try await self.updates.handle(update)
        } catch {
            guard self.updates.isTransient(error) else {
                // It would fail again, and hold up those behind it.
                return try await self.updates.giveUp(update)
            }
            throw error
        }
    }
}
