import JSON
import Testing

@testable import REST

@Suite("Amounts of money")
struct CentsTests {
    @Test(
        "figures alone make hundredths, and what a browser's sums leave is not counted",
        arguments: [
            ("0", 0), ("12", 1_200), ("12.5", 1_250), ("12.50000", 1_250), ("1.25e3", 125_000), ("1250e-2", 1_250),
            ("9999999999.99", 999_999_999_999), ("300.09999999999997", 30_010), ("0.30000000000000004", 30),
            ("0.7999999999999999", 80), ("1.0000000000000002", 100), ("0.99999999999999994", 100), ("999.9999999999999", 100_000),
            ("5.551115123125783e-17", 0), ("-5.551115123125783e-17", 0), ("1e-7", 0), ("0.0000009", 0), ("0.0099999999", 1),
            ("3.0009999999999997e2", 30_010), ("-1.5", -150), ("12345678.910000001", 1_234_567_891),
        ] as [(String, Int64)]
    )
    func amounts(_ text: String, _ cents: Int64) throws {
        #expect(try #require(JSONNumber(text: text)).cents == cents)
    }

    @Test(
        "real further decimals are none, nor is what does not fit",
        arguments: [
            "0.001", "0.005", "300.099", "300.0999", "0.009999", "0.000001", "1.000001", "1.23456789", "1e-6", "1e30",
            "99999999999999999999", "1e-99999999999999999999", "999999999999999999.999",
        ]
    )
    func noAmounts(_ text: String) throws {
        #expect(try #require(JSONNumber(text: text)).cents == nil)
    }
}
