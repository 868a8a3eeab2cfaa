import JSON
import Secrets

/// Makes and checks our JSON Web Tokens (RFC 7519): HMAC-SHA-256 alone, as a compact JWS (RFC 7515).
///
/// The algorithm is ours to choose, never the token's: whatever else a header says (`none`, RS256, a key to use) is refused.
public struct TokenSigner: Sendable {
    /// The longest token that is looked at, in bytes.
    public static let maximumLength = 4096

    private static let header = Base64URL.encode(Array(#"{"alg":"HS256","typ":"JWT"}"#.utf8))
    private static let headerBytes = Array(Self.header.utf8)

    private let key: HMACKey
    private let previousKey: HMACKey?

    /// - Parameters:
    ///   - secret: signs and checks; at least 32 bytes (RFC 7518 section 3.2), which the configuration sees to.
    ///   - previous: also checks, while keys rotate.
    public init(secret: String, previous: String? = nil) {
        self.init(key: Array(secret.utf8), previousKey: previous.map { Array($0.utf8) })
    }

    /// Keys that need not be text.
    init(key: [UInt8], previousKey: [UInt8]? = nil) {
        self.key = HMACKey(key)
        self.previousKey = previousKey.map { HMACKey($0) }
    }

    /// The token that says this.
    public func sign(_ claims: TokenClaims) -> String {
        let signed = Self.header + "." + Base64URL.encode(claims.jsonBytes)
        return signed + "." + Base64URL.encode(self.key.code(of: Array(signed.utf8)))
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
        guard let claims = TokenClaims(json: payload) else { throw .malformed }
        guard claims.type == type else { throw .wrongType }
        guard now < claims.expiresAt else { throw .expired }
        return claims
    }

    /// The payload of a token whose header is ours and whose signature is right; nothing else of it has been looked at.
    func authenticated(_ token: String) throws(TokenError) -> [UInt8] {
        guard token.utf8.count <= Self.maximumLength else { throw .malformed }
        let bytes = token.utf8.span
        guard let parts = Self.parts(bytes),
            let signature = Base64URL.decode(bytes.extracting((parts.payload.upperBound + 1)...)),
            signature.count == Crypto.sha256Count, Self.isHS256(bytes.extracting(..<parts.header)),
            let payload = Base64URL.decode(bytes.extracting(parts.payload))
        else { throw .malformed }
        let signed = bytes.extracting(..<parts.payload.upperBound)
        guard Self.isCode(signature, of: signed, under: self.key) || Self.isCode(signature, of: signed, under: self.previousKey)
        else { throw .badSignature }
        return payload
    }

    /// Where the three parts of a token are: the end of its header, and its payload.
    private static func parts(_ token: Span<UInt8>) -> (header: Int, payload: Range<Int>)? {
        var dots: (first: Int?, second: Int?) = (nil, nil)
        for index in token.indices where token[index] == UInt8(ascii: ".") {
            guard dots.second == nil else { return nil }
            dots = dots.first == nil ? (index, nil) : (dots.first, index)
        }
        guard let first = dots.first, let second = dots.second else { return nil }
        return (first, first + 1..<second)
    }

    private static func isCode(_ code: [UInt8], of signed: Span<UInt8>, under key: HMACKey?) -> Bool {
        guard let key else { return false }
        return Crypto.constantTimeEqual(key.code(of: signed), code)
    }

    /// Whether a header says HS256, perhaps JWT, and nothing else, in no more members than that.
    private static func isHS256(_ encoded: Span<UInt8>) -> Bool {
        if self.equal(encoded, self.headerBytes.span) { return true }
        guard let header = Base64URL.decode(encoded) else { return false }
        guard let members = try? JSONValue(parsing: header, limits: JSONLimits(maxDepth: 1)).object else { return false }
        guard members["alg"] == "HS256" else { return false }
        switch members["typ"] {
        case nil: return members.count == 1
        case let type?: return type == "JWT" && members.count == 2
        }
    }

    private static func equal(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        for index in left.indices where left[index] != right[index] { return false }
        return true
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
