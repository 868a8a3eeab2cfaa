import JSON
import Testing

/// Seeded, so that a failure comes again: splitmix64.
private struct Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var value = self.state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func string() -> String {
        let alphabet: [Unicode.Scalar] = [
            "a", "Z", "0", "\"", "\\", "/", "\n", "\u{0}", "\u{1F}", "\u{7F}", "ї", "€", "💇", "\u{301}", "\u{FFFF}", "\u{10FFFF}",
        ]
        var view = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...12, using: &self) {
            view.append(alphabet.randomElement(using: &self) ?? "a")
        }
        return String(view)
    }

    mutating func number() -> JSONNumber {
        let texts = ["0", "-0", "1.10", "1e400", "-12.5E-3", "9223372036854775807", "0.000000001"]
        if Bool.random(using: &self) {
            return JSONNumber(Int64(bitPattern: self.next()) >> Int64.random(in: 0...63, using: &self))
        }
        return texts.randomElement(using: &self).flatMap { JSONNumber(text: $0) } ?? 0
    }

    mutating func value(depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &self) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &self))
        case 2: return .number(self.number())
        case 3, 4: return .string(self.string())
        case 5: return .array((0..<Int.random(in: 0...5, using: &self)).map { _ in self.value(depth: depth - 1) })
        default:
            let count = Int.random(in: 0...20, using: &self)
            return .object(JSONObject((0..<count).map { _ in (key: self.string(), value: self.value(depth: depth - 1)) }))
        }
    }
}

@Suite("Random texts")
struct FuzzTests {
    @Test("what is written is read back the same", arguments: [1, 2, 3, 4] as [UInt64])
    func roundTrips(_ seed: UInt64) throws {
        var random = Random(state: seed)
        for _ in 0..<150 {
            let value = random.value(depth: 4)
            let text = value.text
            let again = try JSONValue(parsing: text)
            #expect(again == value)
            #expect(again.text == text)
            #expect(again.hashValue == value.hashValue)
        }
    }

    @Test("a broken text is refused or read as something that writes the same", arguments: [11, 12, 13, 14] as [UInt64])
    func mutations(_ seed: UInt64) throws {
        var random = Random(state: seed)
        let interesting = Array("{}[]\",:\\u0dD8eE+-.1 \ntfn".utf8) + [0x00, 0x7F, 0x80, 0xC3, 0xED, 0xF4, 0xFF]
        var refused = 0
        var taken = 0
        for _ in 0..<800 {
            var bytes = random.value(depth: 3).jsonBytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0...bytes.count, using: &random)
                let byte = interesting.randomElement(using: &random) ?? 0
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes.insert(byte, at: place)
                case 1 where place < bytes.count: bytes[place] = byte
                default: if place < bytes.count { bytes.removeSubrange(place..<min(place + 3, bytes.count)) }
                }
            }
            do {
                let value = try JSONValue(parsing: bytes)
                taken += 1
                #expect(try JSONValue(parsing: value.text) == value)
            } catch let error {
                refused += 1
                #expect(error.offset >= 0 && error.offset <= bytes.count)
            }
        }
        #expect(refused > 300)
        #expect(taken > 20)
    }

    @Test("no part of a text is a text, scalars apart", arguments: [21, 22] as [UInt64])
    func prefixes(_ seed: UInt64) throws {
        var random = Random(state: seed)
        for _ in 0..<10 {
            let bytes = JSONValue.array([random.value(depth: 3)]).jsonBytes
            for length in 0..<bytes.count {
                #expect(throws: JSONError.self) { try JSONValue(parsing: bytes.prefix(length)) }
            }
        }
    }
}
