public import NIOCore

/// One reply of Redis (RESP2).
public enum RESPValue: Sendable, Equatable {
    /// `+OK`
    case simple(String)
    /// `-ERR …`; only inside of arrays, since ``RedisClient/send(_:)`` throws an error that is the whole reply.
    case error(String)
    /// `:1`
    case integer(Int64)
    /// `$3 abc`: any bytes.
    case bulk(ByteBuffer)
    /// `$-1` or `*-1`
    case null
    /// `*2 …`
    case array([RESPValue])

    /// The text of a simple or bulk string (read as UTF-8), else nil.
    public var string: String? {
        switch self {
        case .simple(let text): text
        case .bulk(let bytes): String(buffer: bytes)
        case .error, .integer, .null, .array: nil
        }
    }

    /// The number of an integer reply, or of a string of decimal digits (as `GET` and `HGET` answer), else nil.
    public var int: Int? {
        switch self {
        case .integer(let number): Int(exactly: number)
        case .simple, .bulk: self.string.flatMap { Int($0) }
        case .error, .null, .array: nil
        }
    }

    /// The bytes of a bulk string, else nil.
    public var buffer: ByteBuffer? {
        guard case .bulk(let bytes) = self else { return nil }
        return bytes
    }

    /// The elements of an array, else nil.
    public var elements: [RESPValue]? {
        guard case .array(let values) = self else { return nil }
        return values
    }

    /// Whether Redis answered "there is none".
    public var isNull: Bool { self == .null }
}
