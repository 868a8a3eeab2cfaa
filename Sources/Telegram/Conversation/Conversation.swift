/// One update's way through the conversation: what it asks for, and what the bot says to what came of it. Pure: the look-ups
/// and the sending between are ``UpdateDesk``'s.
struct Conversation: Sendable {
    /// What the bot does. Texts are HTML.
    enum Reply: Sendable, Equatable {
        /// A new message in the person's chat.
        case send(text: String, keyboard: InlineKeyboard?)
        /// The message that was tapped is another now.
        case edit(message: Int64, text: String, keyboard: InlineKeyboard?)
        /// The tap is answered, perhaps by a box that has to be closed.
        case answer(query: String, alert: String?)
    }

    let person: TelegramUser
    private let texts: Texts
    /// The tap, if it is one.
    private let tap: CallbackQuery?

    private init(_ person: TelegramUser, tap: CallbackQuery? = nil) {
        self.person = person
        self.texts = Texts(language: BotLanguage(code: person.languageCode))
        self.tap = tap
    }

    // MARK: What came in

    enum ReceivedAction: Sendable {
        /// Nothing to do, and nothing to say.
        case ignore
        case say([Reply], Conversation)
        case openLogin(StartCode, sentAt: Int64, Conversation)
        case openLink(StartCode, sentAt: Int64, Conversation)
        case tap(Button, StartCode, Conversation)
    }

    /// Only private chats count. Groups, channels, edited and forwarded messages and other bots change nothing.
    static func received(_ update: Update, botName: String) -> ReceivedAction {
        switch update.event {
        case .message(let message): self.received(message, botName: botName)
        case .callbackQuery(let tap): self.received(tap)
        case .other: .ignore
        }
    }

    private static func received(_ message: Message, botName: String) -> ReceivedAction {
        guard let person = message.from, self.isBetween(person, message.chat), let text = message.text else { return .ignore }
        guard !message.isForwarded, !message.isEdited, !message.isByAnotherBot else { return .ignore }
        let words = text.prefix(256).split(whereSeparator: \.isWhitespace)
        guard let command = words.first?.lowercased(), ["/start", "/start@\(botName.lowercased())"].contains(command) else {
            return .ignore
        }
        let conversation = Conversation(person)
        guard words.count > 1 else { return .say([conversation.message(conversation.texts.greeting)], conversation) }
        let parameter = words.count == 2 ? String(words[1]) : ""
        if parameter.hasPrefix(LinkCode.prefix) {
            guard let code = LinkCode.startCode(ofParameter: parameter) else {
                return .say(conversation.linkUnknown(), conversation)
            }
            return .openLink(code, sentAt: message.date, conversation)
        }
        guard let code = StartCode(parameter) else { return .say(conversation.loginUnknown(), conversation) }
        return .openLogin(code, sentAt: message.date, conversation)
    }

    /// Every tap is answered, whatever it is.
    private static func received(_ tap: CallbackQuery) -> ReceivedAction {
        let conversation = Conversation(tap.from, tap: tap)
        guard let chat = tap.message?.chat, self.isBetween(tap.from, chat), let (button, code) = Button.parse(tap.data ?? "")
        else {
            return .say(conversation.alert(conversation.texts.late), conversation)
        }
        return .tap(button, code, conversation)
    }

    /// A private chat has its person's number.
    private static func isBetween(_ person: TelegramUser, _ chat: Chat) -> Bool {
        chat.kind == .private && chat.id == person.id && !person.isBot
    }

    // MARK: Logins

    /// There is no such code, or not any more.
    func loginUnknown() -> [Reply] { [self.message(self.texts.badCode)] }

    func opened(_ action: Login.OpenAction, _ origin: LoginOrigin, _ code: StartCode) -> [Reply] {
        let name = self.name
        switch action {
        case .askToConfirm:
            return [self.message(self.texts.askToConfirm(name, origin), self.keyboard([[.confirm], [.cancel]], code))]
        case .askToRegister:
            return [self.message(self.texts.askToRegister(name, origin), self.keyboard([[.register], [.cancel]], code))]
        case .askNumber(let numbers):
            return [self.message(self.texts.askNumber, self.numberKeyboard(numbers, code))]
        case .tellUsed:
            return [self.message(self.texts.used)]
        case .tellCancelled(let reason):
            return [self.message(self.texts.cancelled(reason))]
        case .tellStale:
            return [self.message(self.texts.badCode)]
        }
    }

    /// - Parameter action: nil if the code is gone
    func tapped(_ action: Login.TapAction?, _ code: StartCode) -> [Reply] {
        switch action {
        case .tellCompleted(let isNew): self.answered(isNew ? self.texts.registered : self.texts.confirmed)
        case .tellAwaitingApproval: self.answered(self.texts.awaitingApproval)
        case .askNumber(let numbers): self.answered(self.texts.askNumber, self.numberKeyboard(numbers, code))
        case .tellCancelled(let reason): self.answered(self.texts.cancelled(reason))
        case .tellForeign: self.alert(self.texts.used)
        // The account is being made by whoever was first.
        case .register: self.alert(nil)
        case .tellLate, nil: self.alert(self.texts.late)
        }
    }

    /// It could not be done, and may be tried again.
    func failed() -> [Reply] {
        self.tap == nil ? [self.message(self.texts.tryAgain)] : self.alert(self.texts.tryAgain)
    }

    // MARK: Linking

    func linkUnknown() -> [Reply] { [self.message(self.texts.badLink)] }

    func linkOpened(_ action: LinkRequest.OpenAction) -> [Reply] {
        switch action {
        case .link: []
        case .tell(let outcome): self.linkSettled(outcome)
        case .tellUsed: [self.message(self.texts.used)]
        case .tellStale: self.linkUnknown()
        }
    }

    func linkSettled(_ outcome: LinkOutcome) -> [Reply] {
        switch outcome {
        case .linked(let account): [self.message(self.texts.linked(account.firstName, account.lastName))]
        case .refused(.telegramTaken): [self.message(self.texts.telegramTaken)]
        case .refused(.accountTaken): [self.message(self.texts.accountTaken)]
        case .refused(.gone): self.linkUnknown()
        }
    }

    // MARK: Forms

    /// Whichever has something in it that can be shown.
    private var name: String {
        let isBlank = PlainText.clean(self.person.firstName).isEmpty
        return isBlank ? self.person.username ?? "" : self.person.firstName
    }

    private func message(_ text: String, _ keyboard: InlineKeyboard? = nil) -> Reply {
        .send(text: text, keyboard: keyboard)
    }

    /// The tap is answered first: its button waits for that.
    private func answered(_ text: String, _ keyboard: InlineKeyboard? = nil) -> [Reply] {
        guard let tap, let message = tap.message else { return [self.message(text, keyboard)] }
        return [.answer(query: tap.id, alert: nil), .edit(message: message.id, text: text, keyboard: keyboard)]
    }

    private func alert(_ text: String?) -> [Reply] {
        self.tap.map { [.answer(query: $0.id, alert: text)] } ?? []
    }

    private func keyboard(_ rows: [[Button]], _ code: StartCode) -> InlineKeyboard {
        InlineKeyboard(
            rows: rows.map { row in row.map { InlineKeyboard.Button(self.texts.label($0), data: $0.data(for: code)) } }
        )
    }

    private func numberKeyboard(_ numbers: [Int], _ code: StartCode) -> InlineKeyboard {
        self.keyboard([numbers.map { .number($0) }, [.cancel]], code)
    }
}
