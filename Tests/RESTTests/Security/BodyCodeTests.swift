import Secrets
import Testing

@testable import REST

@Suite("What is kept of a body that came with an Idempotency-Key")
struct BodyCodeTests {
    private static let body = Array(#"{"email":"a@b.test","password":"a password"}"#.utf8)
    private static let old = "the old secret, of thirty-two bytes too"
    private static let new = "the new secret, of thirty-two bytes too"

    @Test("it is a code under the installation's key, and not that key's own code")
    func keyed() {
        let code = BodyCode(secret: Self.old).code(of: Self.body)
        #expect(code.count == 32)
        #expect(code != Crypto.sha256(Self.body))
        #expect(code != Crypto.hmacSHA256(key: Array(Self.old.utf8), data: Self.body))
        #expect(code != BodyCode(secret: Self.new).code(of: Self.body))
        #expect(BodyCode(secret: Self.old).isCode(code, of: Self.body))
        #expect(!BodyCode(secret: Self.old).isCode(code, of: Self.body + [0x20]))
        #expect(!BodyCode(secret: Self.old).isCode([], of: Self.body))
    }

    @Test("while keys rotate the old one's is known too, and not afterwards")
    func rotation() {
        let code = BodyCode(secret: Self.old).code(of: Self.body)
        #expect(BodyCode(secret: Self.new, previous: Self.old).isCode(code, of: Self.body))
        #expect(
            BodyCode(secret: Self.new, previous: Self.old).code(of: Self.body) == BodyCode(secret: Self.new).code(of: Self.body)
        )
        #expect(!BodyCode(secret: Self.new).isCode(code, of: Self.body))
    }

    @Test("it does not print its key")
    func silent() {
        let code = BodyCode(secret: Self.old)
        #expect("\(code)" == "BodyCode" && String(reflecting: code) == "BodyCode")
        #expect(Mirror(reflecting: code).children.isEmpty)
    }
}
