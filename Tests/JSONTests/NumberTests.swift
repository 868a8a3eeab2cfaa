import JSON
import Testing

@Suite("Numbers")
struct NumberTests {
    @Test(
        "keep their text through reading and writing",
        arguments: [
            "0", "-0", "0.0", "1.10", "-1.10", "100", "1e400", "1E+400", "1e-400", "0e0", "0.1", "123456789012345678901234567890",
            "9007199254740993", "0.30000000000000004", "1.0000000000000000000000000000001", "5e0", "0e999999999999999999999",
        ]
    )
    func keepText(_ text: String) throws {
        let value = try JSONValue(parsing: text)
        #expect(value.number?.text == text)
        #expect(value.text == text)
        #expect(JSONNumber(text: text)?.text == text)
        #expect(try JSONValue(parsing: "[\(text)]").text == "[\(text)]")
    }

    @Test(
        "are not made of other text",
        arguments: [
            "", " 1", "1 ", "+1", "01", "-", ".5", "1.", "1e", "1e+", "NaN", "Infinity", "0x1", "1,5", "1_0", "٣", "1\u{0}",
        ]
    )
    func refuseText(_ text: String) {
        #expect(JSONNumber(text: text) == nil)
    }

    static let whole: [(text: String, int: Int64?)] = [
        ("0", 0), ("-0", 0), ("0.000", 0), ("0e99999999999999999999999", 0), ("-0e-99999999999999999999", 0),
        ("5", 5), ("5.0", 5), ("5e0", 5), ("5.00e0", 5), ("-5.0", -5), ("50e-1", 5), ("0.5e1", 5), ("0.05E+2", 5), ("1000e-3", 1),
        ("5.5", nil), ("1e-1", nil), ("55e-1", nil), ("0.0001", nil),
        ("1e18", 1_000_000_000_000_000_000), ("1e19", nil), ("1e99999999999999999999", nil), ("1e-99999999999999999999", nil),
        ("9223372036854775807", .max), ("9223372036854775808", nil), ("-9223372036854775808", .min),
        ("-9223372036854775809", nil),
        ("18446744073709551615", nil), ("18446744073709551616", nil), ("99999999999999999999", nil),
        ("9223372036854775807.000", .max), ("922337203685477580.7e1", .max), ("-922337203685477580.8e1", .min),
        ("9007199254740993", 9_007_199_254_740_993), ("1.2345678901234567e16", 12_345_678_901_234_567),
        ("100000000000000000000e-20", 1), ("0.00000000000000000000000000001e29", 1),
    ]

    @Test("are whole when their value is, exactly", arguments: whole)
    func areWhole(_ example: (text: String, int: Int64?)) throws {
        #expect(try JSONValue(parsing: example.text).int == example.int)
    }

    static let scaled: [(text: String, digits: Int, value: Int64?)] = [
        ("1.10", 2, 110), ("1.1", 2, 110), ("1", 2, 100), ("0.01", 2, 1), ("0.005", 2, nil), ("-0.05", 2, -5), ("1.100", 2, 110),
        ("1.101", 2, nil), ("1.101", 3, 1101), ("1e-2", 2, 1), ("1e-3", 2, nil), ("0.29", 2, 29), ("8.95", 2, 895),
        ("4.35", 2, 435),
        ("9999999999.99", 2, 999_999_999_999), ("92233720368547758.07", 2, .max), ("92233720368547758.08", 2, nil),
        ("-92233720368547758.08", 2, .min), ("0", 30, 0), ("1", 18, 1_000_000_000_000_000_000), ("1", 19, nil), ("1500", -2, 15),
        ("1550", -2, nil), ("1e400", 2, nil), ("1e-400", 2, nil),
    ]

    @Test("are scaled exactly or not at all", arguments: scaled)
    func areScaled(_ example: (text: String, digits: Int, value: Int64?)) throws {
        #expect(try #require(JSONNumber(text: example.text)).scaled(digits: example.digits) == example.value)
    }

    static let amounts: [(value: Int64, scale: Int, text: String)] = [
        (1250, 2, "12.50"), (5, 2, "0.05"), (-5, 2, "-0.05"), (0, 2, "0.00"), (-1250, 3, "-1.250"), (7, 0, "7"),
        (.min, 2, "-92233720368547758.08"), (.max, 2, "92233720368547758.07"), (.min, 20, "-0.09223372036854775808"),
    ]

    @Test("are made of an amount in its smallest unit", arguments: amounts)
    func areAmounts(_ example: (value: Int64, scale: Int, text: String)) {
        let number = JSONNumber(example.value, scale: example.scale)
        #expect(number.text == example.text)
        #expect(JSONNumber(text: number.text) == number)
        #expect(number.scaled(digits: example.scale) == example.value)
    }

    @Test("are equal when their texts are")
    func equality() throws {
        #expect(try JSONValue(parsing: "1.10") != JSONValue(parsing: "1.1"))
        #expect(try JSONValue(parsing: "5") == 5)
        #expect(JSONNumber(UInt64.max).text == "18446744073709551615")
        #expect(JSONNumber(-3) == -3)
    }
}
