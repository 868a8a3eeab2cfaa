/// An exact decimal number, as `numeric` holds it: never a `Double`. Its text keeps the column's scale: `1250.00`.
///
/// Two numbers are equal when their values are: `1250.0 == 1250.00`.
public struct PostgresNumeric: Sendable {
    /// An optional minus sign, digits, and perhaps a point followed by digits.
    let text: String

    /// Plain decimal text (`-12.50`, `7`); nil for anything else, exponents and NaN included.
    public init?(_ text: some StringProtocol) {
        var digits = text.utf8[...]
        if digits.first == UInt8(ascii: "-") {
            digits = digits.dropFirst()
        }
        let parts = digits.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        for part in parts {
            guard !part.isEmpty, part.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else { return nil }
        }
        self.text = String(text)
    }

    /// A whole number.
    public init(_ value: Int) {
        self.text = String(value)
    }

    /// An amount counted in its smallest unit: `PostgresNumeric(minorUnits: 125_000, scale: 2)` is `1250.00`.
    public init(minorUnits: Int64, scale: Int) {
        precondition(scale >= 0, "A scale counts digits after the point")
        var digits = String(minorUnits.magnitude)
        if digits.utf8.count <= scale {
            digits = String(repeating: "0", count: scale - digits.utf8.count + 1) + digits
        }
        let sign = minorUnits < 0 ? "-" : ""
        self.text = scale == 0 ? sign + digits : "\(sign)\(digits.dropLast(scale)).\(digits.suffix(scale))"
    }

    /// The amount counted in its smallest unit, or nil when it has more digits after the point than `scale` (zeros aside) or is
    /// beyond 64 bits: `1250.00` at scale 2 is 125000.
    public func minorUnits(scale: Int) -> Int64? {
        let normal = self.normal
        guard normal.fraction.utf8.count <= scale else { return nil }
        let padding = String(repeating: "0", count: scale - normal.fraction.utf8.count)
        return Int64((normal.isNegative ? "-" : "") + (normal.whole.isEmpty ? "0" : normal.whole) + normal.fraction + padding)
    }

    /// The value without what doesn't count: leading zeros, trailing zeros after the point, the sign of zero.
    private var normal: (isNegative: Bool, whole: String, fraction: String) {
        var digits = self.text[...]
        let hasMinus = digits.first == "-"
        if hasMinus {
            digits = digits.dropFirst()
        }
        let parts = digits.split(separator: ".", maxSplits: 1)
        let whole = parts[0].drop { $0 == "0" }
        var fraction = parts.count == 2 ? parts[1] : ""
        while fraction.last == "0" {
            fraction.removeLast()
        }
        return (hasMinus && !(whole.isEmpty && fraction.isEmpty), String(whole), String(fraction))
    }
}

extension PostgresNumeric: Hashable {
    /// Whether both are the same number.
    public static func == (left: PostgresNumeric, right: PostgresNumeric) -> Bool { left.normal == right.normal }

    /// Feeds the value.
    public func hash(into hasher: inout Hasher) {
        let normal = self.normal
        hasher.combine(normal.isNegative)
        hasher.combine(normal.whole)
        hasher.combine(normal.fraction)
    }
}

extension PostgresNumeric: CustomStringConvertible {
    /// The digits with the column's scale: `1250.00`.
    public var description: String { self.text }
}

extension PostgresNumeric: PostgresEncodable, PostgresDecodable, PostgresTextArrayElement {
    /// `numeric`
    public static var postgresType: PostgresType { .numeric }
    /// `numeric[]`
    public static var postgresArrayType: PostgresType { .numericArray }
    /// The value as `numeric`.
    public var postgresParameter: PostgresParameter { .text(self.text, type: .numeric) }
    /// The digits.
    public var postgresText: String { self.text }

    /// Reads `numeric`; NaN and the infinities are refused.
    public init(postgres cell: PostgresCell) throws(PostgresError) {
        guard cell.type == .numeric else { throw cell.mismatch(PostgresNumeric.self) }
        self.text = try NumericWire(cell).text
    }
}
