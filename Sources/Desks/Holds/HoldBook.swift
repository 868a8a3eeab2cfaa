/// The holds of a salon at one moment, and the rules by which they come and go. A pure value.
struct HoldBook: Sendable {
    /// What a desk asks for.
    struct Request: Sendable {
        var slot: Slot
        var userID: Int64
        var name: String
        var sessionID: Int64
        var connection: String
        /// The number for it if it is a new one.
        var fence: Int64
        /// A hold of its own that this one takes the place of.
        var replacing: Int64?
    }

    /// What it comes to.
    enum Verdict: Sendable, Equatable {
        /// It is held, anew or still; these others of the same login end.
        case held(Hold, ending: [Hold])
        /// Another login holds this time.
        case heldByOther(Hold)
        /// The salon has as many holds as it may.
        case full
    }

    /// In the order in which they were made.
    let holds: [Hold]
    private let now: Int64
    private let settings: DeskSettings

    init(_ state: BoardState, _ settings: DeskSettings) {
        self.holds = state.entries.values.compactMap { Hold($0) }
            .filter { $0.expiresAt > state.now }
            .sorted { $0.fence < $1.fence }
        self.now = state.now
        self.settings = settings
    }

    /// A desk begins to book a slot, goes on doing so, or goes over to another slot.
    func hold(_ request: Request) -> Verdict {
        let overlapping = self.holds.filter { $0.slot.overlaps(request.slot) }
        if let other = overlapping.first(where: { $0.sessionID != request.sessionID }) { return .heldByOther(other) }
        let own = self.holds.filter { $0.sessionID == request.sessionID }
        let expiresAt = self.now + self.settings.holdLife
        if var same = own.first(where: { $0.slot == request.slot }) {
            // The same desk goes on, perhaps on a new line.
            same.connection = request.connection
            same.expiresAt = expiresAt
            same.name = request.name
            return .held(same, ending: own.filter { $0.fence == request.replacing && $0.fence != same.fence })
        }
        var ending = own.filter { $0.slot.overlaps(request.slot) || $0.fence == request.replacing }
        let others = own.filter { hold in hold.connection == request.connection && !ending.contains { $0.fence == hold.fence } }
        ending += others.prefix(max(0, others.count + 1 - self.settings.maximumHoldsPerConnection))
        guard self.holds.count - ending.count < self.settings.maximumHolds else { return .full }
        let hold = Hold(
            fence: request.fence,
            slot: request.slot,
            userID: request.userID,
            name: request.name,
            sessionID: request.sessionID,
            connection: request.connection,
            expiresAt: expiresAt
        )
        return .held(hold, ending: ending)
    }

    /// What a desk lets go of: the hold of this number or of this slot, if it is its login's; without either, all of its socket.
    func releasing(fence: Int64?, slot: Slot?, sessionID: Int64, connection: String) -> [Hold] {
        self.holds.filter { Self.isReleased($0, fence: fence, slot: slot, sessionID: sessionID, connection: connection) }
    }

    /// Whether a hold is among those that a desk lets go of.
    static func isReleased(_ hold: Hold, fence: Int64?, slot: Slot?, sessionID: Int64, connection: String) -> Bool {
        guard hold.sessionID == sessionID else { return false }
        if let fence { return hold.fence == fence }
        if let slot { return hold.slot == slot }
        return hold.connection == connection
    }

    /// A hold that Redis has forgotten may come back if nobody has taken its time meanwhile.
    func mayReturn(_ hold: Hold) -> Bool {
        hold.expiresAt > self.now && !self.holds.contains { $0.slot.overlaps(hold.slot) }
    }
}
