/// Pieces of JSON text, for those who build it themselves.
public enum JSONText {
    /// Appends a string in quotes, escaping only what RFC 8259 section 7 requires: the quote, the backslash, and below U+0020.
    public static func appendQuoted(_ text: String, to output: inout [UInt8]) {
        self.appendQuoted(utf8: text.utf8, to: &output)
    }

    /// Appends a part of a string in quotes; see ``appendQuoted(_:to:)-(String,_)``.
    public static func appendQuoted(_ text: Substring, to output: inout [UInt8]) {
        self.appendQuoted(utf8: text.utf8, to: &output)
    }

    /// Appends bytes that are known to be UTF-8 in quotes; see ``appendQuoted(_:to:)-(String,_)``.
    public static func appendQuoted(utf8 bytes: [UInt8], to output: inout [UInt8]) {
        self.appendQuoted(utf8: bytes[...], to: &output)
    }

    /// Appends a whole number.
    public static func append(_ value: Int64, to output: inout [UInt8]) {
        guard value < 0 || value > 9 else {
            output.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value))
            return
        }
        if value < 0 { output.append(UInt8(ascii: "-")) }
        let start = output.count
        var rest = value.magnitude
        while rest > 0 {
            let (quotient, figure) = rest.quotientAndRemainder(dividingBy: 10)
            output.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: figure))
            rest = quotient
        }
        output[start...].reverse()
    }

    private static func appendQuoted(utf8 bytes: some Collection<UInt8>, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        if bytes.contains(where: self.mustEscape) {
            for byte in bytes {
                if self.mustEscape(byte) { self.appendEscape(byte, to: &output) } else { output.append(byte) }
            }
        } else {
            output.append(contentsOf: bytes)
        }
        output.append(UInt8(ascii: "\""))
    }

    private static func mustEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static func appendEscape(_ byte: UInt8, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): output.append(byte)
        case 0x08: output.append(UInt8(ascii: "b"))
        case 0x09: output.append(UInt8(ascii: "t"))
        case 0x0A: output.append(UInt8(ascii: "n"))
        case 0x0C: output.append(UInt8(ascii: "f"))
        case 0x0D: output.append(UInt8(ascii: "r"))
        default:
            output.append(contentsOf: "u00".utf8)
            output.append(self.hexDigit(byte >> 4))
            output.append(self.hexDigit(byte & 0x0F))
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + (value - 10)
    }
}
