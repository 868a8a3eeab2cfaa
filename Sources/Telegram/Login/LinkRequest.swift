/// How far the linking of a Telegram account is, as its page is told.
public enum LinkStatus: String, Sendable, CaseIterable {
    /// Nobody has opened the link yet, or the answer is being looked up.
    case pending
    /// The accounts belong together now.
    case linked
    /// One of the two is linked to another already.
    case refused

    /// Whether nothing follows.
    public var isFinal: Bool { self != .pending }
}

/// Why a linking was refused.
public enum LinkRefusal: String, Sendable, CaseIterable {
    /// The Telegram account is linked to another account.
    case telegramTaken = "telegram_taken"
    /// The account is linked to another Telegram account.
    case accountTaken = "account_taken"
    /// The account is gone, or switched off.
    case gone
}

/// Whose Telegram an account was linked to, as its page is told: the first who opens a link gets the account, so its owner has to
/// see who that was.
public struct LinkedTelegram: Sendable, Equatable {
    /// First and last name, on one line.
    public let name: String
    /// Without `@`, if there is one.
    public let username: String?

    /// - Parameters:
    ///   - name: on one line
    ///   - username: without `@`
    public init(name: String, username: String?) {
        self.name = name
        self.username = username
    }

    init(_ person: TelegramUser) {
        self.init(name: person.fullName, username: person.username)
    }
}

/// The linking of a signed-in person's account to their Telegram: a pure machine, stored as a ``Login`` is.
public struct LinkRequest: Sendable, Equatable {
    /// How far it is.
    public internal(set) var status = LinkStatus.pending
    /// When it was made, in seconds since 1970 UTC.
    public let createdAt: Int64
    /// The account that asked.
    public let userID: Int64
    /// The Telegram user that opened it.
    var owner: Int64?
    /// Whose Telegram it was linked to.
    var linked: LinkedTelegram?
    /// Why it was refused.
    var refusal: LinkRefusal?

    /// - Parameters:
    ///   - createdAt: seconds since 1970 UTC
    ///   - userID: the account that asked
    public init(createdAt: Int64, userID: Int64) {
        self.createdAt = createdAt
        self.userID = userID
    }

    enum OpenAction: Equatable {
        /// Link the two, then ``settled(_:)``.
        case link(userID: Int64)
        /// It was decided before: it is told again, and nothing else is done.
        case tell(LinkOutcome)
        case tellUsed
        /// Sent long ago, or before this code was there: it changes nothing.
        case tellStale
    }

    mutating func opened(_ opening: Login.Opening) -> OpenAction {
        if opening.isStale(for: self.createdAt) { return .tellStale }
        guard self.owner == nil || self.owner == opening.person else { return .tellUsed }
        self.owner = opening.person
        switch self.status {
        case .pending:
            return .link(userID: self.userID)
        case .linked:
            // Unlinked meanwhile, perhaps: then it does not link again.
            guard let account = opening.account, account.id == self.userID else { return .tellUsed }
            return .tell(.linked(account))
        case .refused:
            return .tell(.refused(self.refusal ?? .gone))
        }
    }

    /// The database has decided.
    mutating func settled(_ outcome: LinkOutcome, by person: LinkedTelegram) {
        guard self.status == .pending else { return }
        switch outcome {
        case .linked:
            self.status = .linked
            self.linked = person
        case .refused(let refusal):
            self.status = .refused
            self.refusal = refusal
        }
    }
}
