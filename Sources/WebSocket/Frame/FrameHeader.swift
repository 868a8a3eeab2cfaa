/// The header of one frame from a client (RFC 6455 5.2).
public struct FrameHeader: Hashable, Sendable {
    /// The last fragment of its message.
    public var isFinal: Bool
    /// RSV1: with permessage-deflate, the message is compressed (RFC 7692 6).
    public var rsv1: Bool
    /// What the frame is.
    public var opcode: Opcode
    /// The four bytes of the masking key, the first one lowest.
    public var maskingKey: UInt32
    /// Payload length in bytes.
    public var payloadLength: Int
}

/// Why a frame header can't be right, whatever the state of the connection. All close with 1002.
public enum FrameFault: String, Hashable, Sendable, Error {
    /// RSV2 or RSV3 is set: no extension gives them a meaning.
    case reservedBits = "reserved bits set"
    /// Opcodes 3-7 and 11-15.
    case reservedOpcode = "reserved opcode"
    /// A control frame without FIN (RFC 6455 5.4).
    case fragmentedControl = "fragmented control frame"
    /// A control frame with more than 125 bytes (RFC 6455 5.5).
    case controlTooLong = "control frame too long"
    /// Frames from a client must be masked (RFC 6455 5.1).
    case unmasked = "frame not masked"
    /// The length could have been written shorter (RFC 6455 5.2).
    case lengthNotMinimal = "length not minimally encoded"
    /// The length's most significant bit is set (RFC 6455 5.2).
    case lengthTooLong = "length out of range"
}
