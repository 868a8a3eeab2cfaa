/// What XML cannot hold, Excel writes as `_x000D_`.
enum EscapedText {
    /// The text with its escapes taken out; control characters beside tab and line ends are left out.
    static func decode(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "_")), text.contains("_x") else { return text }
        var result = ""
        var rest = text[...]
        while let start = rest.firstRange(of: "_x") {
            result += rest[..<start.lowerBound]
            let code = rest[start.upperBound...].prefix(4)
            let end = code.endIndex
            guard code.utf8.count == 4, end < rest.endIndex, rest[end] == "_", let value = UInt16(code, radix: 16),
                code.allSatisfy(\.isHexDigit), let scalar = Unicode.Scalar(UInt32(value))
            else {
                result += rest[start]
                rest = rest[start.upperBound...]
                continue
            }
            if value >= 0x20 || value == 0x09 || value == 0x0A || value == 0x0D { result.unicodeScalars.append(scalar) }
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
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
