/// What XML cannot hold, Excel writes as `_x000D_`.
enum EscapedText {
    /// UTF-8 with its escapes taken out; control characters beside tab and line ends are left out. One pass, whatever is in it.
    static func decode(_ bytes: [UInt8]) -> [UInt8] {
        guard let first = bytes.firstIndex(of: UInt8(ascii: "_")) else { return bytes }
        var result = Array(bytes[..<first])
        result.reserveCapacity(bytes.count)
        var position = first
        while position < bytes.count {
            guard bytes[position] == UInt8(ascii: "_"), let scalar = Self.scalar(bytes[position...].prefix(7)) else {
                result.append(bytes[position])
                position += 1
                continue
            }
            let isControl = scalar.value < 0x20 && scalar.value != 0x09 && scalar.value != 0x0A && scalar.value != 0x0D
            if !isControl { result.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter) }
            position += 7
        }
        return result
    }

    /// What `_x000D_` stands for; nil for what is no escape, or half a character.
    private static func scalar(_ escape: ArraySlice<UInt8>) -> Unicode.Scalar? {
        guard escape.count == 7, escape[escape.startIndex + 1] == UInt8(ascii: "x"), escape.last == UInt8(ascii: "_") else {
            return nil
        }
        var value: UInt32 = 0
        for byte in escape.dropFirst(2).dropLast() {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt32(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt32(byte - UInt8(ascii: "A") + 10)
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt32(byte - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return Unicode.Scalar(value)
    }

    /// The text without what no XML file may hold, and no longer than a cell.
    static func writable(_ text: String) -> String {
        let isClean = text.unicodeScalars.allSatisfy { Self.isAllowed($0) }
        guard !isClean || text.utf16.count > SheetLimits.cellCharacters else { return text }
        var scalars = String.UnicodeScalarView()
        var count = 0
        for scalar in text.unicodeScalars {
            count += scalar.value > 0xFFFF ? 2 : 1
            guard count <= SheetLimits.cellCharacters else { break }
            scalars.append(Self.isAllowed(scalar) ? scalar : "\u{FFFD}")
        }
        return String(scalars)
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D: true
        case 0x00..<0x20, 0xFFFE, 0xFFFF: false
        default: true
        }
    }
}
