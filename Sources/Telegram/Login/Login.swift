/// One login through Telegram, from the page's request to its tokens: a pure machine. Each step is stored by one
/// compare-and-set, so of two steps at once exactly one is made, and the other is decided anew on what that one left.
///
/// pending → awaiting_confirmation or confirmed → completed, cancelled, or awaiting_approval → completed. Nothing follows a
/// final status. The first Telegram user to open a login owns it. Updates may come twice: a step that was made already answers
/// as it did the first time and changes nothing.
public struct Login: Sendable, Equatable {
    /// What was asked last.
    enum Stage: String, Sendable {
        /// Whether to confirm or to register.
        case question
        /// Which number the page shows.
        case number
        /// Nothing any more: the account is being made. It cannot be called off.
        case registering
    }

    /// How far it is.
    public internal(set) var status = LoginStatus.pending
    var stage = Stage.question
    /// When it was made, in seconds since 1970 UTC.
    public let createdAt: Int64
    /// The salon that a new account would belong to; `nil` if that is open.
    public let salonID: Int64?
    /// Where it was asked from.
    public let origin: LoginOrigin
    /// The number that the page shows, if one is asked for.
    public let match: NumberMatch?
    /// The Telegram user that opened it.
    var owner: Int64?
    /// Who is logged in.
    var userID: Int64?
    /// Why it came to nothing.
    public internal(set) var reason: CancelReason?
    /// Whether somebody has its tokens. Its page is told `expired` then; its owner that it went well.
    public internal(set) var isTaken = false

    /// - Parameters:
    ///   - createdAt: seconds since 1970 UTC
    ///   - salonID: the salon that a new account would belong to
    ///   - origin: where it was asked from
    ///   - match: the number that the page shows
    public init(createdAt: Int64, salonID: Int64?, origin: LoginOrigin, match: NumberMatch?) {
        self.createdAt = createdAt
        self.salonID = salonID
        self.origin = origin
        self.match = match
    }

    /// A deep link that somebody opened.
    struct Opening {
        /// The Telegram user.
        var person: Int64
        /// By Telegram's clock, in seconds since 1970 UTC.
        var sentAt: Int64
        /// By ours.
        var now: Int64
        /// How long a code lives, in seconds.
        var lifetime: Int64
        /// The person's account.
        var account: Account?
        var registration: RegistrationPolicy

        /// Whether it is what somebody wanted long ago, or before this code was there. Telegram's dates are whole seconds.
        func isStale(for createdAt: Int64) -> Bool {
            self.sentAt < createdAt - 60 || self.sentAt < self.now - self.lifetime
        }
    }

    enum OpenAction: Equatable {
        case askToConfirm
        case askToRegister
        case askNumber([Int])
        /// It belongs to somebody else, or is over.
        case tellUsed
        case tellCancelled(CancelReason)
        /// Sent long ago, or before this code was there: it changes nothing.
        case tellStale
    }

    mutating func opened(_ opening: Opening) -> OpenAction {
        if opening.isStale(for: self.createdAt) { return .tellStale }
        guard self.owner == nil || self.owner == opening.person else { return .tellUsed }
        switch self.status {
        case .completed, .cancelled, .awaitingApproval:
            return .tellUsed
        case .pending, .awaitingConfirmation, .confirmed:
            break
        }
        self.owner = opening.person
        switch self.stage {
        case .registering:
            return .askToRegister
        case .number:
            if let match { return .askNumber(match.choices) }
        case .question:
            break
        }
        if let account = opening.account {
            guard account.isActive else { return .tellCancelled(self.cancel(.inactive)) }
            self.status = .confirmed
            return .askToConfirm
        }
        guard opening.registration != .closed, self.salonID != nil else {
            return .tellCancelled(self.cancel(.registrationClosed))
        }
        self.status = .awaitingConfirmation
        return .askToRegister
    }

    enum TapAction: Equatable {
        case tellCompleted(isNew: Bool)
        case tellAwaitingApproval
        case askNumber([Int])
        /// Make the account, then ``registered(_:)``.
        case register(salonID: Int64)
        case tellCancelled(CancelReason)
        /// Nothing waits for this tap.
        case tellLate
        /// Somebody else was asked.
        case tellForeign
    }

    /// A button was tapped. What it may do is decided by what was asked, and whom; its data alone can be forged.
    ///
    /// - Parameters:
    ///   - button: which
    ///   - person: the Telegram user
    ///   - account: the person's account, as it is now
    mutating func tapped(_ button: Button, by person: Int64, account: Account?) -> TapAction {
        guard self.owner == person else { return .tellForeign }
        switch self.status {
        case .pending: return .tellLate
        case .completed: return button == .cancel ? .tellLate : .tellCompleted(isNew: self.stage == .registering)
        case .awaitingApproval:
            if button == .cancel { return .tellLate }
            // Approved while nobody could be told of it.
            guard let account, account.isActive, account.id == self.userID else { return .tellAwaitingApproval }
            self.status = .completed
            return .tellCompleted(isNew: true)
        case .cancelled: return .tellCancelled(self.reason ?? .user)
        case .confirmed, .awaitingConfirmation: break
        }
        switch (button, self.status, self.stage) {
        case (.register, .awaitingConfirmation, .registering), (.number, .awaitingConfirmation, .registering):
            // The node that was about to make the account may be gone.
            return self.proceed(account)
        case (.cancel, _, .question), (.cancel, _, .number):
            return .tellCancelled(self.cancel(.user))
        case (.confirm, .confirmed, .question), (.register, .awaitingConfirmation, .question):
            if let match {
                self.stage = .number
                return .askNumber(match.choices)
            }
            return self.proceed(account)
        case (.confirm, .confirmed, .number), (.register, .awaitingConfirmation, .number):
            return .askNumber(self.match?.choices ?? [])
        case (.number(let number), _, .number):
            guard number == self.match?.right else { return .tellCancelled(self.cancel(.wrongNumber)) }
            return self.proceed(account)
        default:
            return .tellLate
        }
    }

    /// Everything that was asked has been answered.
    private mutating func proceed(_ account: Account?) -> TapAction {
        // Asked to register, and registered meanwhile by another login.
        let hasAccount = account != nil && self.stage != .registering
        if self.status == .confirmed || hasAccount {
            guard let account, account.isActive else { return .tellCancelled(self.cancel(.inactive)) }
            self.userID = account.id
            self.status = .completed
            return .tellCompleted(isNew: false)
        }
        guard let salonID else { return .tellCancelled(self.cancel(.registrationClosed)) }
        self.stage = .registering
        return .register(salonID: salonID)
    }

    /// The account was made, or could not be.
    mutating func registered(_ account: Account?) -> TapAction {
        guard self.status == .awaitingConfirmation, self.stage == .registering else {
            return switch self.status {
            case .completed: .tellCompleted(isNew: true)
            case .awaitingApproval: .tellAwaitingApproval
            case .cancelled: .tellCancelled(self.reason ?? .user)
            case .pending, .awaitingConfirmation, .confirmed: .tellLate
            }
        }
        guard let account else { return .tellCancelled(self.cancel(.registrationClosed)) }
        self.userID = account.id
        self.status = account.isActive ? .completed : .awaitingApproval
        return account.isActive ? .tellCompleted(isNew: true) : .tellAwaitingApproval
    }

    enum ApproveAction: Equatable {
        /// The login that waited goes on.
        case complete
        case doNothing
    }

    /// An admin has switched an account on.
    mutating func approved(userID: Int64) -> ApproveAction {
        guard self.status == .awaitingApproval, self.userID == userID else { return .doNothing }
        self.status = .completed
        return .complete
    }

    enum TakeAction: Equatable {
        /// Make the tokens of this user; if that fails, ``givenBack()``.
        case handOver(userID: Int64)
        /// There is nothing to take.
        case tellStatus
    }

    /// The page asks for its tokens.
    mutating func taken() -> TakeAction {
        guard self.status == .completed, !self.isTaken, let userID else { return .tellStatus }
        self.isTaken = true
        return .handOver(userID: userID)
    }

    /// The tokens could not be made: they can be asked for again.
    mutating func givenBack() {
        self.isTaken = false
    }

    private mutating func cancel(_ reason: CancelReason) -> CancelReason {
        self.status = .cancelled
        self.reason = reason
        return reason
    }
}
