/// The grammar of RFC 8259 section 6 as a machine: one byte at a time, no look-ahead.
struct JSONNumberScanner {
    private enum State {
        case start, minus, zero, whole, point, fraction, e, sign, exponent
    }

    private var state = State.start

    /// Whether what was accepted so far is a whole number text.
    var isComplete: Bool {
        switch self.state {
        case .zero, .whole, .fraction, .exponent: true
        case .start, .minus, .point, .e, .sign: false
        }
    }

    /// Takes the next byte if the grammar allows it; otherwise stays as it is and answers false.
    mutating func accept(_ byte: UInt8) -> Bool {
        let isDigit = byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
        switch self.state {
        case .start where byte == UInt8(ascii: "-"):
            self.state = .minus
        case .start where isDigit, .minus where isDigit:
            self.state = byte == UInt8(ascii: "0") ? .zero : .whole
        case .whole where isDigit, .fraction where isDigit, .exponent where isDigit:
            break
        case .zero where byte == UInt8(ascii: "."), .whole where byte == UInt8(ascii: "."):
            self.state = .point
        case .point where isDigit:
            self.state = .fraction
        case .zero where Self.isE(byte), .whole where Self.isE(byte), .fraction where Self.isE(byte):
            self.state = .e
        case .e where byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-"):
            self.state = .sign
        case .e where isDigit, .sign where isDigit:
            self.state = .exponent
        default:
            return false
        }
        return true
    }

    private static func isE(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E")
    }
}
