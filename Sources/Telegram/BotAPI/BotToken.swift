/// A bot's token, `<bot's number>:<secret>`. No description, log line or error shows it.
public struct BotToken: Sendable, Hashable {
    /// The token itself: for the path of a request alone.
    let text: String

    /// Takes a token; nil if it is not digits, a colon, and letters, digits, `-` and `_` behind it (at most 128 characters in all).
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, text.utf8.count <= 128 else { return nil }
        guard !parts[0].isEmpty, parts[0].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        guard !parts[1].isEmpty, parts[1].utf8.allSatisfy(Base64Alphabet.isURLSafe) else { return nil }
        self.text = text
    }

    /// The bot's own Telegram number, which is no secret.
    public var botID: Int64? { Int64(self.text.prefix { $0 != ":" }) }

    /// A text without the token, should it be in there.
    func redacted(_ text: String) -> String {
        let secret = self.text.drop { $0 != ":" }.dropFirst()
        return text.split(separator: secret, omittingEmptySubsequences: false).joined(separator: "…")
    }
}

extension BotToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Says only what it is.
    public var description: String { "a bot's token" }
    /// As ``description``.
    public var debugDescription: String { self.description }
    /// Shows nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
