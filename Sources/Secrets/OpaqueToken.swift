/// A secret that says nothing: 32 random bytes, for links in mails and the like. The database keeps its hash only, so that who
/// reads the database cannot use it.
public struct OpaqueToken: Hashable, Sendable {
    /// How many characters ``text`` has.
    public static let length = 43

    /// What the user gets: base64url, 43 characters.
    public let text: String

    /// A new one.
    public init() {
        self.text = Base64URL.encode(Crypto.randomBytes(32))
    }

    /// One that somebody sent; nil if it cannot be one of ours.
    public init?(_ text: String) {
        guard text.utf8.count == Self.length, Base64URL.decode(text) != nil else { return nil }
        self.text = text
    }

    /// What the database keeps: the SHA-256 of the text, 32 bytes.
    public var hash: [UInt8] { Self.hash(of: self.text) }

    /// The SHA-256 in hexadecimal, 64 characters.
    public var hexHash: String {
        self.hash.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }

    /// The SHA-256 of any token's text; for refresh tokens, which are signed rather than opaque.
    public static func hash(of text: String) -> [UInt8] { Crypto.sha256(Array(text.utf8)) }
}

extension OpaqueToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The type's name: the secret does not belong into a log.
    public var description: String { "OpaqueToken" }
    /// The type's name.
    public var debugDescription: String { self.description }
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
