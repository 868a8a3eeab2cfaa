public import Desks
public import Hub
public import JSON
import NIOCore
import Postgres

/// The topics `presence:<room>`: who has a day open, or whatever else a room stands for. Rooms belong to the salon of the socket's
/// user, and are for roles that may see the calendar.
public struct PresenceTopics: EphemeralRooms {
    private static let prefix = "presence:"

    private let rooms: RoomDesk
    private let lanes: DeskLanes
    private let people: DeskPeople

    /// - Parameters:
    ///   - rooms: who is in which
    ///   - lanes: carries out what sockets ask for
    ///   - people: names
    public init(rooms: RoomDesk, lanes: DeskLanes, people: DeskPeople) {
        self.rooms = rooms
        self.lanes = lanes
        self.people = people
    }

    /// `presence:` and the room's name.
    public func topic(ofRoom room: String) -> String { Self.prefix + room }

    /// Whether a name is `presence:` and something.
    public func claims(_ name: String) -> Bool { name.hasPrefix(Self.prefix) }

    /// Whether the socket's role may see the calendar.
    public func mayFollow(_ name: String, by reader: EphemeralReader) -> Bool {
        if case .admitted = self.admit(name, reader) { true } else { false }
    }

    /// Tells a socket who is in a room.
    public func follow(
        _ name: String,
        by reader: EphemeralReader,
        _ tell: @escaping @Sendable (EphemeralNews) -> Void
    ) -> any EphemeralFollowing {
        switch self.admit(name, reader) {
        case .refused(let refusal):
            tell(.refused(refusal))
            return Nothing()
        case .admitted(let room, let principal):
            let stay = self.rooms.watch(room, salonID: principal.salonID) { tell(Self.news($0, for: reader)) }
            return Following(rooms: self.rooms, lanes: self.lanes, stay: stay, connection: reader.connection)
        }
    }

    /// Lets a socket into a room, and tells it who is there.
    public func enter(
        _ name: String,
        by reader: EphemeralReader,
        state: JSONObject?,
        _ tell: @escaping @Sendable (EphemeralNews) -> Void
    ) -> any EphemeralFollowing {
        switch self.admit(name, reader) {
        case .refused(let refusal):
            tell(.refused(refusal))
            return Nothing()
        case .admitted(let room, let principal):
            var begun: RoomDesk.Stay?
            let isTaken = self.lanes.offer(
                reader.connection,
                making: {
                    let stay = self.rooms.begin(room, salonID: principal.salonID, connection: reader.connection) {
                        tell(Self.news($0, for: reader))
                    }
                    begun = stay
                    return self.entering(stay, principal, state, connection: reader.connection, tell)
                }
            )
            guard isTaken, let begun else {
                tell(.refused(.unavailable(retryAfter: 1_000)))
                return Nothing()
            }
            return Following(rooms: self.rooms, lanes: self.lanes, stay: begun, connection: reader.connection)
        }
    }

    private func entering(
        _ stay: RoomDesk.Stay,
        _ principal: Principal,
        _ state: JSONObject?,
        connection: String,
        _ tell: @escaping @Sendable (EphemeralNews) -> Void
    ) -> DeskLanes.Job {
        let (rooms, people) = (self.rooms, self.people)
        return {
            guard let name = try? await people.name(of: principal) else {
                await rooms.leave(stay)
                return tell(.refused(.unavailable(retryAfter: 1_000)))
            }
            let member = Member(
                connection: connection,
                userID: principal.userID,
                name: name,
                role: principal.role,
                since: Timestamp.text(Timestamp.now()),
                state: state
            )
            let entry = await rooms.enter(stay, member)
            if case .entered = entry { return }
            await rooms.leave(stay)
            if case .full = entry { tell(.refused(.full)) } else { tell(.refused(.unavailable(retryAfter: 1_000))) }
        }
    }

    private enum Admission {
        case admitted(RoomName, Principal)
        case refused(EphemeralRefusal)
    }

    private func admit(_ name: String, _ reader: EphemeralReader) -> Admission {
        guard let principal = reader.principal else { return .refused(.unauthorized) }
        guard let room = RoomName(String(name.dropFirst(Self.prefix.count))) else { return .refused(.unknown) }
        guard Permissions(bits: principal.rights).allows(.calendar, .view) else { return .refused(.forbidden) }
        return .admitted(room, principal)
    }

    private static func news(_ news: BoardNews, for reader: EphemeralReader) -> EphemeralNews {
        switch news {
        case .state(let members):
            let list = members.map(\.json).joined(separator: ",")
            let data = ByteBuffer(string: #"{"members":[\#(list)],"you":"\#(reader.connection)"}"#)
            return .event(type: "presence:members", data: data)
        case .set(let member, let before):
            let data = ByteBuffer(string: member.json)
            return before == nil ? .event(type: "presence:joined", data: data) : .event(type: "presence:updated", data: data)
        case .removed(let member, _):
            let json = try? JSONValue(parsing: member.json)
            let data: JSONObject = ["connection": .string(member.id), "userId": json?["userId"] ?? .null]
            return .event(type: "presence:left", data: ByteBuffer(bytes: JSONValue.object(data).jsonBytes))
        case .away:
            return .refused(.unavailable(retryAfter: 1_000))
        }
    }

    private struct Following: EphemeralFollowing {
        let rooms: RoomDesk
        let lanes: DeskLanes
        let stay: RoomDesk.Stay
        let connection: String

        func stop() {
            self.rooms.stop(self.stay)
            self.lanes.add(self.connection) { await self.rooms.leave(self.stay) }
        }

        var canTellAgain: Bool { true }

        func tellAgain() {
            self.rooms.repeatState(self.stay)
        }
    }

    private struct Nothing: EphemeralFollowing {
        func stop() {}
    }
}
