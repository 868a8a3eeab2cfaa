/// What leaves the server for people's mailboxes. Nothing does yet: the server's own courier drops what it is given, so a lost
/// password is set anew by whoever gets hold of the token another way. Tests put one of their own here.
public struct Courier: Sendable {
    /// A letter that opens the way to a new password.
    public struct PasswordReset: Sendable {
        /// Whose account it is, and where the letter goes.
        public var email: String
        /// The way in, once, within the hour: never to be logged.
        public var token: String
    }

    let deliver: @Sendable (PasswordReset) -> Void

    /// - Parameter deliver: takes a letter, and returns at once: the answer waits for it
    public init(deliver: @escaping @Sendable (PasswordReset) -> Void) {
        self.deliver = deliver
    }

    /// Delivers nothing.
    public static let none = Courier { _ in }
}

extension Courier.PasswordReset: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The type's name: a way in does not belong into a log.
    public var description: String { "PasswordReset" }
    /// The type's name.
    public var debugDescription: String { self.description }
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
