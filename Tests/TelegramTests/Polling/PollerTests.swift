import Logging
import ServiceLifecycle
import Support
import Synchronization
import Testing

@testable import Telegram

/// A Telegram that hands out what it is given, waits as long as it is told to, and remembers who asked.
private final class PolledBot: BotAPI {
    private struct State {
        var updates: [Update] = []
        var answersAtOnce = false
        var offsets: [Int64?] = []
        var running = 0
        var mostRunning = 0
        var cancelled = 0
        var unreadable: Int64?
        var crowded: Int64?
        var asked = 0
        var said: [Int64: Int] = [:]
    }

    private let state = Mutex(State())
    private let name: String

    init(name: String = "Adelante_Bot") {
        self.name = name
    }

    var offsets: [Int64?] { self.state.withLock { $0.offsets } }
    /// How often it was asked for its name.
    var asked: Int { self.state.withLock { $0.asked } }
    var running: Int { self.state.withLock { $0.running } }
    var mostRunning: Int { self.state.withLock { $0.mostRunning } }
    var cancelled: Int { self.state.withLock { $0.cancelled } }

    func add(_ update: Update) { self.state.withLock { $0.updates.append(update) } }
    /// An answer with this update in it cannot be read.
    func spoil(_ update: Int64) { self.state.withLock { $0.unreadable = update } }
    /// This chat has had too many messages: one more takes very long.
    func crowd(_ chat: Int64) { self.state.withLock { $0.crowded = chat } }
    /// How many messages a chat was to get.
    func said(_ chat: Int64) -> Int { self.state.withLock { $0.said[chat] ?? 0 } }
    func answerAtOnce() { self.state.withLock { $0.answersAtOnce = true } }

    func getUpdates(
        offset: Int64?,
        limit: Int,
        timeout: Duration,
        kinds: [UpdateKind]
    ) async throws(BotError) -> [Update] {
        self.state.withLock { state in
            state.offsets.append(offset)
            state.running += 1
            state.mostRunning = max(state.mostRunning, state.running)
            if let offset { state.updates.removeAll { $0.id < offset } }
        }
        defer { self.state.withLock { $0.running -= 1 } }
        let end = ContinuousClock.now + timeout
        while ContinuousClock.now < end {
            let (updates, answersAtOnce, unreadable) = self.state.withLock { state in
                (Array(state.updates.prefix(limit)), state.answersAtOnce, state.unreadable)
            }
            if updates.contains(where: { $0.id == unreadable }) { throw BotError(.unreadableAnswer, "unreadable") }
            if !updates.isEmpty || answersAtOnce { return updates }
            do {
                try await Task.sleep(for: .milliseconds(10))
            } catch {
                self.state.withLock { $0.cancelled += 1 }
                throw BotError(.cancelled, "cancelled")
            }
        }
        return []
    }

    func getMe() async throws(BotError) -> TelegramUser {
        self.state.withLock { $0.asked += 1 }
        return TelegramUser(id: 1, isBot: true, firstName: "Bot", username: self.name)
    }
    func sendMessage(_ text: String, to chatID: Int64, keyboard: InlineKeyboard?) async throws(BotError) -> Message {
        let isCrowded = self.state.withLock { state in
            state.said[chatID, default: 0] += 1
            return state.crowded == chatID
        }
        if isCrowded, (try? await Task.sleep(for: .seconds(600))) == nil { throw BotError(.cancelled, "cancelled") }
        return Message(id: 1, chat: Chat(id: chatID, kind: .private), date: 0)
    }
    func editMessageText(_ text: String, chatID: Int64, messageID: Int64, keyboard: InlineKeyboard?) async throws(BotError) {}
    func answerCallbackQuery(_ id: String, text: String?, showAlert: Bool) async throws(BotError) {}
    func setWebhook(url: String, secretToken: String, kinds: [UpdateKind]) async throws(BotError) {}
    func deleteWebhook() async throws(BotError) {}
}

@Suite("Polling", .serialized)
struct PollerTests {
    private static func poller(
        _ services: Services,
        _ bot: PolledBot,
        _ botID: Int64,
        _ holder: String,
        patience: Duration = UpdateDesk.patience,
        logger: Logger = quiet
    ) throws -> Poller {
        let settings = TelegramSettings(
            token: try #require(BotToken("\(botID):secret")),
            username: "adelante_bot",
            registration: .open,
            mode: .polling,
            apiBase: "http://127.0.0.1:1",
            linkBase: "https://t.me",
            codeLifetime: 300,
            matchesNumbers: false
        )
        let desk = UpdateDesk(
            settings: settings,
            store: services.store(),
            accounts: MemoryAccounts(),
            bot: bot,
            handled: HandledUpdates(client: services.postgres, botID: botID),
            logger: quiet,
            now: { LoginTests.now }
        )
        let lease = PollingLease(client: services.postgres, botID: botID, holder: holder)
        return Poller(bot: bot, username: "adelante_bot", desk: desk, lease: lease, patience: patience, logger: logger)
    }

    @Test("of three nodes one asks; its offset moves behind what is through; a lost lease ends the running request")
    func lostLease() async throws {
        try await Services.run { services in
            let (bot, botID) = (PolledBot(), Int64.random(in: 1...Int64(Int32.max)))
            let pollers = try (0..<3).map { try Self.poller(services, bot, botID, "node \($0)") }
            try await Services.running(pollers) {
                try await poll("somebody asks") { bot.running == 1 ? () : nil }
                bot.add(Update(id: 41, event: .other))
                bot.add(Update(id: 42, event: .other))
                try await poll("what came is confirmed", log: { "\(bot.offsets)" }) { bot.offsets.last == 43 ? () : nil }
                let handled = HandledUpdates(client: services.postgres, botID: botID)
                #expect(try await handled.contains(41))
                #expect(try await handled.contains(42))
                #expect(bot.mostRunning == 1)
                // Somebody else has the lease all at once: the request ends long before its fifty seconds.
                _ = try await services.postgres.query(
                    """
                    UPDATE telegram_polling SET holder = 'another', lease_until = clock_timestamp() + interval '5 seconds'
                    WHERE bot_id = \(botID)
                    """
                )
                try await poll("the request is ended") { bot.cancelled > 0 ? () : nil }
                try await poll("one of ours asks again") { bot.running == 1 ? () : nil }
                #expect(bot.offsets.last == 43)
                #expect(bot.mostRunning == 1)
            }
            #expect(bot.running == 0)
        }
    }

    private static func start(_ id: Int64, from person: Int64) -> Update {
        let (chat, person) = (Chat(id: person, kind: .private), TelegramUser(id: person, firstName: "Оксана"))
        return Update(id: id, event: .message(Message(id: id, chat: chat, from: person, date: LoginTests.now, text: "/start x")))
    }

    @Test("whoever sends a hundred updates into a chat that Telegram holds back holds up the others for a moment only")
    func crowdedChat() async throws {
        try await Services.run { services in
            let (bot, botID) = (PolledBot(), Int64.random(in: 1...Int64(Int32.max)))
            let poller = try Self.poller(services, bot, botID, "node", patience: .seconds(2))
            bot.crowd(100)
            for id: Int64 in 1...99 { bot.add(Self.start(id, from: 100)) }
            bot.add(Self.start(100, from: 200))
            bot.add(Self.start(101, from: 200))
            try await Services.running([poller]) {
                try await poll("the others go on", log: { "\(bot.offsets)" }) { bot.offsets.last == 102 ? () : nil }
            }
            #expect(bot.said(200) == 2)
            #expect(bot.said(100) == 1)
        }
    }

    @Test("a name that is not the bot's is an error in the log, whoever starts", arguments: ["Adelante_Bot", "another_bot"])
    func wrongName(_ name: String) async throws {
        let isWrong = name == "another_bot"
        try await Services.run { services in
            let bot = PolledBot(name: name)
            let (polling, webhook) = (LogLines(), LogLines())
            let starters: [any Service] = [
                try Self.poller(services, bot, Int64.random(in: 1...Int64(Int32.max)), "node", logger: polling.logger),
                WebhookSetter(
                    bot: bot,
                    username: "adelante_bot",
                    url: "https://a.example/hook",
                    secret: WebhookSecret(key: "key", previousKey: nil),
                    logger: webhook.logger
                ),
            ]
            try await Services.running(starters) {
                try await poll("it polls") { bot.running == 1 ? () : nil }
                try await poll("the webhook is set") { bot.asked >= 2 ? () : nil }
            }
            for lines in [polling, webhook] {
                #expect(lines.list.filter { $0.hasPrefix("error: TELEGRAM_BOT_USERNAME") }.count == (isWrong ? 1 : 0))
            }
        }
    }

    @Test("an update that cannot be read is stepped over, and those around it are handled")
    func unreadable() async throws {
        try await Services.run { services in
            let (bot, botID) = (PolledBot(), Int64.random(in: 1...Int64(Int32.max)))
            let poller = try Self.poller(services, bot, botID, "node")
            bot.spoil(45)
            for id: Int64 in 41...49 { bot.add(Update(id: id, event: .other)) }
            try await Services.running([poller]) {
                try await poll("all are behind it", log: { "\(bot.offsets)" }) { bot.offsets.last == 50 ? () : nil }
            }
            let handled = HandledUpdates(client: services.postgres, botID: botID)
            for id: Int64 in 41...49 { #expect(try await handled.contains(id) == (id != 45), "\(id)") }
        }
    }

    @Test("a Telegram that answers nothing at once is not asked in a circle")
    func emptyAnswers() async throws {
        try await Services.run { services in
            let bot = PolledBot()
            bot.answerAtOnce()
            let poller = try Self.poller(services, bot, Int64.random(in: 1...Int64(Int32.max)), "node")
            try await Services.running([poller]) {
                let started = ContinuousClock.now
                try await poll("it has asked three times") { bot.offsets.count >= 3 ? () : nil }
                #expect(ContinuousClock.now - started >= .seconds(2))
            }
        }
    }
}
