public import NIOCore
import Synchronization

/// Complete frames from the server (never masked, RFC 6455 5.1), ready to be written to any number of sockets.
public enum WebSocketFrame {
    /// A whole text message in one frame.
    ///
    /// - Parameters:
    ///   - payload: UTF-8 bytes, or with `compressed` their raw DEFLATE form without the trailing `00 00 ff ff`.
    ///   - compressed: Sets RSV1 (RFC 7692 6); only for connections that negotiated permessage-deflate.
    public static func text(_ payload: ByteBuffer, compressed: Bool = false) -> ByteBuffer {
        self.encode(.text, payload, rsv1: compressed)
    }

    /// A whole text message in one frame.
    public static func text(_ string: String) -> ByteBuffer {
        self.text(ByteBuffer(string: string))
    }

    /// A whole binary message in one frame; for `compressed` see ``text(_:compressed:)``.
    public static func binary(_ payload: ByteBuffer, compressed: Bool = false) -> ByteBuffer {
        self.encode(.binary, payload, rsv1: compressed)
    }

    /// A text message compressed without context, window of 15 bits: one frame to share among all connections that say
    /// ``WebSocketConnection/acceptsSharedDeflate``.
    ///
    /// - Returns: nil when compressing does not make it smaller. May be called on any thread; calls take turns.
    public static func deflatedText(_ payload: ByteBuffer) -> ByteBuffer? {
        self.sharedDeflater.withLock { deflater in
            guard let compressed = try? deflater.deflate(payload), compressed.readableBytes < payload.readableBytes else {
                return nil
            }
            return self.text(compressed, compressed: true)
        }
    }

    /// A ping (RFC 6455 5.5.2) with at most 125 bytes.
    public static func ping(_ payload: ByteBuffer = ByteBuffer()) -> ByteBuffer {
        self.encode(.ping, payload, rsv1: false)
    }

    /// A pong (RFC 6455 5.5.3) with at most 125 bytes.
    public static func pong(_ payload: ByteBuffer = ByteBuffer()) -> ByteBuffer {
        self.encode(.pong, payload, rsv1: false)
    }

    /// A Close frame (RFC 6455 5.5.1).
    ///
    /// - Parameters:
    ///   - code: A code that may be sent (``CloseCode/isSendable(_:)``); nil or 1005: a frame without a code.
    ///   - reason: For people; what exceeds 123 bytes is cut at a character.
    public static func close(code: UInt16?, reason: String = "") -> ByteBuffer {
        guard let code, code != CloseCode.noStatus else { return self.encode(.close, ByteBuffer(), rsv1: false) }
        precondition(CloseCode.isSendable(code), "Close code \(code) must not be sent")
        var payload = ByteBuffer()
        payload.reserveCapacity(2 + min(reason.utf8.count, 123))
        payload.writeInteger(code)
        var room = 123
        for character in reason {
            room -= character.utf8.count
            if room < 0 { break }
            payload.writeString(String(character))
        }
        return self.encode(.close, payload, rsv1: false)
    }

    /// One frame with FIN: header in its shortest form (RFC 6455 5.2), then the payload.
    static func encode(_ opcode: Opcode, _ payload: ByteBuffer, rsv1: Bool) -> ByteBuffer {
        let length = payload.readableBytes
        precondition(!opcode.isControl || length <= 125, "A control frame carries at most 125 bytes")
        var frame = ByteBuffer()
        frame.reserveCapacity(length + 10)
        self.writeHeader(opcode, length: length, rsv1: rsv1, to: &frame)
        frame.writeImmutableBuffer(payload)
        return frame
    }

    private static func writeHeader(_ opcode: Opcode, length: Int, rsv1: Bool, to frame: inout ByteBuffer) {
        frame.writeInteger(0x80 | (rsv1 ? 0x40 : 0) | opcode.rawValue)
        switch length {
        case ...125:
            frame.writeInteger(UInt8(length))
        case ...0xFFFF:
            frame.writeInteger(UInt8(126))
            frame.writeInteger(UInt16(length))
        default:
            frame.writeInteger(UInt8(127))
            frame.writeInteger(UInt64(length))
        }
    }

    private static let sharedDeflater = Mutex(Deflater(windowBits: 15))
}
