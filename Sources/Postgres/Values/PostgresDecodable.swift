/// A value that can be read from a column: `try row.get("name", as: String.self)`. Read a nullable column as `T?`.
///
/// Conforming: the same types as for ``PostgresEncodable``.
public protocol PostgresDecodable: Sendable {
    /// Reads a cell that is not NULL.
    /// - Throws: ``PostgresError`` with code `.decoding` when the column has another type or the value doesn't fit.
    init(postgres cell: PostgresCell) throws(PostgresError)
}

extension PostgresDecodable where Self: RawRepresentable, RawValue: PostgresDecodable {
    /// Reads the raw value; one that is none of the type's cases is refused.
    public init(postgres cell: PostgresCell) throws(PostgresError) {
        let rawValue = try RawValue(postgres: cell)
        guard let value = Self(rawValue: rawValue) else {
            throw cell.refusal("\"\(rawValue)\" is not a \(Self.self)")
        }
        self = value
    }
}
