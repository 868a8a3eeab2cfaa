/// One bound value of a statement: its type on the server and its bytes.
public struct PostgresParameter: Sendable, Hashable {
    enum Value: Sendable, Hashable {
        case null
        /// libpq's text format. libpq reads it as a C string, so a zero byte is refused when the statement is sent.
        case text(String)
        /// The type's binary format.
        case binary([UInt8])
        case int64(Int64)
        case int32(Int32)
        case bool(Bool)
    }

    /// The type the server is told; ``PostgresType/inferred`` leaves it to the server.
    public let type: PostgresType
    let value: Value

    init(type: PostgresType, value: Value) {
        self.type = type
        self.value = value
    }

    /// NULL.
    public static func null(_ type: PostgresType) -> PostgresParameter {
        PostgresParameter(type: type, value: .null)
    }

    /// A value in the type's text form, as one would write it between quotes in SQL.
    public static func text(_ text: String, type: PostgresType = .inferred) -> PostgresParameter {
        PostgresParameter(type: type, value: .text(text))
    }

    /// A value in the type's binary form (big-endian, as `typsend` writes it).
    public static func binary(_ bytes: [UInt8], type: PostgresType) -> PostgresParameter {
        PostgresParameter(type: type, value: .binary(bytes))
    }
}
