import Testing

@testable import Telegram

@Suite("Which updates are asked for")
struct UpdateCursorTests {
    @Test("what cannot be read is asked for in ever smaller parts, then stepped over; afterwards the parts grow again")
    func unreadable() {
        var cursor = UpdateCursor(next: 40)
        #expect(cursor.limit == 100)
        for limit in [50, 25, 12, 6, 3, 1] {
            #expect(cursor.unreadable() == .askForFewer)
            #expect(cursor.limit == limit)
            #expect(cursor.next == 40)
        }
        for next in [41, 42] as [Int64] {
            #expect(cursor.unreadable() == .stepOver)
            #expect(cursor.limit == 1)
            #expect(cursor.next == next)
        }
        for (last, limit) in [(42, 2), (44, 4), (48, 8), (56, 16), (72, 32), (104, 64), (168, 100), (268, 100)] as [(Int64, Int)]
        {
            cursor.passed(last)
            #expect(cursor.next == last + 1)
            #expect(cursor.limit == limit)
        }
    }

    @Test("when there is no number to step over from, it goes on from the newest update")
    func withoutNumber() {
        var cursor = UpdateCursor(next: nil)
        while cursor.limit > 1 { #expect(cursor.unreadable() == .askForFewer) }
        #expect(cursor.next == nil)
        for _ in 0..<2 {
            #expect(cursor.unreadable() == .stepOver)
            #expect(cursor.next == -1)
        }
        var found = cursor
        found.passed(7)
        #expect(found.next == 8)
        cursor.foundNothing()
        #expect(cursor == UpdateCursor(next: nil))
    }
}
