/// A value that can be bound to a statement: `\(value)` in an ``SQL`` literal.
///
/// Conforming: `String`, `Substring`, `Bool`, `Int`, `Int16`, `Int32`, `Int64`, `Double`, `[UInt8]` (bytea), ``PostgresJSON``,
/// ``PostgresDate``, ``PostgresTime``, ``PostgresTimestamp``, ``PostgresNumeric``, ``PostgresXID8``, arrays of those and of their
/// optionals, and every `RawRepresentable` that declares it over such a raw value. An optional binds NULL of the same type.
public protocol PostgresEncodable: Sendable {
    /// The type the server is told, also for NULL.
    static var postgresType: PostgresType { get }
    /// The value as a parameter.
    var postgresParameter: PostgresParameter { get }
}

extension PostgresEncodable where Self: RawRepresentable, RawValue: PostgresEncodable {
    /// The raw value's type.
    public static var postgresType: PostgresType { RawValue.postgresType }
    /// The raw value as a parameter.
    public var postgresParameter: PostgresParameter { self.rawValue.postgresParameter }
}
