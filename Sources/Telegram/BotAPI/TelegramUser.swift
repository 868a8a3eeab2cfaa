/// A person or a bot, as Telegram has it (Bot API, "User").
public struct TelegramUser: Sendable, Hashable {
    /// Up to 52 bits.
    public var id: Int64
    /// Whether it is a bot.
    public var isBot: Bool
    /// As the person wrote it; escape it with ``MessageHTML/escaped(_:)``.
    public var firstName: String
    /// As the person wrote it, if there is one.
    public var lastName: String?
    /// Without the `@`, if there is one.
    public var username: String?
    /// The language of the person's Telegram, such as `uk` or `en-GB` (an IETF tag), if it is known.
    public var languageCode: String?

    /// See the properties.
    public init(
        id: Int64,
        isBot: Bool = false,
        firstName: String,
        lastName: String? = nil,
        username: String? = nil,
        languageCode: String? = nil
    ) {
        self.id = id
        self.isBot = isBot
        self.firstName = firstName
        self.lastName = lastName
        self.username = username
        self.languageCode = languageCode
    }
}

extension TelegramUser {
    /// With names that stand on one line each, whatever the person wrote there.
    var cleaned: TelegramUser {
        var person = self
        person.firstName = PlainText.clean(self.firstName, maximum: 200)
        person.lastName = self.lastName.map { PlainText.clean($0, maximum: 200) }
        person.username = self.username.map { PlainText.clean($0) }
        return person
    }

    /// First and last name.
    public var fullName: String { [self.firstName, self.lastName ?? ""].filter { !$0.isEmpty }.joined(separator: " ") }
}
