public import Secrets

/// What the QR code and the chat show of a code: derived one way from the text that its page holds, so that who photographs
/// the screen or reads the chat can fetch no token. Redis is keyed by it.
public struct StartCode: Hashable, Sendable {
    /// base64url without padding of a SHA-256: 43 characters, within the 64 that Telegram lets a start parameter have.
    public let text: String

    /// The start code of a page's code.
    public init(of code: OpaqueToken) {
        self.text = Base64URL.encode(code.hash)
    }

    /// One that somebody sent; nil if it cannot be one.
    public init?(_ text: String) {
        guard let bytes = Base64URL.decode(text), bytes.count == Crypto.sha256Count else { return nil }
        self.text = text
    }
}

extension StartCode: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The type's name: a code does not belong into a log.
    public var description: String { "StartCode" }
    /// The type's name.
    public var debugDescription: String { self.description }
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
