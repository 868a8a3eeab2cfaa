import Testing

@testable import Desks

@Suite("The rules of holding slots")
struct HoldBookTests {
    private static let settings = DeskSettings()
    private static let now: Int64 = 1_000_000

    private static func slot(_ from: String, _ until: String, date: String = "2026-05-18", staff: Int64 = 4) -> Slot {
        guard let slot = Slot(staffID: staff, date: date, startTime: from, endTime: until) else { fatalError("no slot") }
        return slot
    }

    private static func hold(_ fence: Int64, _ slot: Slot, session: Int64 = 1, connection: String = "c1", left: Int64 = 30_000)
        -> Hold
    {
        Hold(
            fence: fence,
            slot: slot,
            userID: session,
            name: "N\(session)",
            sessionID: session,
            connection: connection,
            expiresAt: self.now + left
        )
    }

    private static func book(_ holds: Hold...) -> HoldBook {
        var state = BoardState(now: self.now, fields: [])
        for hold in holds { state.entries[hold.id] = hold.entry }
        return HoldBook(state, self.settings)
    }

    private static func request(
        _ slot: Slot,
        session: Int64 = 1,
        connection: String = "c1",
        fence: Int64 = 100,
        replacing: Int64? = nil
    ) -> HoldBook.Request {
        .init(
            slot: slot,
            userID: session,
            name: "N\(session)",
            sessionID: session,
            connection: connection,
            fence: fence,
            replacing: replacing
        )
    }

    @Test(
        "slots overlap as visits do, also past midnight",
        arguments: [
            (slot("14:00", "15:00"), slot("14:00", "15:00"), true), (slot("14:00", "15:00"), slot("14:59", "16:00"), true),
            (slot("14:00", "15:00"), slot("15:00", "16:00"), false),
            (slot("14:00", "15:00"), slot("14:00", "15:00", staff: 5), false),
            (slot("14:00", "15:00"), slot("14:00", "15:00", date: "2026-05-19"), false),
            (slot("23:00", "01:00"), slot("00:30", "02:00", date: "2026-05-19"), true),
            (slot("23:00", "01:00"), slot("01:00", "02:00", date: "2026-05-19"), false),
            (slot("23:00", "01:00", date: "2026-12-31"), slot("00:00", "00:30", date: "2027-01-01"), true),
            (slot("23:00", "00:00", date: "2028-02-28"), slot("00:00", "00:30", date: "2028-02-29"), false),
            (slot("22:00", "00:30", date: "2028-02-28"), slot("00:00", "01:00", date: "2028-02-29"), true),
            (slot("22:00", "00:30", date: "2027-02-28"), slot("00:00", "01:00", date: "2027-03-01"), true),
        ]
    )
    func overlap(one: Slot, other: Slot, overlaps: Bool) {
        #expect(one.overlaps(other) == overlaps)
        #expect(other.overlaps(one) == overlaps)
    }

    @Test(
        "what is no slot is none",
        arguments: [
            ("2026-05-18", "14:00", "14:00"), ("2026-5-18", "14:00", "15:00"), ("2026-05-18", "9:00", "15:00"),
            ("2026-05-18", "24:00", "15:00"), ("2026-05-18", "14:60", "15:00"), ("2026-13-18", "14:00", "15:00"),
            ("tomorrow", "14:00", "15:00"), ("2026-05-18", "", "15:00"), ("2026-05-18", "1a:00", "15:00"),
        ]
    )
    func noSlot(date: String, start: String, end: String) {
        #expect(Slot(staffID: 4, date: date, startTime: start, endTime: end) == nil)
    }

    @Test("a free slot is held for a minute, under the number that was drawn")
    func free() {
        let verdict = Self.book().hold(Self.request(Self.slot("14:00", "15:00")))
        #expect(verdict == .held(Self.hold(100, Self.slot("14:00", "15:00"), left: 60_000), ending: []))
    }

    @Test("another login's hold is in the way wherever it overlaps; one that is over is not")
    func held() {
        let other = Self.hold(7, Self.slot("14:00", "15:00"), session: 2)
        #expect(Self.book(other).hold(Self.request(Self.slot("14:30", "15:30"))) == .heldByOther(other))
        let past = Self.hold(7, Self.slot("14:00", "15:00"), session: 2, left: 0)
        guard case .held = Self.book(past).hold(Self.request(Self.slot("14:30", "15:30"))) else {
            Issue.record("A hold whose time is up is none")
            return
        }
    }

    @Test("holding the same slot again keeps its number, lengthens it, and takes it over to the socket that asks")
    func again() {
        let mine = Self.hold(7, Self.slot("14:00", "15:00"), connection: "old")
        let verdict = Self.book(mine).hold(Self.request(Self.slot("14:00", "15:00"), connection: "new"))
        #expect(verdict == .held(Self.hold(7, Self.slot("14:00", "15:00"), connection: "new", left: 60_000), ending: []))
    }

    @Test("another time is another hold; it takes the place of one that is named or that it overlaps")
    func moves() {
        let mine = Self.hold(7, Self.slot("14:00", "15:00"))
        let far = Self.hold(100, Self.slot("16:00", "17:00"), left: 60_000)
        #expect(Self.book(mine).hold(Self.request(far.slot)) == .held(far, ending: []))
        #expect(Self.book(mine).hold(Self.request(far.slot, replacing: 7)) == .held(far, ending: [mine]))
        let near = Self.hold(100, Self.slot("14:30", "15:30"), left: 60_000)
        #expect(Self.book(mine).hold(Self.request(near.slot)) == .held(near, ending: [mine]))
        // Back to what another window of the login holds.
        let both = Self.book(mine, Self.hold(8, far.slot))
        let back = Self.hold(8, far.slot, left: 60_000)
        #expect(both.hold(Self.request(far.slot, replacing: 7)) == .held(back, ending: [mine]))
        // Somebody else's number moves nothing.
        let theirs = Self.hold(9, Self.slot("10:00", "11:00"), session: 2)
        #expect(Self.book(theirs).hold(Self.request(far.slot, replacing: 9)) == .held(far, ending: []))
    }

    @Test("a socket's sixth hold ends its oldest; a salon has so many and no more")
    func bounded() {
        let mine = (1...5).map { Self.hold(Int64($0), Self.slot("0\($0):00", "0\($0):30")) }
        var state = BoardState(now: Self.now, fields: [])
        for hold in mine { state.entries[hold.id] = hold.entry }
        let sixth = Self.hold(100, Self.slot("14:00", "15:00"), left: 60_000)
        #expect(HoldBook(state, Self.settings).hold(Self.request(sixth.slot)) == .held(sixth, ending: [mine[0]]))
        var few = Self.settings
        few.maximumHolds = 5
        #expect(HoldBook(state, few).hold(Self.request(sixth.slot, session: 2, connection: "c2")) == .full)
        // One that takes another's place makes it no more.
        #expect(HoldBook(state, few).hold(Self.request(sixth.slot)) == .held(sixth, ending: [mine[0]]))
    }

    @Test("a login lets go of its own alone: by number, by slot, or all of the socket")
    func releasing() {
        let (a, b) = (Self.hold(1, Self.slot("10:00", "11:00")), Self.hold(2, Self.slot("12:00", "13:00"), connection: "c2"))
        let theirs = Self.hold(3, Self.slot("15:00", "16:00"), session: 2)
        let book = Self.book(a, b, theirs)
        func release(_ fence: Int64?, _ slot: Slot?) -> [Hold] {
            book.releasing(fence: fence, slot: slot, sessionID: 1, connection: "c1")
        }
        #expect(release(2, nil) == [b])
        #expect(release(nil, b.slot) == [b])
        #expect(release(nil, nil) == [a])
        #expect(release(3, nil).isEmpty && release(nil, theirs.slot).isEmpty && release(9, nil).isEmpty)
    }

    @Test("a hold that was forgotten comes back unless its time is up or taken")
    func returns() {
        let hold = Self.hold(1, Self.slot("10:00", "11:00"))
        #expect(Self.book().mayReturn(hold))
        #expect(!Self.book(Self.hold(2, Self.slot("10:30", "11:30"), session: 2)).mayReturn(hold))
        #expect(!Self.book().mayReturn(Self.hold(1, Self.slot("10:00", "11:00"), left: 0)))
    }

    @Test("a hold is read as it was written")
    func roundTrip() {
        let hold = Self.hold(12, Self.slot("23:00", "01:00"), session: 3, connection: "00ff")
        #expect(BoardEntry(id: "12", text: hold.entry.text).flatMap(Hold.init) == hold)
        #expect(Hold(BoardEntry(id: "12", json: "{}")) == nil)
    }

    @Test(
        "rooms have names that are safe everywhere",
        arguments: [
            ("day:2026-05-18", true), ("A/b_c.d-9", true), ("", false), ("a b", false), ("кімната", false),
            (String(repeating: "r", count: 64), true), (String(repeating: "r", count: 65), false), ("a\nb", false),
        ]
    )
    func rooms(name: String, isGood: Bool) {
        #expect((RoomName(name) != nil) == isGood)
    }

    @Test("a node renews what its sockets have, each within its own time, until they or somebody else end it")
    func kept() {
        var kept = KeptLines()
        let hold = Self.hold(1, Self.slot("10:00", "11:00"), left: 4_000)
        kept.keep("holds/1", .init(entry: hold.entry, connection: "c1", isPresence: false, born: 5))
        kept.keep("room/1/r", .init(entry: BoardEntry(id: "c1", json: "{}"), connection: "c1", isPresence: true, born: 5))
        func renewals(_ now: Int64) -> [String] {
            kept.renewals(now: now, lease: 15_000).map { "\($0.board) \($0.id) \($0.lease)" }.sorted()
        }
        #expect(renewals(Self.now) == ["holds/1 1 4000", "room/1/r c1 15000"])
        // The same login has it on another node; a member stays as long as its socket.
        let elsewhere = Self.hold(1, hold.slot, connection: "c9")
        var taken = kept
        taken.heard(.init(board: "holds/1", born: 1, before: 1, version: 2, step: .set(elsewhere.entry)))
        taken.heard(.init(board: "room/1/r", born: 1, before: 1, version: 2, step: .removed(id: "c1", note: .lapsed)))
        #expect(taken.lines.keys.map(\.board) == ["room/1/r"])
        kept.heard(.init(board: "holds/1", born: 1, before: 1, version: 2, step: .set(hold.entry)))
        #expect(kept.lines.count == 2)
        var booked = kept
        booked.heard(.init(board: "holds/1", born: 1, before: 1, version: 2, step: .removed(id: "1", note: BoardNote("booked"))))
        #expect(booked.lines.keys.map(\.board) == ["room/1/r"])
        #expect(renewals(Self.now + 4_000) == ["room/1/r c1 15000"])
        #expect(kept.forget(connection: "c1", presence: false).isEmpty)
    }
}
