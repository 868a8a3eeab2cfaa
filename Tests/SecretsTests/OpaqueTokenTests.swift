import Secrets
import Testing

@Suite("Opaque tokens")
struct OpaqueTokenTests {
    @Test("are 43 characters, never the same, and come back from their text")
    func text() {
        let tokens = (0..<100).map { _ in OpaqueToken() }
        #expect(Set(tokens).count == 100)
        for token in tokens {
            #expect(token.text.utf8.count == 43)
            #expect(Base64URL.decode(token.text)?.count == 32)
            #expect(OpaqueToken(token.text) == token)
            #expect("\(token)" == "OpaqueToken")
        }
    }

    @Test("are stored as the SHA-256 of their text")
    func hash() throws {
        let token = try #require(OpaqueToken("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"))
        #expect(token.hash == Crypto.sha256(Array(token.text.utf8)))
        #expect(token.hash == OpaqueToken.hash(of: token.text))
        #expect(token.hexHash == "0f007385b6f9d4b7eeb2748605afe1a984a0a3bfa3f014d09e2a784ce9e5cd1a")
    }

    @Test(
        "other texts are refused",
        arguments: [
            "", "A", String(repeating: "A", count: 42), String(repeating: "A", count: 44),
            String(repeating: "A", count: 42) + "B",
            String(repeating: "A", count: 42) + "=", String(repeating: "A", count: 42) + " ", String(repeating: "+", count: 43),
        ]
    )
    func refused(_ text: String) {
        #expect(OpaqueToken(text) == nil)
    }
}
