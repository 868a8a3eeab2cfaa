public import NIOCore

/// One argument of a command; all of them travel as binary-safe bulk strings.
///
/// ```swift
/// try await redis.send(["SET", .string(key), .buffer(payload), "PX", .integer(60_000)])
/// ```
public enum RedisArgument: Sendable, Equatable {
    /// UTF-8 text.
    case string(String)
    /// A decimal number.
    case integer(Int)
    /// Any bytes.
    case bytes([UInt8])
    /// Any bytes: the readable ones of the buffer.
    case buffer(ByteBuffer)

    /// UTF-8 text.
    public init(_ text: String) { self = .string(text) }
    /// A decimal number.
    public init(_ number: Int) { self = .integer(number) }
    /// Any bytes.
    public init(_ bytes: [UInt8]) { self = .bytes(bytes) }
    /// The readable bytes of a buffer.
    public init(_ buffer: ByteBuffer) { self = .buffer(buffer) }

    func append(to bytes: inout [UInt8]) {
        switch self {
        case .string(let text): bytes.append(contentsOf: text.utf8)
        case .integer(let number): bytes.append(contentsOf: String(number).utf8)
        case .bytes(let more): bytes.append(contentsOf: more)
        case .buffer(let more): bytes.append(contentsOf: more.readableBytesView)
        }
    }
}

extension RedisArgument: ExpressibleByStringInterpolation {
    /// A string literal, also one with interpolations.
    public init(stringLiteral value: String) { self = .string(value) }
}

extension RedisArgument: ExpressibleByIntegerLiteral {
    /// An integer literal.
    public init(integerLiteral value: Int) { self = .integer(value) }
}
