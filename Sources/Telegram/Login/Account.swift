/// An account, as far as a login has to know it.
public struct Account: Sendable, Equatable {
    /// The user's id.
    public let id: Int64
    /// Whether it may log in.
    public let isActive: Bool
    /// As the salon knows them.
    public let firstName: String
    /// As the salon knows them; may be empty.
    public let lastName: String

    /// - Parameters:
    ///   - id: the user's id
    ///   - isActive: whether it may log in
    ///   - firstName: as the salon knows them
    ///   - lastName: may be empty
    public init(id: Int64, isActive: Bool, firstName: String, lastName: String) {
        self.id = id
        self.isActive = isActive
        self.firstName = firstName
        self.lastName = lastName
    }
}

/// Whom a login may make an account for (TELEGRAM_REGISTRATION).
public enum RegistrationPolicy: String, Sendable, CaseIterable {
    /// Whoever asks.
    case open
    /// Whoever asks, but an admin has to switch the account on.
    case approval
    /// Nobody.
    case closed
}
