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
        case tellRefused
        case tellUsed
        /// Sent long ago, or before this code was there: it changes nothing.
        case tellStale
    }

    mutating func opened(_ opening: Login.Opening) -> OpenAction {
        if opening.isStale(for: self.createdAt) { return .tellStale }
        guard self.owner == nil || self.owner == opening.person else { return .tellUsed }
        self.owner = opening.person
        switch self.status {
        // Linking what is linked changes nothing.
        case .pending, .linked: return .link(userID: self.userID)
        case .refused: return .tellRefused
        }
    }

    /// The database has decided.
    mutating func settled(_ outcome: LinkStatus) {
        if self.status == .pending { self.status = outcome }
    }
}
