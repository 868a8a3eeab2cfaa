import Synchronization

/// Who is in which room: sockets that have entered, on whichever node.
public final class RoomDesk: Sendable {
    /// A socket's being in a room, or watching it.
    public struct Stay: Sendable {
        let following: BoardFollowing
        /// Of an entry: the socket, and which of its entries of this room.
        let entry: (connection: String, number: UInt64)?
    }

    /// How entering went.
    public enum Entry: Sendable {
        /// The reader has been told the state.
        case entered
        /// There are as many members as there may be.
        case full
        /// Redis is away.
        case away
    }

    private struct Place: Hashable {
        var board: String
        var connection: String
    }

    private struct State {
        var last: UInt64 = 0
        /// The newest entry of each socket in each room, and since when it has been there.
        var current: [Place: (number: UInt64, since: String?)] = [:]
    }

    private let feed: BoardFeed
    private let state = Mutex(State())

    /// - Parameter feed: the node's boards
    public init(feed: BoardFeed) {
        self.feed = feed
    }

    /// Tells somebody who is in a room, without being in it.
    public func watch(_ room: RoomName, salonID: Int64, _ tell: @escaping @Sendable (BoardNews) -> Void) -> Stay {
        Stay(following: self.feed.follow(room.board(salonID: salonID), tell), entry: nil)
    }

    /// Somebody comes, or is there and says something else of themselves: ``enter(_:_:)`` has to follow, in the order of what the
    /// socket says.
    public func begin(
        _ room: RoomName,
        salonID: Int64,
        connection: String,
        _ tell: @escaping @Sendable (BoardNews) -> Void
    ) -> Stay {
        let board = room.board(salonID: salonID)
        let number = self.state.withLock { state in
            state.last += 1
            let place = Place(board: board, connection: connection)
            state.current[place] = (state.last, state.current[place]?.since)
            return state.last
        }
        return Stay(following: self.feed.followEntering(board, tell), entry: (connection, number))
    }

    /// Writes a member that has begun to come. Since when it has been there stays as it was.
    public func enter(_ stay: Stay, _ member: Member) async -> Entry {
        guard let entry = stay.entry else { preconditionFailure("Who watches a room does not enter it") }
        let place = Place(board: stay.following.board, connection: entry.connection)
        var member = member
        let isCurrent = self.state.withLock { state in
            guard let present = state.current[place], present.number == entry.number else { return false }
            member.since = present.since ?? member.since
            state.current[place]?.since = member.since
            return true
        }
        // It said something newer meanwhile, or has left.
        guard isCurrent else { return .entered }
        let settings = self.feed.settings
        do throws(DeskError) {
            let (outcome, board) = try await self.feed.store.apply(
                place.board,
                [.set(member.entry, lease: settings.lease)],
                limit: settings.maximumMembers
            )
            guard outcome == .done else { return .full }
            self.feed.keep(
                place.board,
                .init(entry: member.entry, connection: place.connection, isPresence: true, born: board.born)
            )
            self.feed.entered(stay.following, board)
            return .entered
        } catch {
            return .away
        }
    }

    /// Tells whoever came or watches the whole room again.
    public func repeatState(_ stay: Stay) {
        self.feed.repeatState(stay.following)
    }

    /// Tells them no more. Somebody who is in the room stays there until ``leave(_:)``.
    public func stop(_ stay: Stay) {
        self.feed.stop(stay.following)
    }

    /// Whoever came leaves, unless they came anew meanwhile.
    public func leave(_ stay: Stay) async {
        guard let entry = stay.entry else { return }
        let place = Place(board: stay.following.board, connection: entry.connection)
        let isCurrent = self.state.withLock { state in
            guard state.current[place]?.number == entry.number else { return false }
            state.current[place] = nil
            return true
        }
        guard isCurrent else { return }
        self.feed.forget(place.board, place.connection)
        // What Redis does not hear now, the end of the lease will say.
        _ = try? await self.feed.store.apply(
            place.board,
            [.remove(id: place.connection, BoardNote("left", by: place.connection))]
        )
    }
}
