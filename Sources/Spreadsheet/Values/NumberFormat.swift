/// What a number format makes of a number.
enum NumberFormat {
    /// Whether a built-in format shows dates or times (ECMA-376 part 1, 18.8.30; 27–36 and 50–58 do in Asian locales).
    static func isDate(builtIn id: Int) -> Bool {
        switch id {
        case 14...22, 27...36, 45...47, 50...58: true
        default: false
        }
    }

    /// Whether a format's code shows dates or times: it has a letter of theirs outside quotes, escapes and brackets.
    static func isDate(code: String) -> Bool {
        var isQuoted = false
        var isEscaped = false
        var brackets: String?
        // Of the sections for positive and negative numbers the first decides.
        for character in code.lowercased() {
            if isEscaped {
                isEscaped = false
            } else if isQuoted {
                isQuoted = character != "\""
            } else if let inside = brackets {
                if character != "]" {
                    brackets = inside + String(character)
                } else if ["h", "hh", "m", "mm", "s", "ss"].contains(inside) {
                    return true  // [h]:mm counts beyond a day
                } else {
                    brackets = nil  // a colour, a condition, a locale
                }
            } else {
                switch character {
                case "\"": isQuoted = true
                case "\\", "_", "*": isEscaped = true
                case "[": brackets = ""
                case ";": return false
                case "y", "m", "d", "h", "s": return !code.lowercased().hasPrefix("general")
                default: break
                }
            }
        }
        return false
    }
}
