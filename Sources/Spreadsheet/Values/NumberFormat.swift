/// What a number format makes of a number.
enum NumberFormat {
    case number
    /// A date or a time.
    case date
    /// A hundred times as much, and the sign behind it.
    case percent

    /// A built-in format (ECMA-376 part 1, 18.8.30; 27–36 and 50–58 show dates in Asian locales).
    init(builtIn id: Int) {
        switch id {
        case 9, 10: self = .percent
        case 14...22, 27...36, 45...47, 50...58: self = .date
        default: self = .number
        }
    }

    /// A format's code: what it has outside quotes, escapes and brackets decides, a letter of dates or times or the percent sign.
    init(code: String) {
        self = .number
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
                    self = .date  // [h]:mm counts beyond a day
                    return
                } else {
                    brackets = nil  // a colour, a condition, a locale
                }
            } else {
                switch character {
                case "\"": isQuoted = true
                case "\\", "_", "*": isEscaped = true
                case "[": brackets = ""
                case ";": return
                case "%": self = .percent
                case "y", "m", "d", "h", "s":
                    if !code.lowercased().hasPrefix("general") { self = .date }
                    return
                default: break
                }
            }
        }
    }
}
