/// An e-mail address in the form in which we compare and store it: trimmed, lower case.
///
/// ASCII only, since that is what every mail server takes; a domain in other letters has an `xn--` form. Quoted local parts and
/// addresses at bare IP addresses are refused, which nobody signs up with.
public struct EmailAddress: Hashable, Sendable {
    /// RFC 5321 section 4.5.3.1.3, less the angle brackets.
    public static let maximumLength = 254

    /// The address, lower case.
    public let text: String

    /// Takes what somebody typed; nil if it is no address.
    public init?(_ typed: String) {
        guard let first = typed.firstIndex(where: { !$0.isWhitespace }), let last = typed.lastIndex(where: { !$0.isWhitespace })
        else { return nil }
        let address = typed[first...last]
        guard address.utf8.count <= Self.maximumLength, address.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        let parts = address.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, Self.isLocalPart(parts[0]), Self.isDomain(parts[1]) else { return nil }
        self.text = address.lowercased()
    }

    /// RFC 5322 section 3.2.3: words of `atext` between dots; at most 64 bytes by RFC 5321.
    private static func isLocalPart(_ text: Substring) -> Bool {
        guard text.utf8.count <= 64 else { return false }
        return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { word in
            !word.isEmpty && word.utf8.allSatisfy { self.isAlphanumeric($0) || "!#$%&'*+-/=?^_`{|}~".utf8.contains($0) }
        }
    }

    /// RFC 1123 section 2.1: two labels or more, the last not a number.
    private static func isDomain(_ text: Substring) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count >= 2, let last = labels.last, !last.utf8.allSatisfy({ self.isDigit($0) }) else { return false }
        return labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
                && label.utf8.allSatisfy { self.isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        self.isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}

extension EmailAddress: CustomStringConvertible {
    /// The address.
    public var description: String { self.text }
}
