import Hub
import Testing

@testable import Outbox

@Suite("How far a node has looked")
struct LogPositionTests {
    private static func look(_ watermark: UInt64, _ history: String? = "E1") -> LogChanges {
        LogChanges(watermark: watermark, changes: [], history: history)
    }

    @Test(
        "all heads are asked for after the first look, after a renewal, and where the transactions are counted from further back"
    )
    func doubts() {
        var position = LogPosition()
        #expect(position.watermark == nil)
        #expect(position.learned(Self.look(700, nil)) == .firstLook)
        #expect(position.watermark == 700)
        #expect(position.learned(Self.look(700, nil)) == .none)
        #expect(position.learned(Self.look(705, "E1")) == .renewed)
        #expect(position.learned(Self.look(705)) == .none)
        #expect(position.learned(Self.look(20)) == .wentBack)
        // From there it goes on as ever.
        #expect(position.watermark == 20)
        #expect(position.learned(Self.look(21)) == .none)
        #expect(position.learned(Self.look(5, "E2")) == .renewed)
        #expect(position.watermark == 5)
    }
}
