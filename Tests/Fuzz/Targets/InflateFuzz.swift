import NIOCore
import WebSocket

/// permessage-deflate's two ends.
public enum InflateFuzz {
    private static let limits = [65_536, 300, 100, 0, 1, 256, 257, 4_096]

    /// Inflates the input as if it came from a peer; or deflates it and expects it back.
    ///
    /// The first byte, from its lowest bit: 3 bits for the limit, 3 for the window, 1 for there and back.
    public static func run(_ input: [UInt8]) {
        var input = FuzzInput(input)
        let flags = input.byte()
        let bytes = Array(input.rest())
        if flags & 0x40 == 0 {
            Self.inflate(bytes, limit: Self.limits[Int(flags & 7)])
        } else {
            Self.roundTrip(bytes, windowBits: 9 + Int(flags >> 3 & 7) % 7)
        }
    }

    private static func inflate(_ bytes: [UInt8], limit: Int) {
        var inflater = Inflater()
        let payload = ByteBuffer(bytes: bytes)
        let outcome = Self.outcome(&inflater, payload, limit: limit)
        let plain = PlainInflate.inflate(bytes, limit: limit)
        demand(outcome == plain, "Inflated: \(outcome); by the letter of RFC 1951: \(plain)")
        // Something unfinished in between must not be remembered.
        let half = ByteBuffer(bytes: bytes.prefix(bytes.count / 2))
        _ = Self.outcome(&inflater, half, limit: limit / 2)
        let again = Self.outcome(&inflater, payload, limit: limit)
        demand(again == outcome, "Inflated again: \(again); at first: \(outcome)")
    }

    private static func roundTrip(_ bytes: [UInt8], windowBits: Int) {
        var deflater = Deflater(windowBits: windowBits)
        var inflater = Inflater()
        let message = ByteBuffer(bytes: bytes)
        let deflated = Self.deflate(&deflater, message)
        demand(
            deflated.readableBytes <= bytes.count + bytes.count / 256 + 64,
            "\(bytes.count) bytes become \(deflated.readableBytes), more than a session takes for them"
        )
        demand(Self.deflate(&deflater, message) == deflated, "Deflated again, it is something else")
        let back = Self.outcome(&inflater, deflated, limit: bytes.count)
        demand(back == .message(bytes), "There and back: \(back)")
        let plain = PlainInflate.inflate(deflated.readableBytesView, limit: bytes.count)
        demand(plain == .message(bytes), "There, and back by the letter of RFC 1951: \(plain)")
        if !bytes.isEmpty {
            let tight = Self.outcome(&inflater, deflated, limit: bytes.count - 1)
            demand(tight == .tooBig, "With a byte too little room: \(tight)")
        }
    }

    private static func outcome(_ inflater: inout Inflater, _ payload: ByteBuffer, limit: Int) -> PlainInflate.Outcome {
        do throws(WebSocketError) {
            let message = try inflater.inflate(payload, limit: limit)
            demand(message.readableBytes <= limit, "\(message.readableBytes) bytes come out, at a limit of \(limit)")
            // A buffer's storage grows to a power of two.
            demand(message.storageCapacity <= max(2 * limit, 64), "\(message.storageCapacity) bytes are allocated")
            return .message(Array(message.readableBytesView))
        } catch {
            demand(error.code == .messageTooBig || error.code == .malformedDeflate, "\(error)")
            return error.code == .messageTooBig ? .tooBig : .malformed
        }
    }

    private static func deflate(_ deflater: inout Deflater, _ message: ByteBuffer) -> ByteBuffer {
        do throws(WebSocketError) {
            return try deflater.deflate(message)
        } catch {
            fatalError("Deflating fails: \(error)")
        }
    }
}
