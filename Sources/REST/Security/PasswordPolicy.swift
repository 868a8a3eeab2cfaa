/// What a password must be: 8 characters at least, and no more than bcrypt looks at.
public enum PasswordPolicy {
    /// What is wrong with one.
    public enum Violation: Hashable, Sendable {
        /// Fewer than ``minimumCharacters`` characters.
        case tooShort
        /// More than ``maximumBytes`` bytes of UTF-8; bcrypt would ignore the rest.
        case tooLong
        /// U+0000, at which bcrypt would stop.
        case containsNUL
    }

    /// Characters as people count them.
    public static let minimumCharacters = 8
    /// Bytes of UTF-8.
    public static let maximumBytes = 72

    /// What is wrong with a password; nil if nothing is.
    public static func check(_ password: String) -> Violation? {
        if !self.isHashable(password) { return password.utf8.count > self.maximumBytes ? .tooLong : .containsNUL }
        return password.count < self.minimumCharacters ? .tooShort : nil
    }

    /// Whether bcrypt would look at all of it.
    static func isHashable(_ password: String) -> Bool {
        password.utf8.count <= self.maximumBytes && !password.utf8.contains(0)
    }
}
