import JSON
import Secrets

/// Makes and checks our JSON Web Tokens (RFC 7519): HMAC-SHA-256 alone, as a compact JWS (RFC 7515).
///
/// The algorithm is ours to choose, never the token's: whatever else a header says (`none`, RS256, a key to use) is refused.
public struct TokenSigner: Sendable {
    /// The longest token that is looked at, in bytes.
    public static let maximumLength = 4096

    private static let header = Base64URL.encode(Array(#"{"alg":"HS256","typ":"JWT"}"#.utf8))

    private let key: [UInt8]
    private let previousKey: [UInt8]?

    /// - Parameters:
    ///   - secret: signs and checks; at least 32 bytes (RFC 7518 section 3.2), which the configuration sees to.
    ///   - previous: also checks, while keys rotate.
    public init(secret: String, previous: String? = nil) {
        self.init(key: Array(secret.utf8), previousKey: previous.map { Array($0.utf8) })
    }

    /// Keys that need not be text.
    init(key: [UInt8], previousKey: [UInt8]? = nil) {
        self.key = key
        self.previousKey = previousKey
    }

    /// The token that says this.
    public func sign(_ claims: TokenClaims) -> String {
        let signed = Self.header + "." + Base64URL.encode(claims.jsonBytes)
        return signed + "." + Base64URL.encode(Crypto.hmacSHA256(key: self.key, data: Array(signed.utf8)))
    }

    /// Reads a token that somebody sent.
    ///
    /// - Parameters:
    ///   - token: as it came after `Bearer `.
    ///   - type: what it must be good for.
    ///   - now: seconds since 1970; a token is expired from its `exp` on, without leeway.
    /// - Returns: what it says.
    public func verify(_ token: String, type: TokenClaims.Kind, now: Int64) throws(TokenError) -> TokenClaims {
        let payload = try self.authenticated(token)
        guard let value = try? JSONValue(parsing: payload), let claims = TokenClaims(value) else { throw .malformed }
        guard claims.type == type else { throw .wrongType }
        guard now < claims.expiresAt else { throw .expired }
        return claims
    }

    /// The payload of a token whose header is ours and whose signature is right; nothing else of it has been looked at.
    func authenticated(_ token: String) throws(TokenError) -> [UInt8] {
        let bytes = Array(token.utf8.prefix(Self.maximumLength + 1))
        guard bytes.count <= Self.maximumLength else { throw .malformed }
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let signature = Base64URL.decode(parts[2]), signature.count == Crypto.sha256Count,
            let header = Base64URL.decode(parts[0]), let payload = Base64URL.decode(parts[1])
        else { throw .malformed }
        guard Self.isHS256(header) else { throw .malformed }
        let signed = Array(bytes[..<parts[1].endIndex])
        guard self.keys.contains(where: { Crypto.constantTimeEqual(Crypto.hmacSHA256(key: $0, data: signed), signature) }) else {
            throw .badSignature
        }
        return payload
    }

    private var keys: [[UInt8]] { [self.key] + (self.previousKey.map { [$0] } ?? []) }

    /// Whether a header says HS256, perhaps JWT, and nothing else, in no more members than that.
    private static func isHS256(_ header: [UInt8]) -> Bool {
        guard let members = try? JSONValue(parsing: header, limits: JSONLimits(maxDepth: 1)).object else { return false }
        guard members["alg"] == "HS256" else { return false }
        switch members["typ"] {
        case nil: return members.count == 1
        case let type?: return type == "JWT" && members.count == 2
        }
    }
}

extension TokenSigner: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The type's name: keys do not belong into a log.
    public var description: String { "TokenSigner" }
    /// The type's name.
    public var debugDescription: String { self.description }
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
