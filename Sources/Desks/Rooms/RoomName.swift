/// The name of a room, within a salon.
public struct RoomName: Sendable, Hashable {
    /// 1 to 64 letters, digits and `. _ : / -`.
    public let text: String

    /// - Returns: nil for what is no room's name
    public init?(_ text: String) {
        guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy(Self.isAllowed) else { return nil }
        self.text = text
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "/"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    func board(salonID: Int64) -> String { "room/\(salonID)/\(self.text)" }
}
