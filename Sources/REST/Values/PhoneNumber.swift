/// A telephone number as somebody typed it, and what it is compared by.
public struct PhoneNumber: Hashable, Sendable {
    /// As typed, for display.
    public let typed: String

    /// Takes any text; ``normalisedKey`` and ``isMask`` say what it is.
    public init(_ typed: String) {
        self.typed = typed
    }

    /// Whether it is what a role gets to see that may not see the number: never a value to store or compare.
    public var isMask: Bool { self.typed.unicodeScalars.contains { $0 == "•" || $0 == "*" } }

    /// What two ways of writing one number have in common: its digits with the country's code.
    ///
    /// Ukrainian `0XXXXXXXXX`, `80XXXXXXXXX` and `380XXXXXXXXX` are one, the last; other numbers are their digits, without the
    /// `00` that is dialled before a country's code. Nil for a mask and for text without digits.
    public var normalisedKey: String? {
        guard !self.isMask else { return nil }
        var digits = self.typed.utf8.filter { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard !digits.isEmpty else { return nil }
        if digits.count > 10, digits.starts(with: "00".utf8) { digits.removeFirst(2) }
        switch (digits.count, digits[0], digits.dropFirst().first) {
        case (10, UInt8(ascii: "0"), _):
            digits = Array("38".utf8) + digits
        case (11, UInt8(ascii: "8"), UInt8(ascii: "0")):
            digits = Array("3".utf8) + digits
        default:
            break
        }
        return String(decoding: digits, as: UTF8.self)
    }
}
