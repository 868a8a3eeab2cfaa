import NIOCore
import Testing

@testable import WebSocket

@Suite("UTF-8")
struct UTF8ValidatorTests {
    static let invalidBytes: [[UInt8]] = [
        [0x80], [0xBF], [0x80, 0xBF], [0xC0], [0xC1, 0xBF], [0xC0, 0xAF], [0xE0, 0x80, 0xAF], [0xE0, 0x9F, 0xBF],
        [0xF0, 0x80, 0x80, 0xAF], [0xF0, 0x8F, 0xBF, 0xBF], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFC], [0xFE], [0xFF],
        [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xED, 0xAD, 0xBF, 0xED, 0xB0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5],
        [0xE2, 0x28, 0xA1], [0xE2, 0x82, 0x28], [0xF0, 0x28, 0x8C, 0xBC], [0xF0, 0x90, 0x28, 0xBC], [0xF0, 0x90, 0x8C, 0x28],
        [0xC2, 0xC2], [0xC2, 0x41],
    ]

    @Test("what no text can contain is refused, also behind and before long plain stretches", arguments: invalidBytes)
    func invalid(_ bytes: [UInt8]) {
        #expect(!UTF8Validator.isValid(ByteBuffer(bytes: bytes)))
        let plain = [UInt8](repeating: 0x61, count: 19)
        #expect(!UTF8Validator.isValid(ByteBuffer(bytes: plain + bytes + plain)))
    }

    @Test("every scalar value passes")
    func everyScalar() {
        var text = ""
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            text.unicodeScalars.append(scalar)
        }
        #expect(UTF8Validator.isValid(ByteBuffer(string: text)))
    }

    @Test(
        "a beginning of a character is accepted, but not complete",
        arguments: ["é", "߿", "ࠀ", "€", "\u{D7FF}", "\u{E000}", "𐀀", "🦔", "\u{10FFFF}"]
    )
    func beginnings(_ character: String) {
        let bytes = Array(character.utf8)
        var validator = UTF8Validator()
        for (index, byte) in bytes.enumerated() {
            let accepted = validator.consume(ByteBuffer(bytes: [byte]), from: 0)
            let isComplete = validator.isComplete
            #expect(accepted)
            #expect(isComplete == (index == bytes.count - 1))
        }
    }

    @Test("all pairs and triples of bytes are judged as Swift judges them")
    func likeSwift() {
        for first in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max {
                let bytes = [first, second]
                let expected = String(validating: bytes, as: UTF8.self) != nil
                if UTF8Validator.isValid(ByteBuffer(bytes: bytes)) != expected { Issue.record("\(bytes)") }
                guard first >= 0xE0 else { continue }
                for third in [0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF] as [UInt8] {
                    for tail in [[], [0x80], [0xBF], [0x41]] as [[UInt8]] {
                        let bytes = [first, second, third] + tail
                        let expected = String(validating: bytes, as: UTF8.self) != nil
                        if UTF8Validator.isValid(ByteBuffer(bytes: bytes)) != expected { Issue.record("\(bytes)") }
                    }
                }
            }
        }
    }

    @Test("a long text is judged the same wherever it is cut")
    func anyCut() {
        let bytes = Array("Їжак бачить 🦔 та €, plain ascii afterwards and more of it: Ґалаґан".utf8)
        for cut in 0...bytes.count {
            var validator = UTF8Validator()
            let first = validator.consume(ByteBuffer(bytes: bytes[..<cut]), from: 0)
            let second = validator.consume(ByteBuffer(bytes: bytes), from: cut)
            #expect(first && second && validator.isComplete)
        }
    }
}
