import JSON
import Testing

@testable import REST

/// Claims that are read without a JSON parser, beside what the parser makes of the same bytes.
@Suite("A token's claims, read straight from their bytes")
struct PlainClaimsTests {
    private static let claims = TokenClaims(
        userID: 1_234,
        sessionID: 567_890,
        type: .access,
        issuedAt: 1_700_000_000,
        expiresAt: 1_700_000_900
    )

    private static func parsed(_ bytes: [UInt8]) -> TokenClaims? {
        guard let value = try? JSONValue(parsing: bytes) else { return nil }
        return TokenClaims(value)
    }

    @Test("what we sign is read as the parser reads it, whatever the numbers", arguments: [TokenClaims.Kind.access, .refresh])
    func ours(_ kind: TokenClaims.Kind) {
        let ids: [Int64] = [1, 9, 10, 999_999_999_999_999_999, 1_000_000_000_000_000_000, .max]
        for id in ids {
            for time: Int64 in [0, 1, 1_700_000_000, 253_402_300_799, 253_402_300_800] {
                let claims = TokenClaims(userID: id, sessionID: id, type: kind, issuedAt: time, expiresAt: time)
                let bytes = claims.jsonBytes
                #expect(TokenClaims(json: bytes) == Self.parsed(bytes))
                #expect(Self.parsed(bytes) == (time <= 253_402_300_799 ? claims : nil))
            }
        }
        #expect(TokenClaims(plain: Self.claims.jsonBytes.span) == Self.claims)
    }

    @Test("other forms are left to the parser, which accepts some of them")
    func others() {
        let forms: [(text: String, isRead: Bool)] = [
            (#"{"sub":"1","exp":2,"iat":1,"type":"access","sid":"3"} "#, true),
            (#"{"exp":2,"iat":1,"sub":"1","sid":"3","type":"access"}"#, true),
            (#"{"sub":"1","exp":2,"iat":1,"type":"access","sid":"3","jti":"x"}"#, true),
            (#"{"sub":"1","exp":2e0,"iat":1,"type":"access","sid":"3"}"#, true),
            (#"{"sub":"01","exp":2,"iat":1,"type":"access","sid":"3"}"#, false),
            (#"{"sub":"0","exp":2,"iat":1,"type":"access","sid":"3"}"#, false),
            (#"{"sub":"","exp":2,"iat":1,"type":"access","sid":"3"}"#, false),
            (#"{"sub":"1","exp":02,"iat":1,"type":"access","sid":"3"}"#, false),
            (#"{"sub":"1","exp":-2,"iat":1,"type":"access","sid":"3"}"#, false),
            (#"{"sub":"1","exp":2,"iat":1,"type":"other","sid":"3"}"#, false),
            (#"{"sub":"1","exp":2,"iat":1,"type":"access","sid":"3""#, false),
            (#"{"sub":"1","exp":2,"iat":1,"type":"access","sid":"3"}}"#, false),
            (#"{"sub":1,"exp":2,"iat":1,"type":"access","sid":"3"}"#, false),
        ]
        for form in forms {
            let bytes = Array(form.text.utf8)
            #expect(TokenClaims(plain: bytes.span) == nil, "\(form.text)")
            #expect((TokenClaims(json: bytes) != nil) == form.isRead, "\(form.text)")
        }
    }

    @Test("whatever is done to a payload: if it is read here, the parser reads the same")
    func asTheParser() {
        var random = SystemRandomNumberGenerator()
        let alphabet = Array(#"{}":,0123456789eE+-. abcst\"#.utf8)
        var (read, left) = (0, 0)
        for _ in 0..<20_000 {
            var bytes = Self.claims.jsonBytes
            for _ in 0..<Int.random(in: 1...2, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0...2, using: &random) {
                case 0: bytes[place] = alphabet.randomElement(using: &random) ?? 0
                case 1: bytes.insert(alphabet.randomElement(using: &random) ?? 0, at: place)
                default: bytes.remove(at: place)
                }
            }
            guard let claims = TokenClaims(plain: bytes.span) else {
                left += 1
                continue
            }
            read += 1
            #expect(claims == Self.parsed(bytes), "\(String(decoding: bytes, as: UTF8.self))")
        }
        // Of both kinds there are many, or this shows nothing.
        #expect(read > 1_000 && left > 1_000)
    }
}
