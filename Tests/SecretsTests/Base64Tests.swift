import Foundation
import Secrets
import Testing

@Suite("Base64")
struct Base64Tests {
    @Test(
        "with padding it is as Foundation reads it; without, it is the same in the other alphabet",
        arguments: [0, 1, 2, 3, 4, 5, 100]
    )
    func encoded(_ count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37 + 251) }
        let text = Base64.encode(bytes)
        #expect(Data(base64Encoded: text).map(Array.init) == bytes)
        let other = text.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        #expect(Base64URL.encode(bytes) == other)
    }

    @Test("RFC 4648 section 10's examples")
    func examples() {
        let examples = [
            "": "", "f": "Zg==", "fo": "Zm8=", "foo": "Zm9v", "foob": "Zm9vYg==", "fooba": "Zm9vYmE=", "foobar": "Zm9vYmFy",
        ]
        for (text, encoded) in examples { #expect(Base64.encode(Array(text.utf8)) == encoded) }
    }
}
