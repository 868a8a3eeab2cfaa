import Secrets
import Testing

@testable import Telegram

@Suite("The conversation")
struct ConversationTests {
    static let code = StartCode(of: OpaqueToken())
    static let person = TelegramUser(id: 100, firstName: "Оксана", lastName: "Мельник", username: "oksana", languageCode: "uk")
    static let origin = LoginOrigin(device: "Firefox, Linux", address: "192.0.2.1", time: "25.11.2026 07:12")

    static func message(
        _ text: String?,
        from: TelegramUser? = person,
        chat: Chat = Chat(id: 100, kind: .private),
        isForwarded: Bool = false,
        isEdited: Bool = false,
        isByAnotherBot: Bool = false
    ) -> Update {
        Update(
            id: 1,
            event: .message(
                Message(
                    id: 5,
                    chat: chat,
                    from: from,
                    date: 1_800_000_000,
                    text: text,
                    isForwarded: isForwarded,
                    isEdited: isEdited,
                    isByAnotherBot: isByAnotherBot
                )
            )
        )
    }

    static func tap(
        _ data: String?,
        from: TelegramUser = person,
        chat: Chat? = Chat(id: 100, kind: .private)
    ) -> Update {
        let message = chat.map { Message(id: 6, chat: $0, date: 1_800_000_000) }
        return Update(id: 2, event: .callbackQuery(CallbackQuery(id: "q", from: from, message: message, data: data)))
    }

    /// What an update asks for, as one word.
    static func word(_ update: Update) -> String {
        switch Conversation.received(update, botName: "adelante_bot") {
        case .ignore: "ignore"
        case .say(let replies, _): "say \(replies)"
        case .openLogin(let code, _, _): code == self.code ? "login" : "other login"
        case .openLink: "link"
        case .tap(let button, let code, _): code == self.code ? "\(button)" : "other tap"
        }
    }

    private static func send(_ text: String) -> String {
        "say \([Conversation.Reply.send(text: text, keyboard: nil)])"
    }

    @Test(
        "what a message asks for",
        arguments: [
            ("/start", send("Привіт! Це бот для авторизації в Adelante CRM.")),
            ("/start@Adelante_Bot", send("Привіт! Це бот для авторизації в Adelante CRM.")),
            ("/start \(code.text)", "login"), ("/START   \(code.text)  ", "login"), ("/start@adelante_bot \(code.text)", "login"),
            ("/start@another_bot \(code.text)", "ignore"),
            ("/start link_\(OpaqueToken().text)", "link"),
            ("/start short", send("❌ Код авторизації недійсний або застарів.")),
            ("/start \(code.text) more", send("❌ Код авторизації недійсний або застарів.")),
            ("/start \(code.text)=", send("❌ Код авторизації недійсний або застарів.")),
            ("/start link_short", send("❌ Код прив'язки недійсний.")),
            ("/startle \(code.text)", "ignore"), ("hello", "ignore"), ("", "ignore"), (code.text, "ignore"),
        ] as [(String, String)]
    )
    func messages(_ text: String, _ word: String) {
        #expect(Self.word(Self.message(text)) == word)
    }

    @Test("groups, channels, edited and forwarded messages, other bots and whatever else change nothing")
    func ignored() {
        let start = "/start \(Self.code.text)"
        let bot = TelegramUser(id: 100, isBot: true, firstName: "Bot")
        let updates = [
            Self.message(start, chat: Chat(id: -100, kind: .group)), Self.message(start, chat: Chat(id: -100, kind: .supergroup)),
            Self.message(start, from: nil, chat: Chat(id: -100, kind: .channel)), Self.message(start, from: bot),
            Self.message(start, chat: Chat(id: 200, kind: .private)), Self.message(start, chat: Chat(id: 100, kind: .other)),
            Self.message(start, isForwarded: true), Self.message(start, isEdited: true),
            Self.message(start, isByAnotherBot: true), Self.message(nil), Update(id: 3, event: .other),
        ]
        for update in updates { #expect(Self.word(update) == "ignore", "\(update)") }
    }

    @Test("a tap's data is read strictly, and every tap is answered")
    func taps() {
        let late = "say \([Conversation.Reply.answer(query: "q", alert: "❌ Код застарів")])"
        let text = Self.code.text
        let cases: [(String?, String)] = [
            ("confirm:\(text)", "confirm"), ("register:\(text)", "register"), ("cancel:\(text)", "cancel"),
            ("number:42:\(text)", "number(42)"), ("number:042:\(text)", late), ("number:x:\(text)", late),
            ("number:\(text)", late), ("confirm:42:\(text)", late), ("confirm:", late), ("confirm", late), ("", late),
            (nil, late), ("delete:\(text)", late), ("confirm:\(text)x", late),
        ]
        for (data, word) in cases { #expect(Self.word(Self.tap(data)) == word, "\(data ?? "nil")") }
        for chat in [nil, Chat(id: -5, kind: .group), Chat(id: 200, kind: .private)] {
            #expect(Self.word(Self.tap("confirm:\(text)", chat: chat)) == late)
        }
        let bot = TelegramUser(id: 100, isBot: true, firstName: "Bot")
        #expect(Self.word(Self.tap("confirm:\(text)", from: bot)) == late)
        for button in [Button.confirm, .register, .cancel, .number(99)] {
            #expect(button.data(for: Self.code).utf8.count <= 64)
            #expect(Button.parse(button.data(for: Self.code))?.button == button)
        }
    }

    private static func conversation(_ update: Update) throws -> Conversation {
        switch Conversation.received(update, botName: "adelante_bot") {
        case .openLogin(_, _, let conversation), .openLink(_, _, let conversation), .tap(_, _, let conversation): conversation
        case .ignore, .say: throw Unusable()
        }
    }

    private struct Unusable: Error {}

    private static func keyboard(_ rows: [[(String, String)]]) -> InlineKeyboard {
        InlineKeyboard(rows: rows.map { row in row.map { InlineKeyboard.Button($0.0, data: "\($0.1):\(self.code.text)") } })
    }

    @Test("the questions say who, from where, and have the right buttons")
    func questions() throws {
        let conversation = try Self.conversation(Self.message("/start \(Self.code.text)"))
        let place = "\n\nПристрій: Firefox, Linux\nАдреса: 192.0.2.1\nЧас: 25.11.2026 07:12"
        let cancel = [("❌ Скасувати", "cancel")]
        #expect(
            conversation.opened(.askToConfirm, Self.origin, Self.code) == [
                .send(
                    text: "👋 Привіт, Оксана!\n\nПідтвердіть вхід в систему Adelante CRM." + place,
                    keyboard: Self.keyboard([[("✅ Підтвердити вхід", "confirm")], cancel])
                )
            ]
        )
        #expect(
            conversation.opened(.askToRegister, Self.origin, Self.code) == [
                .send(
                    text: "👋 Привіт, Оксана!\n\nВи ще не зареєстровані в системі.\nБажаєте створити обліковий запис?" + place,
                    keyboard: Self.keyboard([[("✅ Підтвердити реєстрацію", "register")], cancel])
                )
            ]
        )
        #expect(
            conversation.opened(.askNumber([17, 42, 88]), Self.origin, Self.code) == [
                .send(
                    text: "🔢 Яке число показує сторінка входу?",
                    keyboard: Self.keyboard([[("17", "number:17"), ("42", "number:42"), ("88", "number:88")], cancel])
                )
            ]
        )
        let plain: [(Login.OpenAction, String)] = [
            (.tellUsed, "❌ Цей код вже використано."), (.tellStale, "❌ Код авторизації недійсний або застарів."),
            (.tellCancelled(.inactive), "❌ Ваш обліковий запис вимкнено. Зверніться до адміністратора салону."),
            (.tellCancelled(.registrationClosed), "❌ Реєстрацію закрито. Зверніться до адміністратора салону."),
        ]
        for (action, text) in plain {
            #expect(conversation.opened(action, Self.origin, Self.code) == [.send(text: text, keyboard: nil)])
        }
    }

    @Test("a tap is answered first, then its message says what came of it, without buttons")
    func answers() throws {
        let conversation = try Self.conversation(Self.tap("confirm:\(Self.code.text)"))
        let edits: [(Login.TapAction, String)] = [
            (.tellCompleted(isNew: false), "✅ Вхід підтверджено! Поверніться до браузера."),
            (.tellCompleted(isNew: true), "✅ Обліковий запис створено!\nПоверніться до браузера для завершення входу."),
            (.tellAwaitingApproval, "⏳ Обліковий запис створено!\nТепер його має підтвердити адміністратор салону."),
            (.tellCancelled(.user), "❌ Авторизацію скасовано."),
            (.tellCancelled(.wrongNumber), "❌ Число не збігається. Авторизацію скасовано."),
        ]
        for (action, text) in edits {
            let expected: [Conversation.Reply] = [.answer(query: "q", alert: nil), .edit(message: 6, text: text, keyboard: nil)]
            #expect(conversation.tapped(action, Self.code) == expected)
        }
        let alerts: [(Login.TapAction?, String?)] = [
            (nil, "❌ Код застарів"), (.tellLate, "❌ Код застарів"), (.tellForeign, "❌ Цей код вже використано."),
            (.register(salonID: 1), nil),
        ]
        for (action, alert) in alerts {
            #expect(conversation.tapped(action, Self.code) == [.answer(query: "q", alert: alert)])
        }
        #expect(conversation.failed() == [.answer(query: "q", alert: "⚠️ Зараз не вдається. Спробуйте ще раз.")])
    }

    @Test("linking says what came of it")
    func linking() throws {
        let conversation = try Self.conversation(Self.message("/start link_\(OpaqueToken().text)"))
        let account = Account(id: 7, isActive: true, firstName: "Олена", lastName: "Коваль")
        let cases: [(LinkOutcome, String)] = [
            (.linked(account), "✅ Telegram успішно прив'язано до акаунту Олена Коваль!"),
            (.refused(.telegramTaken), "❌ Цей Telegram акаунт вже прив'язано до іншого користувача."),
            (
                .refused(.accountTaken),
                "❌ До цього облікового запису вже прив'язано інший Telegram акаунт. Спершу відв'яжіть його."
            ),
            (.refused(.gone), "❌ Код прив'язки недійсний."),
        ]
        for (outcome, text) in cases {
            #expect(conversation.linkSettled(outcome) == [.send(text: text, keyboard: nil)])
        }
    }

    @Test("English is spoken to those whose app is English, Ukrainian to everybody else")
    func languages() {
        for (code, language) in [("en", BotLanguage.english), ("en-GB", .english), ("EN", .english), ("uk", .ukrainian)] {
            #expect(BotLanguage(code: code) == language)
        }
        for code in ["de", "", nil, "eng"] { #expect(BotLanguage(code: code) == .ukrainian) }
        let (uk, en) = (Texts(language: .ukrainian), Texts(language: .english))
        let texts: [(Texts) -> String] = [
            \.greeting, \.badCode, \.used, \.askNumber, \.confirmed, \.registered, \.awaitingApproval, \.badLink, \.telegramTaken,
            \.accountTaken, \.late, \.tryAgain, { $0.cancelled(.user) }, { $0.cancelled(.inactive) }, { $0.label(.confirm) },
            { $0.askToConfirm("x", Self.origin) }, { $0.linked("x", "y") },
        ]
        for text in texts {
            #expect(text(uk) != text(en))
            #expect(text(uk).unicodeScalars.contains { ("а"..."я").contains($0) || $0 == "і" })
            #expect(!text(en).unicodeScalars.contains { ("а"..."я").contains($0) })
        }
        for texts in [uk, en] { #expect([texts.late, texts.used, texts.tryAgain].allSatisfy { $0.count <= 200 }) }
    }

    @Test("names and whatever else is somebody's own stay on their line and are no markup")
    func quoting() {
        let texts = Texts(language: .english)
        let evil = "<b>x</b> & \"y\"\n\u{202E}evil\u{2066}\u{0000}\u{2028}z" + String(repeating: "n", count: 300)
        let origin = LoginOrigin(device: "<i>\n", address: "<a>", time: "&")
        for text in [texts.askToConfirm(evil, origin), texts.askToRegister(evil, origin), texts.linked(evil, evil)] {
            #expect(text.contains("&lt;b&gt;x&lt;/b&gt; &amp; &quot;y&quot; evil z"))
            #expect(!text.contains("<") && !text.contains("\u{202E}") && !text.contains("\u{2066}") && !text.contains("\0"))
            #expect(text.count < 700)
        }
        #expect(texts.askToConfirm(evil, origin).split(separator: "\n").count == 5)
        #expect(PlainText.clean("  Ан\u{200D}на  \t Марія ") == "Ан\u{200D}на Марія")
        #expect(PlainText.clean("👩‍👩‍👧") == "👩‍👩‍👧")
    }
}
