/// What came of linking.
public enum LinkOutcome: Sendable, Equatable {
    /// The two belong together now, or did already.
    case linked(Account)
    /// They do not.
    case refused(LinkRefusal)
}

/// The conversation's questions to whoever knows the salon's accounts. Every one may be asked again with the same effect.
public protocol Accounts: Sendable {
    /// The account that is linked to this Telegram user.
    func account(telegramID: Int64) async throws -> Account?
    /// Makes an account for a Telegram user, once; one that has one already gets that.
    ///
    /// - Parameters:
    ///   - person: with names on one line each
    ///   - salonID: where
    ///   - isActive: whether it may log in at once; else the salon's admins are told that somebody waits
    /// - Returns: nil if it cannot be made
    func register(_ person: TelegramUser, salonID: Int64, isActive: Bool) async throws -> Account?
    /// Links an account to a Telegram user, and tells the account of it.
    ///
    /// - Parameter person: with names on one line each
    func link(_ person: TelegramUser, to userID: Int64) async throws -> LinkOutcome
    /// Whether a failure of one of these will pass, so that it is worth trying again.
    func isTransient(_ error: any Error) -> Bool
}
