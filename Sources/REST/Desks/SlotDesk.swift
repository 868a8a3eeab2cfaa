public import Desks
public import Hub
import JSON
import NIOCore
import Postgres

/// The Hub's ``SlotHolds``: the slots that a salon's desks are booking, told on `appointments`. Roles that may not book may not
/// hold.
public struct SlotDesk: SlotHolds {
    private let holds: HoldDesk
    private let lanes: DeskLanes
    private let people: DeskPeople

    /// - Parameters:
    ///   - holds: the salon's holds
    ///   - lanes: carries out what sockets ask for
    ///   - people: names and numbers
    public init(holds: HoldDesk, lanes: DeskLanes, people: DeskPeople) {
        self.holds = holds
        self.lanes = lanes
        self.people = people
    }

    /// The salon's `appointments`.
    public func topic(for principal: Principal) -> String { Topic.appointments(principal.salonID) }

    /// Whether it is some salon's `appointments`.
    public func accompanies(_ topic: String) -> Bool { Topic.salon(ofAppointments: topic) != nil }

    /// Tells of a salon's holds.
    public func follow(_ topic: String, _ tell: @escaping @Sendable (SlotNews) -> Void) -> any EphemeralFollowing {
        guard let salonID = Topic.salon(ofAppointments: topic) else { preconditionFailure("\(topic) has no holds") }
        return Following(
            holds: self.holds,
            following: self.holds.follow(salonID: salonID) { news in
                if let told = Self.news(news) { tell(told) }
            }
        )
    }

    private static func news(_ news: BoardNews) -> SlotNews? {
        switch news {
        case .state(let entries):
            return .all(entries.compactMap { entry in Hold(entry).map { (entry.id, $0.held, $0.gone("expired")) } })
        case .set(let entry, _):
            guard let hold = Hold(entry) else { return nil }
            return .held(name: entry.id, by: hold.connection, held: hold.held, gone: hold.gone("expired"))
        case .removed(let entry, let note):
            guard let hold = Hold(entry) else { return nil }
            return .gone(name: entry.id, by: note.connection, hold.gone(Self.reason(note, hold)))
        case .away:
            return .unavailable
        }
    }

    /// A lease that ran out before the hold's time is a desk that has gone, or the node that it was connected to.
    private static func reason(_ note: BoardNote, _ hold: Hold) -> String {
        guard note.reason == "lapsed" else { return note.reason }
        return hold.expiresAt * 1_000 > Timestamp.now() + 1_500_000 ? "disconnected" : "expired"
    }

    /// Holds a slot for a socket.
    public func hold(_ wish: SlotWish, by reader: EphemeralReader, _ answer: @escaping @Sendable (SlotAnswer) -> Void) {
        guard let principal = self.booker(reader) else { return answer(.refused(.forbidden)) }
        let slot: Slot
        switch Self.slot(wish) {
        case .success(let read): slot = read
        case .failure(let wrong): return answer(.invalid(wrong.message))
        }
        let isTaken = self.lanes.offer(reader.connection) {
            do {
                guard let (fence, name) = try await self.people.fence(for: principal, staffID: slot.staffID) else {
                    return answer(.invalid("staffId: there is no such active staff member"))
                }
                let outcome = try await self.holds.hold(
                    .init(
                        slot: slot,
                        salonID: principal.salonID,
                        userID: principal.userID,
                        name: name,
                        sessionID: principal.sessionID,
                        connection: reader.connection,
                        fence: fence,
                        replacing: wish.fence
                    )
                )
                switch outcome {
                case .held(let hold): answer(.done(hold.held))
                case .heldByOther(let hold):
                    let json = ByteBuffer(bytes: JSONValue.object(hold.json).jsonBytes)
                    answer(.heldByOther(message: "\(hold.name) is booking this time", hold: json))
                case .full: answer(.refused(.full))
                }
            } catch {
                answer(.refused(.unavailable(retryAfter: 1_000)))
            }
        }
        if !isTaken { answer(.refused(.unavailable(retryAfter: 1_000))) }
    }

    /// Lets go of what a socket's login holds.
    public func release(_ wish: SlotWish, by reader: EphemeralReader, _ answer: @escaping @Sendable (SlotAnswer) -> Void) {
        guard let principal = self.booker(reader) else { return answer(.refused(.forbidden)) }
        var slot: Slot?
        if wish.fence == nil, wish != SlotWish() {
            switch Self.slot(wish) {
            case .success(let read): slot = read
            case .failure(let wrong): return answer(.invalid(wrong.message))
            }
        }
        let isTaken = self.lanes.offer(reader.connection) { [slot] in
            do throws(DeskError) {
                let released = try await self.holds.release(
                    fence: wish.fence,
                    slot: slot,
                    salonID: principal.salonID,
                    sessionID: principal.sessionID,
                    connection: reader.connection
                )
                answer(.done(Self.answer(released, fence: wish.fence)))
            } catch {
                answer(.refused(.unavailable(retryAfter: 1_000)))
            }
        }
        if !isTaken { answer(.refused(.unavailable(retryAfter: 1_000))) }
    }

    /// What was let go of, the newest if it was several; or that there was nothing any more.
    private static func answer(_ released: [Hold], fence: Int64?) -> SlotEvent {
        if let hold = released.last { return hold.gone("released") }
        var json: JSONObject = ["reason": "released"]
        if let fence { json["fence"] = JSONValue(fence) }
        return SlotEvent(type: "slot:released", data: ByteBuffer(bytes: JSONValue.object(json).jsonBytes))
    }

    /// A socket is gone.
    public func left(_ reader: EphemeralReader, atOnce: Bool) {
        self.lanes.add(reader.connection) { await self.holds.left(connection: reader.connection, atOnce: atOnce) }
    }

    private func booker(_ reader: EphemeralReader) -> Principal? {
        guard let principal = reader.principal else { return nil }
        return Permissions(bits: principal.rights).allows(.calendar, .create) ? principal : nil
    }

    private struct Wrong: Error {
        var message: String
    }

    private static func slot(_ wish: SlotWish) -> Result<Slot, Wrong> {
        guard let staffID = wish.staffID, staffID > 0 else {
            return .failure(Wrong(message: "staffId must be a staff member's id"))
        }
        guard let date = wish.date.flatMap(LocalDate.init) else {
            return .failure(Wrong(message: "date must be a date: 2026-05-17"))
        }
        guard let start = wish.startTime.flatMap(LocalTime.init) else {
            return .failure(Wrong(message: "startTime must be a time: 09:30"))
        }
        guard let end = wish.endTime.flatMap(LocalTime.init) else {
            return .failure(Wrong(message: "endTime must be a time: 10:30"))
        }
        if let text = AppointmentInput.refusal(start, end) { return .failure(Wrong(message: "endTime: \(text.english)")) }
        guard let slot = Slot(staffID: staffID, date: date.text, startTime: start.text, endTime: end.text) else {
            return .failure(Wrong(message: "this is no slot"))
        }
        return .success(slot)
    }

    private struct Following: EphemeralFollowing {
        let holds: HoldDesk
        let following: BoardFollowing

        func stop() {
            self.holds.stop(self.following)
        }
    }
}
