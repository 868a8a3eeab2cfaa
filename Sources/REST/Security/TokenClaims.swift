import JSON

/// What a token of ours says (RFC 7519 section 4): whose it is, of which login, and until when.
public struct TokenClaims: Hashable, Sendable {
    /// What a token is good for; one cannot stand in for the other.
    public enum Kind: String, Hashable, Sendable {
        /// For requests and sockets.
        case access
        /// For a new access token.
        case refresh
    }

    /// `sub`: the user's id, a string in the JSON.
    public let userID: Int64
    /// `sid`: the id of the login's row in `sessions`, a string in the JSON.
    public let sessionID: Int64
    /// `type`.
    public let type: Kind
    /// `iat`: seconds since 1970.
    public let issuedAt: Int64
    /// `exp`: seconds since 1970; from then on the token is worth nothing.
    public let expiresAt: Int64

    /// - Parameters:
    ///   - userID: whose token it is, 1 or more.
    ///   - sessionID: of which login, 1 or more.
    ///   - type: what for.
    ///   - issuedAt: seconds since 1970.
    ///   - expiresAt: seconds since 1970.
    public init(userID: Int64, sessionID: Int64, type: Kind, issuedAt: Int64, expiresAt: Int64) {
        self.userID = userID
        self.sessionID = sessionID
        self.type = type
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
    }

    /// Reads the claims, each in its exact form; claims that we do not know are passed over (RFC 7519 section 4).
    init?(_ value: JSONValue) {
        guard let userID = Self.id(value["sub"]), let sessionID = Self.id(value["sid"]) else { return nil }
        guard let type = value["type"]?.string.flatMap(Kind.init(rawValue:)) else { return nil }
        guard let issuedAt = Self.time(value["iat"]), let expiresAt = Self.time(value["exp"]) else { return nil }
        self.init(userID: userID, sessionID: sessionID, type: type, issuedAt: issuedAt, expiresAt: expiresAt)
    }

    /// Reads the claims of a token's payload.
    init?(json: [UInt8]) {
        if let plain = TokenClaims(plain: json.span) {
            self = plain
        } else {
            guard let value = try? JSONValue(parsing: json) else { return nil }
            self.init(value)
        }
    }

    /// The claims as they are signed.
    var jsonBytes: [UInt8] {
        var writer = JSONWriter()
        writer.object {
            $0.field("sub", String(self.userID))
            $0.field("exp", self.expiresAt)
            $0.field("iat", self.issuedAt)
            $0.field("type", self.type.rawValue)
            $0.field("sid", String(self.sessionID))
        }
        return writer.bytes
    }

    /// The last second of the year 9999.
    static let latest: Int64 = 253_402_300_799

    /// A positive id written the one way that we write it: no sign, no needless zero.
    private static func id(_ value: JSONValue?) -> Int64? {
        guard let text = value?.string, let id = Int64(text), id > 0, String(id) == text else { return nil }
        return id
    }

    /// Seconds: a whole number, also written as `1.7e9`, up to the year 9999.
    private static func time(_ value: JSONValue?) -> Int64? {
        guard let seconds = value?.int, (0...self.latest).contains(seconds) else { return nil }
        return seconds
    }
}
