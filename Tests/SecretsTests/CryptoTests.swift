import Testing

@testable import Secrets

private func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.compactMap { $0.hexDigitValue }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
}

@Suite("Cryptography")
struct CryptoTests {
    static let digests: [(text: String, hex: String)] = [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ]

    @Test("SHA-256 gives FIPS 180-4's examples", arguments: digests)
    func sha256(_ example: (text: String, hex: String)) {
        #expect(Crypto.sha256(Array(example.text.utf8)) == bytes(example.hex))
    }

    static let codes: [(key: [UInt8], data: [UInt8], hex: String)] = [
        (
            [UInt8](repeating: 0x0B, count: 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        ([], [], "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
    ]

    @Test("HMAC-SHA-256 gives RFC 4231's examples, and takes nothing at all", arguments: codes)
    func hmac(_ example: (key: [UInt8], data: [UInt8], hex: String)) {
        #expect(Crypto.hmacSHA256(key: example.key, data: example.data) == bytes(example.hex))
    }

    @Test("an empty key is an empty key, whatever key came before")
    func emptyKey() {
        let alone = Crypto.hmacSHA256(key: [], data: [1, 2, 3])
        _ = Crypto.hmacSHA256(key: [9, 9, 9], data: [1, 2, 3])
        #expect(Crypto.hmacSHA256(key: [], data: [1, 2, 3]) == alone)
        #expect(Crypto.hmacSHA256(key: [9, 9, 9], data: [1, 2, 3]) != alone)
    }

    @Test("random bytes are as many as asked for and never the same")
    func random() {
        #expect(Crypto.randomBytes(0).isEmpty)
        #expect(Crypto.randomBytes(33).count == 33)
        #expect(Set((0..<100).map { _ in Crypto.randomBytes(16) }).count == 100)
    }

    @Test("secrets are compared whole")
    func comparing() {
        #expect(Crypto.constantTimeEqual([], []))
        #expect(Crypto.constantTimeEqual([1, 2, 3], [1, 2, 3]))
        #expect(!Crypto.constantTimeEqual([1, 2, 3], [1, 2, 4]))
        #expect(!Crypto.constantTimeEqual([0, 2, 3], [1, 2, 3]))
        #expect(!Crypto.constantTimeEqual([1, 2, 3], [1, 2]))
        #expect(!Crypto.constantTimeEqual([], [0]))
    }
}

@Suite("base64url")
struct Base64URLTests {
    static let texts: [(bytes: [UInt8], text: String)] = [
        ([], ""),
        (Array("f".utf8), "Zg"),
        (Array("fo".utf8), "Zm8"),
        (Array("foo".utf8), "Zm9v"),
        (Array("foob".utf8), "Zm9vYg"),
        (Array("fooba".utf8), "Zm9vYmE"),
        (Array("foobar".utf8), "Zm9vYmFy"),
        ([0xFF, 0xEF, 0xFE], "_-_-"),
        ([3, 236, 255, 224, 193], "A-z_4ME"),
    ]

    @Test("writes and reads RFC 4648's examples without padding", arguments: texts)
    func roundTrip(_ example: (bytes: [UInt8], text: String)) {
        #expect(Base64URL.encode(example.bytes) == example.text)
        #expect(Base64URL.decode(example.text) == example.bytes)
    }

    @Test(
        "reads nothing that it would not write",
        arguments: ["Z", "Zg==", "Zg=", "Zh", "Zm9", "Zm9vY", "+/+/", "Zm 8", " Zm8", "Zm8\n", "Zm9v.", "Ї", "\u{0}", "Zm9vZ"]
    )
    func strict(_ text: String) {
        #expect(Base64URL.decode(text) == nil)
    }

    @Test("all bytes come back")
    func everyByte() {
        let all = (0...255).map { UInt8($0) }
        for length in 250...256 {
            #expect(Base64URL.decode(Base64URL.encode(Array(all.prefix(length)))) == Array(all.prefix(length)))
        }
    }
}
