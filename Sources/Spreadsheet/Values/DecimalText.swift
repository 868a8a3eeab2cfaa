/// A number of a sheet, written out.
enum DecimalText {
    /// Excel shows fifteen figures; what a file keeps behind them is noise of binary fractions.
    private static let figures = 15

    /// `3.80501234567E11` becomes `380501234567`, `1234.5600000000002` becomes `1234.56`: neither exponent nor noise.
    ///
    /// - Parameter places: by how many the point moves to the right
    /// - Returns: nil for text that is no number, or one too long to be written out
    static func plain(_ text: some StringProtocol, shiftedBy places: Int = 0) -> String? {
        var isNegative = false
        var digits: [UInt8] = []
        var point: Int?
        var exponent = 0
        var bytes = text.utf8[...]
        if let sign = bytes.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            isNegative = sign == UInt8(ascii: "-")
            bytes = bytes.dropFirst()
        }
        while let byte = bytes.popFirst() {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                digits.append(byte - UInt8(ascii: "0"))
            case UInt8(ascii: ".") where point == nil:
                point = digits.count
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                guard let value = Int(String(decoding: bytes, as: UTF8.self)), (-40...40).contains(value) else { return nil }
                exponent = value
                bytes = bytes.suffix(0)
            default:
                return nil
            }
        }
        guard !digits.isEmpty, digits.count <= 400 else { return nil }
        return self.write(digits, point: (point ?? digits.count) + exponent + places, isNegative: isNegative)
    }

    /// - Parameter point: how many of the digits stand before it; may lie outside them
    private static func write(_ digits: [UInt8], point: Int, isNegative: Bool) -> String? {
        let leading = digits.prefix { $0 == 0 }.count
        var digits = Array(digits[leading...])
        var point = point - leading
        if digits.count > self.figures {
            let roundsUp = digits[self.figures] >= 5
            digits.removeSubrange(self.figures...)
            if roundsUp {
                var index = digits.count - 1
                while index >= 0, digits[index] == 9 {
                    digits[index] = 0
                    index -= 1
                }
                if index >= 0 {
                    digits[index] += 1
                } else {
                    digits.insert(1, at: 0)
                    point += 1
                }
            }
        }
        while digits.last == 0 { digits.removeLast() }
        guard !digits.isEmpty else { return "0" }
        guard (-40...60).contains(point) else { return nil }
        var text = isNegative ? "-" : ""
        if point <= 0 {
            text += "0." + String(repeating: "0", count: -point) + self.text(digits[...])
        } else if point >= digits.count {
            text += self.text(digits[...]) + String(repeating: "0", count: point - digits.count)
        } else {
            text += self.text(digits[..<point]) + "." + self.text(digits[point...])
        }
        return text
    }

    private static func text(_ digits: ArraySlice<UInt8>) -> String {
        String(decoding: digits.map { $0 + UInt8(ascii: "0") }, as: UTF8.self)
    }
}
