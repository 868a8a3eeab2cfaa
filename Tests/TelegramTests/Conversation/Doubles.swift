import Synchronization

@testable import Telegram

/// A salon's accounts in memory.
final class MemoryAccounts: Accounts {
    struct Away: Error {}

    private struct State {
        var byTelegram: [Int64: Account] = [:]
        var all: [Int64: Account] = [:]
        var made = 0
        var isAway = false
    }

    private let state = Mutex(State())

    /// How many accounts were registered.
    var made: Int { self.state.withLock { $0.made } }

    func set(_ account: Account?, telegramID: Int64) {
        self.state.withLock { $0.byTelegram[telegramID] = account }
    }

    func add(_ account: Account) {
        self.state.withLock { $0.all[account.id] = account }
    }

    func setAway(_ isAway: Bool) {
        self.state.withLock { $0.isAway = isAway }
    }

    private func ask<Value: Sendable>(_ body: (inout State) -> Value) throws -> Value {
        try self.state.withLock { state in
            if state.isAway { throw Away() }
            return body(&state)
        }
    }

    func account(telegramID: Int64) async throws -> Account? {
        try self.ask { $0.byTelegram[telegramID] }
    }

    func register(_ person: TelegramUser, salonID: Int64, isActive: Bool) async throws -> Account? {
        try self.ask { state in
            if let account = state.byTelegram[person.id] { return account }
            state.made += 1
            let account = Account(id: person.id * 10, isActive: isActive, firstName: person.firstName, lastName: "")
            state.byTelegram[person.id] = account
            return account
        }
    }

    func link(_ person: TelegramUser, to userID: Int64) async throws -> LinkOutcome {
        try self.ask { state in
            guard let account = state.all[userID] else { return .refused(.gone) }
            if let linked = state.byTelegram[person.id] {
                return linked.id == userID ? .linked(account) : .refused(.telegramTaken)
            }
            if state.byTelegram.values.contains(where: { $0.id == userID }) { return .refused(.accountTaken) }
            state.byTelegram[person.id] = account
            return .linked(account)
        }
    }

    func isTransient(_ error: any Error) -> Bool { error is Away }
}

/// A Telegram that remembers what the bot did.
final class MemoryBot: BotAPI {
    private struct State {
        var said: [String] = []
        var failure: BotError?
        var failureOfEdits: BotError?
    }

    private let state = Mutex(State())

    /// Texts, and `!` and the alert of answered taps.
    var said: [String] { self.state.withLock { $0.said } }

    func fail(_ error: BotError?) {
        self.state.withLock { $0.failure = error }
    }

    func failEdits(_ error: BotError) {
        self.state.withLock { $0.failureOfEdits = error }
    }

    private func say(_ text: String) throws(BotError) {
        let failure = self.state.withLock { state in
            if state.failure == nil { state.said.append(text) }
            return state.failure
        }
        if let failure { throw failure }
    }

    func getMe() async throws(BotError) -> TelegramUser { TelegramUser(id: 1, isBot: true, firstName: "Bot") }

    func getUpdates(
        offset: Int64?,
        limit: Int,
        timeout: Duration,
        kinds: [UpdateKind]
    ) async throws(BotError) -> [Update] { [] }

    func sendMessage(_ text: String, to chatID: Int64, keyboard: InlineKeyboard?) async throws(BotError) -> Message {
        try self.say(text)
        return Message(id: 1, chat: Chat(id: chatID, kind: .private), date: 0)
    }

    func editMessageText(_ text: String, chatID: Int64, messageID: Int64, keyboard: InlineKeyboard?) async throws(BotError) {
        if let failure = self.state.withLock({ $0.failureOfEdits }) { throw failure }
        try self.say(text)
    }

    func answerCallbackQuery(_ id: String, text: String?, showAlert: Bool) async throws(BotError) {
        try self.say("!\(text ?? "")")
    }

    func setWebhook(url: String, secretToken: String, kinds: [UpdateKind]) async throws(BotError) {}
    func deleteWebhook() async throws(BotError) {}
}
