/// A number as its decimal text (RFC 8259 section 6): `1.10` stays `1.10`, and nothing ever becomes a binary float.
///
/// Two numbers are equal when their texts are; compare ``scaled(digits:)`` to compare values.
public struct JSONNumber: Hashable, Sendable {
    /// The number as written: ASCII, valid JSON.
    public let text: String

    /// Takes a number's text, or answers nil if RFC 8259 does not allow it (`+1`, `01`, `.5`, `1.`, `NaN`).
    public init?(text: String) {
        var scanner = JSONNumberScanner()
        for byte in text.utf8 where !scanner.accept(byte) { return nil }
        guard scanner.isComplete else { return nil }
        self.text = text
    }

    /// A whole number.
    public init(_ value: some BinaryInteger) {
        self.text = String(value)
    }

    /// `value` / 10^`digits`, always with `digits` decimals: `JSONNumber(1250, scale: 2)` is `12.50`.
    ///
    /// - Parameters:
    ///   - value: the amount in its smallest unit.
    ///   - scale: how many of its digits are decimals; 0 or more.
    public init(_ value: Int64, scale digits: Int) {
        precondition(digits >= 0, "a scale counts decimals")
        guard digits > 0 else {
            self.init(value)
            return
        }
        var figures = String(value.magnitude)
        if figures.utf8.count <= digits {
            figures = String(repeating: "0", count: digits + 1 - figures.utf8.count) + figures
        }
        let whole = figures.dropLast(digits)
        let fraction = figures.suffix(digits)
        self.init(scanned: (value < 0 ? "-" : "") + whole + "." + fraction)
    }

    /// For text that the reader has already scanned.
    init(scanned text: String) {
        self.text = text
    }

    /// The value if it is whole and fits: `5`, `5.0` and `5e0` are 5; `5.5` and `1e19` are nil.
    public var int: Int64? { self.scaled(digits: 0) }

    /// The exact value times 10^`digits`: `12.5` is 1250 with two digits.
    ///
    /// - Parameter digits: how many decimals to move before the point.
    /// - Returns: nil if decimals remain (`0.001` with two digits) or the result does not fit 64 bits.
    public func scaled(digits: Int) -> Int64? {
        var magnitude: UInt64 = 0
        // Zeros met since the last other figure: they only count once a figure follows them.
        var zeros = 0
        var decimals = 0
        var isNegative = false
        var isFraction = false
        var exponent = 0
        var isExponent = false
        var exponentIsNegative = false
        for byte in self.text.utf8 {
            switch byte {
            case UInt8(ascii: "-"):
                if isExponent { exponentIsNegative = true } else { isNegative = true }
            case UInt8(ascii: "."):
                isFraction = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                isExponent = true
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let figure = Int(byte &- UInt8(ascii: "0"))
                if isExponent {
                    // Saturates far above any length of text, far below overflow.
                    exponent = min(exponent * 10 + figure, 1 << 50)
                    continue
                }
                if isFraction { decimals += 1 }
                if figure == 0 {
                    if magnitude != 0 { zeros += 1 }
                    continue
                }
                guard let shifted = Self.times10(magnitude, power: magnitude == 0 ? 0 : zeros + 1) else { return nil }
                let (sum, overflow) = shifted.addingReportingOverflow(UInt64(figure))
                guard !overflow else { return nil }
                magnitude = sum
                zeros = 0
            default:
                continue
            }
        }
        guard magnitude != 0 else { return 0 }
        // magnitude does not end in 0, so a negative power always leaves decimals.
        let power = (exponentIsNegative ? -exponent : exponent) - decimals + zeros + digits
        guard power >= 0, let result = Self.times10(magnitude, power: power) else { return nil }
        return isNegative ? Self.negated(result) : Int64(exactly: result)
    }

    private static func times10(_ value: UInt64, power: Int) -> UInt64? {
        guard power > 0 else { return value }
        guard power < 20 else { return nil }
        var result = value
        for _ in 0..<power {
            let (product, overflow) = result.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            result = product
        }
        return result
    }

    private static func negated(_ magnitude: UInt64) -> Int64? {
        magnitude == Int64.min.magnitude ? .min : Int64(exactly: magnitude).map { -$0 }
    }
}

extension JSONNumber: ExpressibleByIntegerLiteral {
    /// A whole number in the source.
    public init(integerLiteral value: Int64) {
        self.init(value)
    }
}

extension JSONNumber: CustomStringConvertible {
    /// The number's text.
    public var description: String { self.text }
}
