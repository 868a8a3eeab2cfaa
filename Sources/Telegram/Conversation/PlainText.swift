/// Text that somebody else has written, made fit to stand inside ours.
///
/// Not escaped: that is the business of whoever writes markup. What is taken out are characters that would break the line or
/// turn the direction of what is around them.
enum PlainText {
    /// Without control and direction characters, on one line, and no longer than so many characters.
    static func clean(_ text: String, maximum: Int = 64) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: scalars.append(" ")
            case .format where Self.isKept(scalar): scalars.append(scalar)
            case .format, .surrogate, .unassigned: break
            default: scalars.append(scalar)
            }
        }
        let words = String(scalars).split(whereSeparator: \.isWhitespace)
        return String(words.joined(separator: " ").prefix(maximum))
    }

    /// Joiners are part of emoji and of some scripts.
    private static func isKept(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "\u{200C}" || scalar == "\u{200D}" || (0xE0020...0xE007F).contains(scalar.value)
    }
}
