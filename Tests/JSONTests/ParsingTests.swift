import JSON
import Testing

@Suite("Reading")
struct ParsingTests {
    static let valid: [(text: String, value: JSONValue)] = [
        ("null", .null),
        ("true", true),
        ("false", false),
        (" \t\r\n0 \n", 0),
        ("-0", .number(JSONNumber(text: "-0") ?? 1)),
        ("\"\"", ""),
        ("\"a\"", "a"),
        ("\"Олена Ковальчук\"", "Олена Ковальчук"),
        ("\"💇\"", "💇"),
        ("\"\u{7F}\u{2028}\u{FFFF}\u{10FFFF}\"", "\u{7F}\u{2028}\u{FFFF}\u{10FFFF}"),
        ("[]", []),
        ("[ ]", []),
        ("{}", [:]),
        ("{ }", [:]),
        ("[1,2 , 3]", [1, 2, 3]),
        ("[[],{},[{}]]", [[], [:], [[:]]]),
        ("{\"a\":1}", ["a": 1]),
        ("{\"\":null}", ["": nil]),
        (" { \"a\" : [ true , null ] , \"b\" : { } } ", ["a": [true, nil], "b": [:]]),
        ("{\"a\":1,\"a\":2}", ["a": 2]),
    ]

    @Test("takes what RFC 8259 allows", arguments: valid)
    func takesValid(_ example: (text: String, value: JSONValue)) throws {
        #expect(try JSONValue(parsing: example.text) == example.value)
        #expect(try JSONValue(parsing: Array(example.text.utf8)) == example.value)
        #expect(try JSONValue(parsing: example.text.utf8.lazy.map { $0 }) == example.value)
        let viaPointer = try Array(example.text.utf8).withUnsafeBytes { try JSONValue(parsing: $0) }
        #expect(viaPointer == example.value)
    }

    static let invalid: [(text: String, code: JSONError.Code, offset: Int)] = [
        ("", .unexpectedEnd, 0),
        ("  ", .unexpectedEnd, 2),
        ("\u{FEFF}1", .unexpectedByte, 0),
        ("nul", .unexpectedEnd, 3),
        ("nulL", .unexpectedByte, 3),
        ("True", .unexpectedByte, 0),
        ("NaN", .unexpectedByte, 1 - 1),
        ("Infinity", .unexpectedByte, 0),
        ("truex", .trailingBytes, 4),
        ("1 2", .trailingBytes, 2),
        ("1,", .trailingBytes, 1),
        ("{}}", .trailingBytes, 2),
        ("1\u{0}", .trailingBytes, 1),
        ("1\u{A0}", .trailingBytes, 1),
        ("[1]//", .trailingBytes, 3),
        ("/**/1", .unexpectedByte, 0),
        ("[", .unexpectedEnd, 1),
        ("]", .unexpectedByte, 0),
        ("[1", .unexpectedEnd, 2),
        ("[1,", .unexpectedEnd, 3),
        ("[1,]", .unexpectedByte, 3),
        ("[,1]", .unexpectedByte, 1),
        ("[1 2]", .unexpectedByte, 3),
        ("[1}", .unexpectedByte, 2),
        ("[1:2]", .unexpectedByte, 2),
        ("{", .unexpectedEnd, 1),
        ("{\"a\"", .unexpectedEnd, 4),
        ("{\"a\":", .unexpectedEnd, 5),
        ("{\"a\":1", .unexpectedEnd, 6),
        ("{\"a\":1,", .unexpectedEnd, 7),
        ("{\"a\":1,}", .unexpectedByte, 7),
        ("{\"a\" 1}", .unexpectedByte, 5),
        ("{\"a\"}", .unexpectedByte, 4),
        ("{a:1}", .unexpectedByte, 1),
        ("{1:1}", .unexpectedByte, 1),
        ("{'a':1}", .unexpectedByte, 1),
        ("{\"a\":1 \"b\":2}", .unexpectedByte, 7),
        ("{,}", .unexpectedByte, 1),
        ("'a'", .unexpectedByte, 0),
        ("\"", .unexpectedEnd, 1),
        ("\"a", .unexpectedEnd, 2),
        ("\"a\u{0}\"", .controlCharacter, 2),
        ("\"a\nb\"", .controlCharacter, 2),
        ("\"\u{1F}\"", .controlCharacter, 1),
        ("\"\\n\t\"", .controlCharacter, 3),
        ("\"\\", .unexpectedEnd, 2),
        ("\"\\\"", .unexpectedEnd, 3),
        ("\"\\x41\"", .invalidEscape, 2),
        ("\"\\'\"", .invalidEscape, 2),
        ("\"\\u\"", .invalidEscape, 3),
        ("\"\\u12", .unexpectedEnd, 5),
        ("\"\\u12G4\"", .invalidEscape, 5),
        ("\"\\u+123\"", .invalidEscape, 3),
        ("\"\\U0041\"", .invalidEscape, 2),
        ("\"\\uD800\"", .loneSurrogate, 1),
        ("\"a\\uDC00\"", .loneSurrogate, 2),
        ("\"\\uD800x\"", .loneSurrogate, 1),
        ("\"\\uD800\\n\"", .loneSurrogate, 1),
        ("\"\\uD800\\uD800\"", .loneSurrogate, 1),
        ("\"\\uD800\\u0041\"", .loneSurrogate, 1),
        ("\"\\uDC00\\uD800\"", .loneSurrogate, 1),
        ("\"\\uD800", .unexpectedEnd, 7),
        ("\"\\uD800\\", .unexpectedEnd, 8),
        ("\"\\uD800\\uDC", .unexpectedEnd, 11),
        ("-", .unexpectedEnd, 1),
        ("+1", .unexpectedByte, 0),
        (".5", .unexpectedByte, 0),
        ("--1", .invalidNumber, 1),
        ("-a", .invalidNumber, 1),
        ("01", .invalidNumber, 1),
        ("-01", .invalidNumber, 2),
        ("00", .invalidNumber, 1),
        ("1.", .unexpectedEnd, 2),
        ("[1.]", .invalidNumber, 3),
        ("1.e1", .invalidNumber, 2),
        ("1e", .unexpectedEnd, 2),
        ("[1e+]", .invalidNumber, 4),
        ("1e1.5", .trailingBytes, 3),
        ("1.2.3", .trailingBytes, 3),
        ("0x1F", .trailingBytes, 1),
        ("1_000", .trailingBytes, 1),
        ("١", .unexpectedByte, 0),
    ]

    @Test("refuses the rest and says where", arguments: invalid)
    func refusesInvalid(_ example: (text: String, code: JSONError.Code, offset: Int)) {
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: example.text) }
        #expect(error?.code == example.code)
        #expect(error?.offset == example.offset)
    }

    static let notUTF8: [[UInt8]] = [
        [0x80],
        [0xFF],
        [0xC0, 0x80],
        [0xC1, 0xBF],
        [0xC3],
        [0xC3, 0x28],
        [0xE0, 0x80, 0x80],
        [0xE2, 0x82],
        [0xED, 0xA0, 0x80],
        [0xED, 0xBF, 0xBF],
        [0xF0, 0x80, 0x80, 0x80],
        [0xF4, 0x90, 0x80, 0x80],
        [0xF5, 0x80, 0x80, 0x80],
        [0xFE],
    ]

    @Test("refuses strings and names that are not UTF-8", arguments: notUTF8)
    func refusesNotUTF8(_ bytes: [UInt8]) {
        let quote = UInt8(ascii: "\"")
        let plain = [quote, 0x61] + bytes + [0x62, quote]
        let escaped = [quote] + Array("\\n".utf8) + bytes + [quote]
        let name = Array("{\"".utf8) + bytes + Array("\":1}".utf8)
        for text in [plain, escaped, name] {
            let error = #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
            #expect(error?.code == .invalidUTF8)
        }
        let bare = #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
        #expect(bare?.code == .unexpectedByte)
    }

    static let escapes: [(text: String, string: String)] = [
        (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
        (#""\u0041\u00e9\u20AC\u0000""#, "A\u{E9}\u{20AC}\u{0}"),
        (#""\uD83D\uDC87""#, "💇"),
        (#""\ud83d\udc87 \uDBFF\uDFFF \uD800\uDC00""#, "💇 \u{10FFFF} \u{10000}"),
        (#""plain \\ Ї \u0407 end""#, "plain \\ Ї Ї end"),
        (#""\uFFFF\uFFFE\uE000\uD7FF""#, "\u{FFFF}\u{FFFE}\u{E000}\u{D7FF}"),
        (#""\\u0041""#, "\\u0041"),
    ]

    @Test("resolves escapes", arguments: escapes)
    func resolvesEscapes(_ example: (text: String, string: String)) throws {
        let string = try #require(try JSONValue(parsing: example.text).string)
        #expect(Array(string.utf8) == Array(example.string.utf8))
    }

    @Test("an object's names are told apart by their bytes")
    func namesAreBytes() throws {
        let value = try JSONValue(parsing: #"{"\u00e9":1,"e\u0301":2}"#)
        #expect(value.object?.count == 2)
        #expect(value["\u{E9}"] == 1)
        #expect(value["e\u{301}"] == 2)
    }

    @Test("of members with one name the last wins, in the first one's place")
    func lastWins() throws {
        let value = try JSONValue(parsing: #"{"a":1,"b":2,"\u0061":3}"#)
        #expect(value.text == #"{"a":3,"b":2}"#)
    }
}
