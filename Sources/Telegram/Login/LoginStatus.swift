/// How far a login is, as its page is told.
public enum LoginStatus: String, Sendable, CaseIterable {
    /// Nobody has opened the link yet.
    case pending
    /// Somebody without an account is asked whether to register.
    case awaitingConfirmation = "awaiting_confirmation"
    /// Somebody with an account is asked to confirm.
    case confirmed
    /// Registered; an admin has to approve.
    case awaitingApproval = "awaiting_approval"
    /// The tokens can be taken, once.
    case completed
    /// It came to nothing; ``CancelReason`` says why.
    case cancelled

    /// Whether nothing follows.
    public var isFinal: Bool {
        switch self {
        case .completed, .cancelled: true
        case .pending, .awaitingConfirmation, .confirmed, .awaitingApproval: false
        }
    }
}

/// Why a login came to nothing.
public enum CancelReason: String, Sendable, CaseIterable {
    /// The person said no.
    case user
    /// The account is switched off, or gone.
    case inactive
    /// Another number than the page shows was chosen.
    case wrongNumber = "wrong_number"
    /// The person has no account, and may make none.
    case registrationClosed = "registration_closed"
}

/// Where a login was asked from, as the bot's question shows it.
public struct LoginOrigin: Sendable, Equatable {
    /// Browser family and system: `Firefox, Windows`; empty if unknown.
    public var device: String
    /// The client's address.
    public var address: String
    /// The salon's local time: `25.11.2026 07:12`.
    public var time: String

    /// - Parameters:
    ///   - device: browser family and system
    ///   - address: the client's address
    ///   - time: the salon's local time
    public init(device: String, address: String, time: String) {
        self.device = device
        self.address = address
        self.time = time
    }
}

/// The number that the page shows and the chat asks for among three. The three are drawn once, so that asking again tells no more.
public struct NumberMatch: Sendable, Equatable {
    /// What the page shows.
    public let right: Int
    /// What the chat offers, in its order.
    public let choices: [Int]

    /// - Parameters:
    ///   - right: one of `choices`
    ///   - choices: what the chat offers
    public init(right: Int, choices: [Int]) {
        self.right = right
        self.choices = choices
    }

    /// Three different two-digit numbers, one of them right.
    static func draw(using generator: inout some RandomNumberGenerator) -> NumberMatch {
        let choices = Array((10...99).shuffled(using: &generator).prefix(3))
        return NumberMatch(right: choices[Int.random(in: 0..<3, using: &generator)], choices: choices)
    }
}
