extension PostgresCell {
    /// Reads `bytea`.
    func bytea() throws(PostgresError) -> [UInt8] {
        guard self.type == .bytea else { throw self.mismatch([UInt8].self) }
        return self.bytes
    }
}

/// `[UInt8]` is `bytea`, not an array of one-byte integers (PostgreSQL has none).
extension UInt8: PostgresArrayElement {
    /// `bytea`
    public static var postgresArrayType: PostgresType { .bytea }
    /// The bytes as `bytea`.
    public static func postgresArray(_ elements: [UInt8]) -> PostgresParameter { .binary(elements, type: .bytea) }
    /// Reads `bytea`.
    public static func elements(ofPostgresArray cell: PostgresCell) throws(PostgresError) -> [UInt8] { try cell.bytea() }
}
