public import NIOCore

/// Reads frame headers from a byte stream, in pieces of any size; a pure value.
///
/// A rule that needs no more than the bytes at hand is applied as soon as they are there, so a peer that sends a wrong
/// first byte and stops is refused without waiting for the rest.
public struct FrameDecoder: Sendable {
    /// The answer to ``next(from:)``.
    public enum Output: Hashable, Sendable {
        /// All given bytes are taken, and more are needed.
        case needMoreData
        /// A header is complete; its payload is what follows in the buffer.
        case header(FrameHeader)
        /// The stream is no WebSocket any more.
        case invalid(FrameFault)
    }

    private var bytes: InlineArray<14, UInt8> = .init(repeating: 0)
    private var count: UInt8 = 0
    private var needed: UInt8 = 2

    /// Whether a header has begun.
    public var isMidHeader: Bool { self.count > 0 }

    /// A decoder at a frame's boundary.
    public init() {}

    /// Takes the bytes of one header from the front of `buffer`.
    public mutating func next(from buffer: inout ByteBuffer) -> Output {
        while self.count < self.needed {
            guard let byte = buffer.readInteger(as: UInt8.self) else { return .needMoreData }
            self.bytes[Int(self.count)] = byte
            self.count += 1
            if self.count == 1, let fault = self.checkFirst() { return .invalid(fault) }
            if self.count == 2, let fault = self.checkSecond() { return .invalid(fault) }
        }
        return self.finish()
    }

    private func checkFirst() -> FrameFault? {
        let byte = self.bytes[0]
        if byte & 0x30 != 0 { return .reservedBits }
        guard let opcode = Opcode(rawValue: byte & 0x0F) else { return .reservedOpcode }
        if opcode.isControl && byte & 0x80 == 0 { return .fragmentedControl }
        return nil
    }

    private mutating func checkSecond() -> FrameFault? {
        let byte = self.bytes[1]
        if byte & 0x80 == 0 { return .unmasked }
        let short = byte & 0x7F
        if self.bytes[0] & 0x08 != 0 && short > 125 { return .controlTooLong }
        self.needed =
            switch short {
            case 127: 2 + 8 + 4
            case 126: 2 + 2 + 4
            default: 2 + 4
            }
        return nil
    }

    private mutating func finish() -> Output {
        let short = self.bytes[1] & 0x7F
        var length: UInt64 = UInt64(short)
        if short >= 126 {
            length = 0
            for index in 2..<(Int(self.needed) - 4) { length = length << 8 | UInt64(self.bytes[index]) }
            if length >> 63 != 0 { return .invalid(.lengthTooLong) }
            if length < (short == 126 ? 126 : 65_536) { return .invalid(.lengthNotMinimal) }
        }
        var key: UInt32 = 0
        for index in 0..<4 { key |= UInt32(self.bytes[Int(self.needed) - 4 + index]) << (8 * UInt32(index)) }
        guard let opcode = Opcode(rawValue: self.bytes[0] & 0x0F) else {
            preconditionFailure("The opcode was checked with the first byte")
        }
        let header = FrameHeader(
            isFinal: self.bytes[0] & 0x80 != 0,
            rsv1: self.bytes[0] & 0x40 != 0,
            opcode: opcode,
            maskingKey: key,
            payloadLength: Int(length)
        )
        self.count = 0
        self.needed = 2
        return .header(header)
    }
}
