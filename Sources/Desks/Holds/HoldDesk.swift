/// The slots that desks are booking, for all nodes.
public final class HoldDesk: Sendable {
    /// What a desk asks for.
    public struct Request: Sendable {
        /// What is to be held.
        public var slot: Slot
        /// The tenant.
        public var salonID: Int64
        /// Who asks.
        public var userID: Int64
        /// How others see them named.
        public var name: String
        /// Their login session.
        public var sessionID: Int64
        /// Their socket.
        public var connection: String
        /// The number for a new hold.
        public var fence: Int64
        /// The number of a hold of their own that this one takes the place of.
        public var replacing: Int64?

        /// - Parameters:
        ///   - slot: what is to be held
        ///   - salonID: the tenant
        ///   - userID: who asks
        ///   - name: how others see them named
        ///   - sessionID: their login session
        ///   - connection: their socket
        ///   - fence: the number for a new hold
        ///   - replacing: the hold that this one takes the place of
        public init(
            slot: Slot,
            salonID: Int64,
            userID: Int64,
            name: String,
            sessionID: Int64,
            connection: String,
            fence: Int64,
            replacing: Int64?
        ) {
            self.slot = slot
            self.salonID = salonID
            self.userID = userID
            self.name = name
            self.sessionID = sessionID
            self.connection = connection
            self.fence = fence
            self.replacing = replacing
        }
    }

    /// What asking for a slot came to.
    public enum Outcome: Sendable {
        /// It is held.
        case held(Hold)
        /// Another login holds this time.
        case heldByOther(Hold)
        /// The salon has as many holds as it may.
        case full
    }

    /// How often a step is decided anew when others keep coming first.
    private static let attempts = 20

    private let feed: BoardFeed

    /// - Parameter feed: the node's boards
    public init(feed: BoardFeed) {
        self.feed = feed
    }

    private static func board(_ salonID: Int64) -> String { "holds/\(salonID)" }

    /// Tells somebody which slots of a salon are held, and then every change.
    public func follow(salonID: Int64, _ tell: @escaping @Sendable (BoardNews) -> Void) -> BoardFollowing {
        self.feed.follow(Self.board(salonID), tell)
    }

    /// Tells them no more.
    public func stop(_ following: BoardFollowing) {
        self.feed.stop(following)
    }

    /// The slots of a salon that are held now, in the order in which they were taken.
    public func holds(salonID: Int64) async throws(DeskError) -> [Hold] {
        let states = try await self.feed.store.look([Self.board(salonID)])
        return states.first.map { HoldBook($0, self.feed.settings).holds } ?? []
    }

    /// Holds a slot, goes on holding it, or goes over to another.
    public func hold(_ request: Request) async throws(DeskError) -> Outcome {
        let (board, settings) = (Self.board(request.salonID), self.feed.settings)
        for _ in 0..<Self.attempts {
            guard let state = try await self.feed.store.look([board]).first else { break }
            let verdict = HoldBook(state, settings).hold(
                .init(
                    slot: request.slot,
                    userID: request.userID,
                    name: request.name,
                    sessionID: request.sessionID,
                    connection: request.connection,
                    fence: request.fence,
                    replacing: request.replacing
                )
            )
            guard case .held(let hold, let ending) = verdict else {
                if case .heldByOther(let other) = verdict { return .heldByOther(other) }
                return .full
            }
            let moved = BoardNote("moved", by: request.connection)
            // A desk knows what it has gone over from. That one more ends its oldest it has to be told like everybody.
            let steps = ending.map { ended in
                let isMeant = ended.fence == request.replacing || ended.slot.overlaps(request.slot)
                return BoardStore.Step.remove(id: ended.id, isMeant ? moved : BoardNote("moved"))
            }
            let lease = min(settings.lease, hold.expiresAt - state.now)
            let (outcome, after) = try await self.feed.store.apply(
                board,
                steps + [.set(hold.entry, lease: lease)],
                on: state.version
            )
            guard outcome == .done else { continue }
            for hold in ending { self.feed.forget(board, hold.id) }
            if let replaced = request.replacing, !ending.contains(where: { $0.fence == replaced }) {
                let session = request.sessionID
                let lost = await self.feed.forgetHolds(board) {
                    $0.fence == replaced && $0.fence != hold.fence && $0.sessionID == session
                }
                // A renewal may have come first.
                if !lost.isEmpty { _ = try? await self.feed.store.apply(board, lost.map { .remove(id: $0.id, moved) }) }
            }
            self.feed.keep(
                board,
                .init(entry: hold.entry, connection: hold.connection, isPresence: false, born: after.born)
            )
            return .held(hold)
        }
        throw DeskError.contended
    }

    /// Lets go of the hold with this number, or of this slot; without either, of all of this socket.
    ///
    /// - Returns: what was let go of
    public func release(
        fence: Int64?,
        slot: Slot?,
        salonID: Int64,
        sessionID: Int64,
        connection: String
    ) async throws(DeskError) -> [Hold] {
        let (board, note) = (Self.board(salonID), BoardNote("released", by: connection))
        // First: what a renewal writes again meanwhile is found, or taken out by it.
        let forgotten = await self.feed.forgetHolds(board) {
            HoldBook.isReleased($0, fence: fence, slot: slot, sessionID: sessionID, connection: connection)
        }
        let released = try await self.change(board) { book in
            book.releasing(fence: fence, slot: slot, sessionID: sessionID, connection: connection)
                .map { ($0, .remove(id: $0.id, note)) }
        }
        let lost = forgotten.filter { hold in !released.contains { $0.fence == hold.fence } }
        return (released + lost).sorted { $0.fence < $1.fence }
    }

    /// A socket is gone: what it held ends soon, unless its login holds it again; at once if the login has ended.
    public func left(connection: String, atOnce: Bool) async {
        let boards = Set(await self.feed.forgetHolds(of: connection).map(\.board))
        // By nobody: a socket whose role has changed lives on, and has to be told too.
        let (grace, note) = (self.feed.settings.orphanLife, BoardNote("disconnected"))
        for board in boards {
            // What Redis does not hear now, the end of the lease will say.
            _ = try? await self.change(board) { book in
                book.holds.filter { $0.connection == connection }.map { hold in
                    (hold, atOnce ? .remove(id: hold.id, note) : .lease(id: hold.id, grace))
                }
            }
        }
    }

    /// A visit was written into a slot: its writer's own holds of it have served.
    ///
    /// - Parameters:
    ///   - slot: the visit's
    ///   - holds: the writer's own as the write found them
    ///   - sessionID: the writer's login session
    ///   - fence: the number of a hold that the write named
    public func booked(_ slot: Slot, _ holds: [Hold], salonID: Int64, sessionID: Int64, fence: Int64?) async {
        let board = Self.board(salonID)
        let forgotten = await self.feed.forgetHolds(board) {
            $0.slot.overlaps(slot) && ($0.sessionID == sessionID || $0.fence == fence)
        }
        let ids = Set((holds + forgotten).map(\.id)).sorted()
        guard !ids.isEmpty else { return }
        let booked = BoardNote("booked")
        _ = try? await self.feed.store.apply(board, ids.map { .remove(id: $0, booked) })
    }

    /// Decides on what is there, and changes that and nothing else.
    private func change(
        _ board: String,
        _ decide: (HoldBook) -> [(Hold, BoardStore.Step)]
    ) async throws(DeskError) -> [Hold] {
        for _ in 0..<Self.attempts {
            guard let state = try await self.feed.store.look([board]).first else { break }
            let changes = decide(HoldBook(state, self.feed.settings))
            guard !changes.isEmpty else { return [] }
            let (outcome, _) = try await self.feed.store.apply(board, changes.map(\.1), on: state.version)
            guard outcome == .done else { continue }
            for case (let hold, .remove) in changes { self.feed.forget(board, hold.id) }
            return changes.map(\.0)
        }
        throw DeskError.contended
    }
}
