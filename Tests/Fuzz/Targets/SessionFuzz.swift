import NIOCore
import WebSocket

/// The frame and session layer: whatever comes, however it is cut.
public enum SessionFuzz {
    /// Feeds what the input describes to one session whole and to another in pieces.
    ///
    /// The first byte, from its lowest bit: permessage-deflate, binary taken, instructions instead of raw bytes
    /// (`FrameScript`), 2 bits for the largest message, 2 for the most fragments, and for raw bytes whether our side closes
    /// along the way. The second byte seeds the cuts, the third says where our side closes.
    public static func run(_ input: [UInt8]) {
        var input = FuzzInput(input)
        let flags = input.byte()
        let seed = input.byte()
        let closing = Int(input.byte())
        let limits = SessionLimits(
            maxMessageBytes: [300, 65_536, 125, 0][Int(flags >> 3 & 3)],
            maxFragments: [4, 1_024, 2, 1][Int(flags >> 5 & 3)],
            acceptsBinary: flags & 2 != 0
        )
        var wire: [UInt8]
        var closesAt: Int?
        if flags & 4 != 0 {
            let script = FrameScript(&input)
            wire = script.wire
            closesAt = script.closesAt
        } else {
            wire = Array(input.rest())
            if flags & 0x80 != 0 { closesAt = wire.count * closing / 255 }
        }

        var whole = WatchedSession(limits: limits, isDeflateNegotiated: flags & 1 != 0)
        var cut = WatchedSession(limits: limits, isDeflateNegotiated: flags & 1 != 0)
        let bytes = ByteBuffer(bytes: wire)
        var cuts = Cuts(seed: seed, count: wire.count)
        Self.feed(bytes, to: &whole, closesAt: closesAt) { $0 }
        Self.feed(bytes, to: &cut, closesAt: closesAt) { min($0, cuts.next()) }
        demand(whole.actions == cut.actions, "Cut, the bytes say \(cut.actions); whole, they say \(whole.actions)")
        demand(whole.isOpen == cut.isOpen, "Cut, the session is open: \(cut.isOpen); whole: \(whole.isOpen)")
        demand(whole.isMidMessage == cut.isMidMessage, "Cut, it is within a message: \(cut.isMidMessage); whole, it is not so")
        whole.finish()
        cut.finish()
    }

    /// - Parameter size: how many of that many bytes come at once
    private static func feed(
        _ bytes: ByteBuffer,
        to session: inout WatchedSession,
        closesAt: Int?,
        size: (Int) -> Int
    ) {
        let edge = closesAt ?? bytes.readableBytes
        var rest = bytes
        while true {
            if let closesAt, rest.readerIndex == closesAt { session.startClose() }
            let limit = rest.readerIndex < edge ? edge - rest.readerIndex : rest.readableBytes
            guard limit > 0, let piece = rest.readSlice(length: size(limit)) else { return }
            session.feed(piece)
        }
    }
}
