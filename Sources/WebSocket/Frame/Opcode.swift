/// The opcodes of RFC 6455 11.8; every other value is reserved.
public enum Opcode: UInt8, Sendable {
    /// A further fragment of the message begun before.
    case continuation = 0x0
    /// A message of UTF-8 text, or its first fragment.
    case text = 0x1
    /// A message of bytes, or its first fragment.
    case binary = 0x2
    /// Close, with an optional code and reason.
    case close = 0x8
    /// Ping, to be answered by a pong of the same payload.
    case ping = 0x9
    /// Pong.
    case pong = 0xA

    /// Close, ping and pong: never fragmented, at most 125 bytes (RFC 6455 5.5).
    public var isControl: Bool { self.rawValue & 0x8 != 0 }
}
