import Testing

@testable import Desks

@Suite("What a node knows of a board")
struct BoardMirrorTests {
    private static func entry(_ id: String, _ text: String = "{}", until: Int64 = 0) -> BoardEntry {
        BoardEntry(id: id, until: until, json: text)
    }

    private static func state(_ version: Int64, born: Int64 = 1, now: Int64 = 1_000, _ entries: BoardEntry...) -> BoardState {
        var state = BoardState(now: now, fields: [])
        (state.version, state.born) = (version, born)
        for entry in entries { state.entries[entry.id] = entry }
        return state
    }

    private static func set(_ before: Int64, _ version: Int64, _ entry: BoardEntry, born: Int64 = 1) -> BoardChange {
        BoardChange(board: "b", born: born, before: before, version: version, step: .set(entry))
    }

    private static func removed(_ before: Int64, _ version: Int64, _ id: String, _ note: String = "left", born: Int64 = 1)
        -> BoardChange
    {
        BoardChange(board: "b", born: born, before: before, version: version, step: .removed(id: id, note: BoardNote(note)))
    }

    /// Knows a board with these lines, at version 10.
    private static func mirror(_ entries: BoardEntry...) -> BoardMirror {
        var mirror = BoardMirror()
        var state = self.state(10)
        for entry in entries { state.entries[entry.id] = entry }
        _ = mirror.looked(state, grace: 100)
        return mirror
    }

    @Test("changes are told in order, each once; one that says nothing new is not told")
    func heard() {
        var mirror = Self.mirror()
        let (a, b) = (Self.entry("a"), Self.entry("a", "{\"n\":1}"))
        #expect(mirror.heard(Self.set(10, 11, a)) == (.set(a, before: nil), false))
        #expect(mirror.heard(Self.set(10, 11, a)) == (nil, false))
        #expect(mirror.heard(Self.set(11, 12, b)) == (.set(b, before: a), false))
        #expect(mirror.heard(Self.set(12, 13, b)) == (nil, false))
        #expect(mirror.heard(Self.removed(13, 14, "a")) == (.removed(b, BoardNote("left")), false))
        #expect(mirror.heard(Self.removed(14, 15, "a")) == (nil, false))
        #expect(mirror.entries.isEmpty && mirror.version == 15)
    }

    @Test("a hole is not stepped over: the board is looked at, and the look tells what was missed")
    func hole() {
        var mirror = Self.mirror(Self.entry("a"))
        #expect(mirror.heard(Self.set(12, 13, Self.entry("c"))) == (nil, true))
        #expect(mirror.version == 10)
        let (news, mustLook) = mirror.looked(Self.state(13, Self.entry("b"), Self.entry("c")), grace: 100)
        #expect(
            news == [
                .removed(Self.entry("a"), .lapsed), .set(Self.entry("b"), before: nil), .set(Self.entry("c"), before: nil),
            ]
        )
        #expect(!mustLook)
    }

    @Test("a look that was read before a change that is known already tells nothing, and takes nothing back")
    func staleLook() {
        var mirror = Self.mirror(Self.entry("a"))
        _ = mirror.heard(Self.removed(10, 11, "a"))
        #expect(mirror.looked(Self.state(10, Self.entry("a")), grace: 100) == ([], false))
        #expect(mirror.entries.isEmpty && mirror.version == 11)
    }

    @Test("changes that come before the first look wait for it; if it is older than they, there is another")
    func firstLook() {
        var mirror = BoardMirror()
        #expect(mirror.heard(Self.set(11, 12, Self.entry("a"))) == (nil, false))
        #expect(mirror.looked(Self.state(11), grace: 100) == ([], true))
        #expect(mirror.looked(Self.state(12, Self.entry("a")), grace: 100) == ([.set(Self.entry("a"), before: nil)], false))
    }

    @Test("what Redis has forgotten is believed in for a while, and is not told anew when it comes back")
    func forgotten() {
        var mirror = Self.mirror(Self.entry("a"), Self.entry("b"))
        #expect(mirror.looked(Self.state(0, born: 0, now: 2_000), grace: 100) == ([], false))
        #expect(mirror.heard(Self.set(0, 900, Self.entry("a"), born: 900)) == (nil, false))
        #expect(mirror.looked(Self.state(900, born: 900, now: 2_050, Self.entry("a")), grace: 100) == ([], false))
        #expect(mirror.entries.keys.sorted() == ["a", "b"])
        let late = mirror.looked(Self.state(900, born: 900, now: 2_100, Self.entry("a")), grace: 100)
        #expect(late == ([.removed(Self.entry("b"), .lapsed)], false))
    }

    @Test("so is a line that was first heard of on a board that was not there before")
    func forgottenAtOnce() {
        var mirror = BoardMirror()
        #expect(mirror.looked(Self.state(0, born: 0), grace: 100) == ([], false))
        #expect(mirror.heard(Self.set(0, 900, Self.entry("a"), born: 900)) == (.set(Self.entry("a"), before: nil), false))
        #expect(mirror.looked(Self.state(0, born: 0, now: 2_000), grace: 100) == ([], false))
        #expect(mirror.heard(Self.set(0, 950, Self.entry("a"), born: 950)) == (nil, false))
        #expect(mirror.looked(Self.state(950, born: 950, now: 2_100, Self.entry("a")), grace: 100) == ([], false))
    }

    @Test("the same for a board that Redis forgot and that somebody else began anew")
    func begunAnew() {
        var mirror = Self.mirror(Self.entry("a"))
        let first = mirror.looked(Self.state(900, born: 900, now: 2_000, Self.entry("c")), grace: 100)
        #expect(first == ([.set(Self.entry("c"), before: nil)], false))
        #expect(
            mirror.heard(Self.removed(900, 901, "a", "expired", born: 900)).news
                == .removed(Self.entry("a"), BoardNote("expired"))
        )
    }

    @Test("what has an end ends without Redis too, and once")
    func lapse() {
        var mirror = Self.mirror(Self.entry("a", until: 5_000), Self.entry("b"))
        #expect(mirror.lapse(now: 4_999).isEmpty)
        #expect(mirror.lapse(now: 5_000) == [.removed(Self.entry("a", until: 5_000), .lapsed)])
        #expect(mirror.lapse(now: 6_000).isEmpty)
        #expect(mirror.heard(Self.removed(10, 11, "a")) == (nil, false))
    }

    @Test(
        "what is published is read, and nothing else",
        arguments: [
            ("room/7/r 3 10 11 + x - 0 {\"a\":\"b c\"}", "room/7/r 10 11 set x 0 {\"a\":\"b c\"}"),
            ("holds/7 3 0 11 - 5 released:00aa -", "holds/7 0 11 removed 5 released by 00aa"),
            ("holds/7 3 0 11 - 5 lapsed -", "holds/7 0 11 removed 5 lapsed by -"),
            ("holds/7 3 0 11 * 5 lapsed -", "-"), ("holds/7 3 a 11 - 5 lapsed -", "-"), ("holds/7 3 0 11 + 5 - nonsense", "-"),
            ("", "-"),
        ]
    )
    func messages(message: String, expected: String) {
        let read = BoardChange(message: message).map { change in
            switch change.step {
            case .set(let entry): "\(change.board) \(change.before) \(change.version) set \(entry.id) \(entry.text)"
            case .removed(let id, let note):
                "\(change.board) \(change.before) \(change.version) removed \(id) \(note.reason) by \(note.connection ?? "-")"
            }
        }
        #expect((read ?? "-") == expected)
    }
}
