/// A 64-bit transaction id, as `pg_current_xact_id()` and `pg_snapshot_xmin()` give it. It never wraps.
public struct PostgresXID8: RawRepresentable, Sendable, Hashable, Comparable, PostgresEncodable, PostgresDecodable {
    /// The id.
    public let rawValue: UInt64

    /// An id.
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// The earlier begun of two ids is the smaller.
    public static func < (left: PostgresXID8, right: PostgresXID8) -> Bool { left.rawValue < right.rawValue }

    /// `xid8`
    public static var postgresType: PostgresType { .xid8 }
    /// The id as `xid8`.
    public var postgresParameter: PostgresParameter { .binary(self.rawValue.bigEndianBytes, type: .xid8) }
    /// Reads `xid8`.
    public init(postgres cell: PostgresCell) throws(PostgresError) {
        guard cell.type == .xid8, let value = cell.integer(as: UInt64.self) else { throw cell.mismatch(PostgresXID8.self) }
        self.rawValue = value
    }
}

extension PostgresXID8: CustomStringConvertible {
    /// The id in decimal.
    public var description: String { String(self.rawValue) }
}
