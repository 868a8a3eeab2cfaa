/// `numeric` in binary form (numeric_send in PostgreSQL): four 16-bit words (number of digits, weight of the first, sign, scale),
/// then the digits, each 0...9999 in base 10,000.
struct NumericWire {
    private let digits: [UInt16]
    private let weight: Int
    private let isNegative: Bool
    private let scale: Int

    init(_ cell: PostgresCell) throws(PostgresError) {
        guard let count = cell.integer(at: 0, as: UInt16.self), let weight = cell.integer(at: 2, as: Int16.self),
            let sign = cell.integer(at: 4, as: UInt16.self), let scale = cell.integer(at: 6, as: UInt16.self)
        else { throw cell.refusal("its numeric is cut short") }
        switch sign {
        case 0x0000: self.isNegative = false
        case 0x4000: self.isNegative = true
        case 0xC000: throw cell.refusal("NaN is not a decimal number")
        default: throw cell.refusal("infinity is not a decimal number")
        }
        var digits: [UInt16] = []
        for index in 0..<Int(count) {
            guard let digit = cell.integer(at: 8 + 2 * index, as: UInt16.self), digit < 10_000 else {
                throw cell.refusal("its numeric is cut short")
            }
            digits.append(digit)
        }
        self.digits = digits
        self.weight = Int(weight)
        self.scale = Int(scale)
    }

    /// Decimal text with exactly `scale` digits after the point.
    var text: String {
        var bytes: [UInt8] = []
        if self.isNegative {
            bytes.append(UInt8(ascii: "-"))
        }
        if self.weight < 0 {
            bytes.append(UInt8(ascii: "0"))
        } else {
            bytes.append(contentsOf: String(self.digit(0)).utf8)
            for index in stride(from: 1, through: self.weight, by: 1) {
                Self.appendFour(self.digit(index), to: &bytes)
            }
        }
        if self.scale > 0 {
            bytes.append(UInt8(ascii: "."))
            let start = bytes.count
            var index = self.weight + 1
            while bytes.count - start < self.scale {
                Self.appendFour(self.digit(index), to: &bytes)
                index += 1
            }
            bytes.removeLast(bytes.count - start - self.scale)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The digit at a place; zeros at either end are not sent.
    private func digit(_ index: Int) -> UInt16 {
        self.digits.indices.contains(index) ? self.digits[index] : 0
    }

    private static func appendFour(_ digit: UInt16, to bytes: inout [UInt8]) {
        for divisor: UInt16 in [1000, 100, 10, 1] {
            bytes.append(UInt8(ascii: "0") + UInt8(digit / divisor % 10))
        }
    }
}
