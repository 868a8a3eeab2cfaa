import Logging

/// Handles updates: looks up what ``Conversation`` asks for, stores what ``Login`` decides, sends what it says.
///
/// An update is handled at least once, and has its effect once: it is remembered when it is through, and until then every step
/// can be made again with the same outcome.
struct UpdateDesk: Sendable {
    /// How long it may take to say something. Telegram lets a chat have a message a second or so, and whoever fills their own
    /// would hold up everybody's.
    static let patience = Duration.seconds(5)

    private let settings: TelegramSettings
    private let store: CodeStore
    private let accounts: any Accounts
    private let bot: any BotAPI
    private let handled: HandledUpdates
    private let logger: Logger
    private let now: @Sendable () -> Int64

    init(
        settings: TelegramSettings,
        store: CodeStore,
        accounts: any Accounts,
        bot: any BotAPI,
        handled: HandledUpdates,
        logger: Logger,
        now: @escaping @Sendable () -> Int64
    ) {
        self.settings = settings
        self.store = store
        self.accounts = accounts
        self.bot = bot
        self.handled = handled
        self.logger = logger
        self.now = now
    }

    /// Handles an update, unless it was handled before.
    ///
    /// - Parameter end: until when something may be said; what is not said by then stays unsaid
    /// - Throws: if it should be handled again
    func handle(_ update: Update, until end: ContinuousClock.Instant = .now + UpdateDesk.patience) async throws {
        if try await self.handled.contains(update.id) { return }
        switch Conversation.received(update, botName: self.settings.username) {
        case .ignore:
            break
        case .say(let replies, let conversation):
            try await self.send(replies, to: conversation.person, until: end)
        case .openLogin(let code, let sentAt, let conversation):
            try await self.send(self.openLogin(code, sentAt, conversation), to: conversation.person, until: end)
        case .openLink(let code, let sentAt, let conversation):
            try await self.send(self.openLink(code, sentAt, conversation), to: conversation.person, until: end)
        case .tap(let button, let code, let conversation):
            try await self.send(self.tap(button, code, conversation), to: conversation.person, until: end)
        }
        try await self.handled.add(update.id)
    }

    /// An update that could not be handled is given up: its person is told to try again.
    func giveUp(_ update: Update) async throws {
        switch Conversation.received(update, botName: self.settings.username) {
        case .ignore, .say:
            break
        case .openLogin(_, _, let conversation), .openLink(_, _, let conversation), .tap(_, _, let conversation):
            try await self.send(conversation.failed(), to: conversation.person, until: .now + Self.patience)
        }
        try await self.handled.add(update.id)
    }

    /// Whether a failure of ``handle(_:)`` will pass.
    func isTransient(_ error: any Error) -> Bool {
        switch error {
        case is TelegramError: true
        case let error as BotError: error.isTransient
        default: self.accounts.isTransient(error)
        }
    }

    // MARK: Logins

    private func opening(_ person: TelegramUser, _ sentAt: Int64) async throws -> Login.Opening {
        let account = try await self.accounts.account(telegramID: person.id)
        return Login.Opening(
            person: person.id,
            sentAt: sentAt,
            now: self.now(),
            lifetime: self.store.lifetime,
            account: account,
            registration: self.settings.registration
        )
    }

    private func openLogin(
        _ code: StartCode,
        _ sentAt: Int64,
        _ conversation: Conversation
    ) async throws -> [Conversation.Reply] {
        let opening = try await self.opening(conversation.person, sentAt)
        let opened = try await self.store.stepLogin(code) { login in (login.opened(opening), login.origin) }
        guard let (action, origin) = opened else { return conversation.loginUnknown() }
        return conversation.opened(action, origin, code)
    }

    private func tap(_ button: Button, _ code: StartCode, _ conversation: Conversation) async throws -> [Conversation.Reply] {
        let person = conversation.person
        let account = try await self.accounts.account(telegramID: person.id)
        var action = try await self.store.stepLogin(code) { $0.tapped(button, by: person.id, account: account) }
        if case .register(let salonID) = action {
            let account = try await self.register(person, salonID)
            action = try await self.store.stepLogin(code) { $0.registered(account) }
        }
        if action == .tellAwaitingApproval, let account = try await self.accounts.account(telegramID: person.id), account.isActive
        {
            // Approved between its making and this login's knowing of it.
            action = try await self.store.stepLogin(code) { $0.tapped(button, by: person.id, account: account) }
        }
        return conversation.tapped(action, code)
    }

    private func register(_ person: TelegramUser, _ salonID: Int64) async throws -> Account? {
        guard self.settings.registration != .closed else { return nil }
        let isOpen = self.settings.registration == .open
        return try await self.accounts.register(person.cleaned, salonID: salonID, isActive: isOpen)
    }

    // MARK: Linking

    private func openLink(
        _ code: StartCode,
        _ sentAt: Int64,
        _ conversation: Conversation
    ) async throws -> [Conversation.Reply] {
        let opening = try await self.opening(conversation.person, sentAt)
        let opened = try await self.store.stepLink(code) { $0.opened(opening) }
        guard let opened else { return conversation.linkUnknown() }
        guard case .link(let userID) = opened else { return conversation.linkOpened(opened) }
        let person = conversation.person.cleaned
        let outcome = try await self.accounts.link(person, to: userID)
        _ = try await self.store.stepLink(code) { $0.settled(outcome, by: LinkedTelegram(person)) }
        return conversation.linkSettled(outcome)
    }

    // MARK: Sending

    /// Says as much as there is time for.
    private func send(
        _ replies: [Conversation.Reply],
        to person: TelegramUser,
        until end: ContinuousClock.Instant
    ) async throws(BotError) {
        guard !replies.isEmpty else { return }
        let result = await withTaskGroup(of: Result<Void, BotError>?.self) { group in
            group.addTask {
                do throws(BotError) {
                    return .success(try await self.send(replies, to: person))
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                try? await Task.sleep(until: end)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        if let result { return try result.get() }
        guard !Task.isCancelled else { throw BotError(.cancelled, "Cancelled while something was said") }
        self.logger.info("a reply took too long")
    }

    private func send(_ replies: [Conversation.Reply], to person: TelegramUser) async throws(BotError) {
        for reply in replies {
            do throws(BotError) {
                try await self.send(reply, to: person)
            } catch {
                let isRefused = !error.isTransient || error.code == .tooManyRequests
                guard isRefused, error.code != .cancelled else { throw error }
                // The person has blocked the bot, or the tap is too old: saying it again would not help. Nor where the chat has
                // had too many messages already.
                self.logger.info("Telegram refused a reply", metadata: ["error": "\(error)"])
            }
        }
    }

    private func send(_ reply: Conversation.Reply, to person: TelegramUser) async throws(BotError) {
        switch reply {
        case .send(let text, let keyboard):
            try await self.bot.sendMessage(text, to: person.id, keyboard: keyboard)
        case .edit(let message, let text, let keyboard):
            do throws(BotError) {
                try await self.bot.editMessageText(text, chatID: person.id, messageID: message, keyboard: keyboard)
            } catch {
                // The person has deleted it, or it is too old to be changed: then it is said anew.
                guard error.isMessageGone else { throw error }
                try await self.bot.sendMessage(text, to: person.id, keyboard: keyboard)
            }
        case .answer(let query, let alert):
            try await self.bot.answerCallbackQuery(query, text: alert, showAlert: alert != nil)
        }
    }
}
