/// A link that opens a chat with the bot and has it sent `/start <parameter>` (core.telegram.org/bots/features, "Deep linking").
public struct DeepLink: Sendable, Hashable {
    /// `https://t.me`, or where the sandbox is.
    private let base: String
    private let username: String

    /// - Parameters:
    ///   - base: what links begin with, with or without a slash at its end.
    ///   - username: the bot's name, with or without the `@`.
    public init(base: String = "https://t.me", username: String) {
        self.base = BaseURL.trimmed(base)
        self.username = String(username.hasPrefix("@") ? username.dropFirst() : username[...])
    }

    /// The link with a start parameter; nil if Telegram would not carry it: it must be 1 to 64 of `A`-`Z`, `a`-`z`, `0`-`9`, `_`, `-`.
    public func url(start parameter: String) -> String? {
        guard Self.isStartParameter(parameter) else { return nil }
        return "\(self.base)/\(self.username)?start=\(parameter)"
    }

    /// Whether Telegram carries it: 1 to 64 of `A`-`Z`, `a`-`z`, `0`-`9`, `_`, `-`.
    public static func isStartParameter(_ text: some StringProtocol) -> Bool {
        (1...64).contains(text.utf8.count) && text.utf8.allSatisfy(Base64Alphabet.isURLSafe)
    }
}
