import JSON
import Secrets
import Testing

@testable import REST

@Suite("JSON Web Tokens")
struct TokenTests {
    static let signer = TokenSigner(secret: TokenFixtures.key)
    static let claims = TokenClaims(
        userID: 7,
        sessionID: 42,
        type: .access,
        issuedAt: 1_767_225_600,
        expiresAt: 4_102_444_800
    )
    static let now: Int64 = 1_767_225_700

    /// A token with any header and payload, rightly signed.
    static func token(
        header: String = #"{"alg":"HS256","typ":"JWT"}"#,
        payload: String = #"{"sub":"7","exp":4102444800,"iat":1767225600,"type":"access","sid":"42"}"#,
        key: String = TokenFixtures.key
    ) -> String {
        let signed = Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(payload.utf8))
        return signed + "." + Base64URL.encode(Crypto.hmacSHA256(key: Array(key.utf8), data: Array(signed.utf8)))
    }

    static func refusal(_ token: String, type: TokenClaims.Kind = .access, now: Int64 = now) -> TokenError? {
        do throws(TokenError) {
            _ = try self.signer.verify(token, type: type, now: now)
            return nil
        } catch {
            return error
        }
    }

    @Test("RFC 7515's example A.1 is rightly signed, and not with a changed bit")
    func rfc7515() throws {
        let key = try #require(
            Base64URL.decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
        )
        let signed =
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
            + ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        let token = signed + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        let payload = try TokenSigner(key: key).authenticated(token)
        let value = try JSONValue(parsing: payload)
        #expect(value["iss"] == "joe")
        #expect(value["exp"] == 1_300_819_380)
        var changed = key
        changed[63] ^= 1
        #expect(throws: TokenError.badSignature) { try TokenSigner(key: changed).authenticated(token) }
        // Rightly signed, but it says nothing of what ours say.
        #expect(throws: TokenError.malformed) { try TokenSigner(key: key).verify(token, type: .access, now: 0) }
    }

    @Test("ours is, byte for byte, what PyJWT and python-jose make of the same claims")
    func sameAsOthers() {
        let token = Self.signer.sign(Self.claims)
        #expect(token == TokenFixtures.pyJWT)
        #expect(token == TokenFixtures.pythonJose)
    }

    @Test(
        "those of PyJWT and python-jose are taken",
        arguments: [TokenFixtures.pyJWT, TokenFixtures.pythonJose, TokenFixtures.withoutType]
    )
    func others(_ token: String) throws {
        #expect(try Self.signer.verify(token, type: .access, now: Self.now) == Self.claims)
    }

    @Test("a whole `exp` may have decimals, and unknown claims are passed over")
    func more() throws {
        let claims = try Self.signer.verify(TokenFixtures.withMore, type: .refresh, now: Self.now)
        #expect(claims.expiresAt == 4_102_444_800)
        #expect(claims.userID == 7)
        #expect(claims.type == .refresh)
    }

    @Test("other algorithms are refused, whoever made them", arguments: [TokenFixtures.hs512, TokenFixtures.none])
    func algorithms(_ token: String) {
        #expect(Self.refusal(token) == .malformed)
    }

    @Test(
        "other headers are refused, though rightly signed",
        arguments: [
            #"{"alg":"none","typ":"JWT"}"#, #"{"alg":"hs256","typ":"JWT"}"#, #"{"alg":"HS384"}"#, #"{"alg":"RS256"}"#,
            #"{"alg":"HS256","typ":"jwt"}"#, #"{"alg":"HS256","typ":"JOSE"}"#, #"{"alg":"HS256","typ":null}"#, #"{"typ":"JWT"}"#,
            #"{"alg":"HS256","kid":"1"}"#, #"{"alg":"HS256","typ":"JWT","crit":["exp"]}"#, #"{"alg":["HS256"]}"#,
            #"{"alg":null}"#,
            #"{"alg":"HS256","typ":"JWT","jwk":{}}"#, "{}", "[]", "null", "", #"{"alg":"HS256"} "x""#, #"{"alg":"HS256""#,
        ]
    )
    func headers(_ header: String) {
        #expect(Self.refusal(Self.token(header: header)) == .malformed)
    }

    @Test(
        "claims of another form are refused, though rightly signed",
        arguments: [
            #"{"exp":4102444800,"iat":1767225600,"type":"access","sid":"42"}"#,
            #"{"sub":7,"exp":4102444800,"iat":1767225600,"type":"access","sid":"42"}"#,
            #"{"sub":"0","exp":4102444800,"iat":1767225600,"type":"access","sid":"42"}"#,
            #"{"sub":"-7","exp":4102444800,"iat":1767225600,"type":"access","sid":"42"}"#,
            #"{"sub":"+7","exp":4102444800,"iat":1767225600,"type":"access","sid":"42"}"#,
            #"{"sub":"07","exp":4102444800,"iat":1767225600,"type":"access","sid":"42"}"#,
            #"{"sub":"7 ","exp":4102444800,"iat":1767225600,"type":"access","sid":"42"}"#,
            #"{"sub":"9223372036854775808","exp":4102444800,"iat":1767225600,"type":"access","sid":"42"}"#,
            #"{"sub":"7","exp":4102444800,"iat":1767225600,"type":"access","sid":42}"#,
            #"{"sub":"7","exp":4102444800,"iat":1767225600,"type":"access"}"#,
            #"{"sub":"7","exp":4102444800,"iat":1767225600,"type":"admin","sid":"42"}"#,
            #"{"sub":"7","exp":4102444800,"iat":1767225600,"type":null,"sid":"42"}"#,
            #"{"sub":"7","exp":4102444800,"iat":1767225600,"sid":"42"}"#,
            #"{"sub":"7","exp":"4102444800","iat":1767225600,"type":"access","sid":"42"}"#,
            #"{"sub":"7","exp":4102444800.5,"iat":1767225600,"type":"access","sid":"42"}"#,
            #"{"sub":"7","exp":1e300,"iat":1767225600,"type":"access","sid":"42"}"#,
            #"{"sub":"7","exp":9223372036854775807,"iat":1767225600,"type":"access","sid":"42"}"#,
            #"{"sub":"7","exp":-1,"iat":1767225600,"type":"access","sid":"42"}"#,
            #"{"sub":"7","exp":null,"iat":1767225600,"type":"access","sid":"42"}"#,
            #"{"sub":"7","iat":1767225600,"type":"access","sid":"42"}"#,
            #"{"sub":"7","exp":4102444800,"iat":true,"type":"access","sid":"42"}"#,
            #"{"sub":"7","exp":4102444800,"type":"access","sid":"42"}"#,
            #"["7"]"#, "7", "", "{",
        ]
    )
    func payloads(_ payload: String) {
        #expect(Self.refusal(Self.token(payload: payload)) == .malformed)
    }

    @Test("the last of repeated claims counts, as everywhere, and decides the type")
    func repeatedClaims() {
        let payload = #"{"sub":"7","exp":4102444800,"iat":1767225600,"type":"access","sid":"42","type":"refresh"}"#
        #expect(Self.refusal(Self.token(payload: payload), type: .access) == .wrongType)
    }

    @Test("anything but three parts of base64url is refused")
    func parts() {
        let good = Self.signer.sign(Self.claims)
        #expect(Self.refusal(good) == nil)
        let parts = good.split(separator: ".").map(String.init)
        let texts = [
            "", ".", "..", "...", parts[0], parts[0] + "." + parts[1], parts[0] + "." + parts[1] + ".", good + ".",
            good + "." + parts[2],
            "." + good, good + "=", " " + good, good + "\n", "Bearer " + good, parts[0] + ".." + parts[2].dropLast(),
            parts[0] + "=." + parts[1] + "." + parts[2], good + "A", String(good.dropLast()), good + "é",
            // The last character's spare bits.
            String(good.dropLast()) + "J",
        ]
        for text in texts { #expect(Self.refusal(text) == .malformed, "\(text)") }
    }

    @Test("tokens over 4,096 bytes are not looked at")
    func length() {
        func token(_ filling: Int) -> String {
            let name = String(repeating: "x", count: filling)
            return Self.token(
                payload: #"{"sub":"7","exp":4102444800,"iat":1767225600,"type":"access","sid":"42","n":"\#(name)"}"#
            )
        }
        let fitting = token(2920)
        #expect(fitting.utf8.count <= TokenSigner.maximumLength)
        #expect(fitting.utf8.count > TokenSigner.maximumLength - 60)
        #expect(Self.refusal(fitting) == nil)
        #expect(Self.refusal(token(2970)) == .malformed)
        #expect(Self.refusal(String(repeating: "a", count: 10_000_000)) == .malformed)
    }

    @Test("a changed character anywhere is noticed")
    func tampering() {
        let good = Array(Self.signer.sign(Self.claims))
        for place in good.indices where good[place] != "." {
            var changed = good
            changed[place] = changed[place] == "A" ? "B" : "A"
            let refusal = Self.refusal(String(changed))
            #expect(refusal == .badSignature || refusal == .malformed, "character \(place)")
        }
        #expect(Self.refusal(Self.token(key: TokenFixtures.key + "!")) == .badSignature)
    }

    @Test("while keys rotate the previous one still counts, and only for checking")
    func rotation() throws {
        let old = TokenSigner(secret: TokenFixtures.key)
        let new = TokenSigner(secret: "the new secret, thirty-two bytes too", previous: TokenFixtures.key)
        #expect(try new.verify(old.sign(Self.claims), type: .access, now: Self.now) == Self.claims)
        #expect(try new.verify(new.sign(Self.claims), type: .access, now: Self.now) == Self.claims)
        #expect(throws: TokenError.badSignature) { try old.verify(new.sign(Self.claims), type: .access, now: Self.now) }
        let later = TokenSigner(secret: "a third secret of thirty-two bytes!!", previous: "the new secret, thirty-two bytes too")
        #expect(throws: TokenError.badSignature) { try later.verify(old.sign(Self.claims), type: .access, now: Self.now) }
    }

    @Test("a token ends with its last second")
    func expiry() {
        let token = Self.signer.sign(Self.claims)
        #expect(Self.refusal(token, now: 4_102_444_799) == nil)
        #expect(Self.refusal(token, now: 4_102_444_800) == .expired)
        #expect(Self.refusal(token, now: .max) == .expired)
    }

    @Test("one type does not stand in for the other")
    func types() {
        let token = Self.signer.sign(Self.claims)
        #expect(Self.refusal(token, type: .refresh) == .wrongType)
    }

    @Test("browsers can read the payload with atob, which knows no - and no _")
    func atob() {
        for id in [1, 62, 63, 1_000_000_007, Int64.max] {
            for type in [TokenClaims.Kind.access, .refresh] {
                let claims = TokenClaims(
                    userID: id,
                    sessionID: id,
                    type: type,
                    issuedAt: id % 9_999_999_999,
                    expiresAt: 4_102_444_800
                )
                let payload = Self.signer.sign(claims).split(separator: ".")[1]
                #expect(!payload.contains("-") && !payload.contains("_"))
            }
        }
    }

    @Test("keys do not show when the signer is printed")
    func printing() {
        var dumped = ""
        dump(Self.signer, to: &dumped)
        for text in ["\(Self.signer)", String(reflecting: Self.signer), dumped] {
            #expect(text.contains("TokenSigner"))
            #expect(!text.contains("key") && !text.contains("97"))
        }
    }
}
