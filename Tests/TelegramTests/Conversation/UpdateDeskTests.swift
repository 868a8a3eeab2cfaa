import Secrets
import Support
import Testing

@testable import Telegram

@Suite("Updates are handled at least once, with one effect", .serialized)
struct UpdateDeskTests {
    private struct World: Sendable {
        let services: Services
        let store: CodeStore
        let accounts = MemoryAccounts()
        let bot = MemoryBot()
        let botID = Int64.random(in: 1...Int64.max)

        func desk(_ registration: RegistrationPolicy = .open) throws -> UpdateDesk {
            UpdateDesk(
                settings: TelegramSettings(
                    token: try #require(BotToken("1:secret")),
                    username: "adelante_bot",
                    registration: registration,
                    mode: .polling,
                    apiBase: "http://127.0.0.1:1",
                    linkBase: "https://t.me",
                    codeLifetime: 300,
                    matchesNumbers: false
                ),
                store: self.store,
                accounts: self.accounts,
                bot: self.bot,
                handled: HandledUpdates(client: self.services.postgres, botID: self.botID),
                logger: quiet,
                now: { LoginTests.now }
            )
        }

        func begin() async throws -> StartCode {
            let code = StartCode(of: OpaqueToken())
            try await self.store.add(.login(LoginTests.login()), as: code)
            return code
        }

        func status(_ code: StartCode) async throws -> String? {
            try await self.store.read(code).map { CodeStatus($0).word }
        }
    }

    private static let person = TelegramUser(id: 100, firstName: "Оксана\u{202E}\n", lastName: nil)

    private static func start(_ id: Int64, _ parameter: String, from: TelegramUser = person) -> Update {
        let chat = Chat(id: from.id, kind: .private)
        return Update(
            id: id,
            event: .message(Message(id: id, chat: chat, from: from, date: LoginTests.now, text: "/start \(parameter)"))
        )
    }

    private static func tap(_ id: Int64, _ button: Button, _ code: StartCode, from: TelegramUser = person) -> Update {
        let message = Message(id: 9, chat: Chat(id: from.id, kind: .private), date: LoginTests.now)
        let query = CallbackQuery(id: "q\(id)", from: from, message: message, data: button.data(for: code))
        return Update(id: id, event: .callbackQuery(query))
    }

    private static func run(_ body: @Sendable (World) async throws -> Void) async throws {
        try await Services.run { services in try await body(World(services: services, store: services.store())) }
    }

    @Test("the same registering tap at eight nodes at once, and once more later, makes one account and one login")
    func registeredOnce() async throws {
        try await Self.run { world in
            let code = try await world.begin()
            let desk = try world.desk()
            try await desk.handle(Self.start(1, code.text))
            #expect(try await world.status(code) == "awaiting_confirmation")
            _ = try await atOnce(8) { _ in try await desk.handle(Self.tap(2, .register, code)) }
            #expect(try await world.status(code) == "completed")
            #expect(world.accounts.made == 1)
            let said = world.bot.said.count
            try await desk.handle(Self.tap(2, .register, code))
            try await desk.handle(Self.start(1, code.text))
            #expect(world.bot.said.count == said)
            #expect(try await world.store.take(code) == .user(1_000))
        }
    }

    @Test("what could not be said or looked up is handled again from where it stood; nothing is remembered before it is through")
    func again() async throws {
        try await Self.run { world in
            let code = try await world.begin()
            let desk = try world.desk()
            world.bot.fail(BotError(.serverError, "down", status: 502))
            await #expect(throws: BotError.self) { try await desk.handle(Self.start(1, code.text)) }
            #expect(try await world.status(code) == "awaiting_confirmation")
            world.bot.fail(nil)
            try await desk.handle(Self.start(1, code.text))
            #expect(world.bot.said.count == 1)
            world.accounts.setAway(true)
            await #expect(throws: MemoryAccounts.Away.self) { try await desk.handle(Self.tap(2, .register, code)) }
            #expect(desk.isTransient(MemoryAccounts.Away()))
            world.accounts.setAway(false)
            // Whoever stands behind it and has blocked the bot holds up nobody.
            world.bot.fail(BotError(.forbidden, "blocked", status: 403))
            try await desk.handle(Self.tap(2, .register, code))
            #expect(try await world.status(code) == "completed")
            world.bot.fail(nil)
            try await desk.handle(Self.tap(2, .register, code))
            #expect(world.bot.said.count == 1)
        }
    }

    @Test("a chat that has had too many messages is no reason to handle an update again")
    func crowdedChat() async throws {
        try await Self.run { world in
            let code = try await world.begin()
            let desk = try world.desk()
            world.bot.fail(BotError(.tooManyRequests, "Too Many Requests", status: 429, retryAfter: .seconds(9)))
            try await desk.handle(Self.start(1, code.text))
            #expect(try await world.status(code) == "awaiting_confirmation")
            world.bot.fail(nil)
            try await desk.handle(Self.start(1, code.text))
            #expect(world.bot.said.isEmpty)
            try await desk.handle(Self.start(2, code.text))
            #expect(world.bot.said.count == 1)
        }
    }

    @Test("an update that is given up tells its person to try again, and does not come back")
    func givenUp() async throws {
        try await Self.run { world in
            let code = try await world.begin()
            let desk = try world.desk()
            try await desk.giveUp(Self.tap(5, .confirm, code))
            try await desk.handle(Self.tap(5, .confirm, code))
            #expect(world.bot.said == ["!⚠️ Зараз не вдається. Спробуйте ще раз."])
        }
    }

    @Test(
        "a message that cannot be changed any more is said anew; any other refusal stays",
        arguments: [
            ("Bad Request: message to edit not found", true), ("Bad Request: message can't be edited", true),
            ("Bad Request: chat not found", false),
        ]
    )
    func editsRefused(_ refusal: String, _ isSaidAnew: Bool) async throws {
        try await Self.run { world in
            let code = try await world.begin()
            let desk = try world.desk()
            try await desk.handle(Self.start(1, code.text))
            world.bot.failEdits(BotError(.badRequest, refusal, status: 400))
            try await desk.handle(Self.tap(2, .cancel, code))
            #expect(world.bot.said.dropFirst() == (isSaidAnew ? ["!", "❌ Авторизацію скасовано."] : ["!"]))
        }
    }

    @Test("registration that was closed between question and tap makes no account")
    func closedBetween() async throws {
        try await Self.run { world in
            let code = try await world.begin()
            try await world.desk(.open).handle(Self.start(1, code.text))
            try await world.desk(.closed).handle(Self.tap(2, .register, code))
            #expect(try await world.status(code) == "cancelled")
            #expect(world.accounts.made == 0)
        }
    }

    @Test("linking: once, refused where one of the two is linked elsewhere, and repeated with the same outcome")
    func linking() async throws {
        try await Self.run { world in
            let desk = try world.desk()
            world.accounts.add(Account(id: 7, isActive: true, firstName: "Олена", lastName: "Коваль"))
            world.accounts.add(Account(id: 8, isActive: true, firstName: "Ірина", lastName: "Бондар"))
            func link(_ id: Int64, _ user: Int64, _ person: TelegramUser) async throws -> CodeStatus? {
                let page = OpaqueToken()
                let content = CodeContent.link(LinkRequest(createdAt: LoginTests.now, userID: user))
                try await world.store.add(content, as: StartCode(of: page))
                for id in [id, id + 1] { try await desk.handle(Self.start(id, LinkCode.parameter(of: page), from: person)) }
                return try await world.store.read(StartCode(of: page)).map { CodeStatus($0) }
            }
            let other = TelegramUser(id: 200, firstName: "Інша")
            let status = try await link(1, 7, Self.person)
            #expect(status?.word == "linked")
            #expect(status?.linked == LinkedTelegram(name: "Оксана", username: nil))
            #expect(try await link(3, 8, Self.person)?.word == "refused")
            #expect(try await link(5, 7, other)?.word == "refused")
            #expect(try await link(7, 99, other)?.word == "refused")
            let (linked, taken) = (
                "✅ Telegram успішно прив'язано до акаунту Олена Коваль!",
                "❌ Цей Telegram акаунт вже прив'язано до іншого користувача."
            )
            #expect(Array(world.bot.said.prefix(4)) == [linked, linked, taken, taken])
            for index in [4, 5] { #expect(world.bot.said[index].contains("вже прив'язано інший Telegram акаунт")) }
            #expect(world.bot.said.suffix(2) == ["❌ Код прив'язки недійсний.", "❌ Код прив'язки недійсний."])
        }
    }

    @Test("a link that is opened once more after it was unlinked links nothing")
    func unlinkedMeanwhile() async throws {
        try await Self.run { world in
            let desk = try world.desk()
            world.accounts.add(Account(id: 7, isActive: true, firstName: "Олена", lastName: "Коваль"))
            let page = OpaqueToken()
            try await world.store.add(.link(LinkRequest(createdAt: LoginTests.now, userID: 7)), as: StartCode(of: page))
            try await desk.handle(Self.start(1, LinkCode.parameter(of: page)))
            #expect(try await world.accounts.account(telegramID: Self.person.id)?.id == 7)
            world.accounts.set(nil, telegramID: Self.person.id)
            try await desk.handle(Self.start(2, LinkCode.parameter(of: page)))
            #expect(try await world.accounts.account(telegramID: Self.person.id) == nil)
            #expect(world.bot.said.last == "❌ Цей код вже використано.")
        }
    }
}
