extension FixedWidthInteger {
    /// Reads any integer column whose value fits.
    fileprivate init(integer cell: PostgresCell) throws(PostgresError) {
        let wide: Int64?
        switch cell.type {
        case .int8: wide = cell.integer(as: Int64.self)
        case .int4: wide = cell.integer(as: Int32.self).map(Int64.init)
        case .int2: wide = cell.integer(as: Int16.self).map(Int64.init)
        case .oid: wide = cell.integer(as: UInt32.self).map(Int64.init)
        default: throw cell.mismatch(Self.self)
        }
        guard let wide else { throw cell.refusal("its integer is cut short") }
        guard let value = Self(exactly: wide) else { throw cell.refusal("\(wide) does not fit in \(Self.self)") }
        self = value
    }
}

extension Int64: PostgresEncodable, PostgresDecodable {
    /// `int8`
    public static var postgresType: PostgresType { .int8 }
    /// The value as `int8`.
    public var postgresParameter: PostgresParameter { PostgresParameter(type: .int8, value: .int64(self)) }
    /// Reads `int8`, `int4`, `int2` and `oid`.
    public init(postgres cell: PostgresCell) throws(PostgresError) { try self.init(integer: cell) }
}

extension Int: PostgresEncodable, PostgresDecodable {
    /// `int8`
    public static var postgresType: PostgresType { .int8 }
    /// The value as `int8`.
    public var postgresParameter: PostgresParameter { PostgresParameter(type: .int8, value: .int64(Int64(self))) }
    /// Reads `int8`, `int4`, `int2` and `oid`.
    public init(postgres cell: PostgresCell) throws(PostgresError) { try self.init(integer: cell) }
}

extension Int32: PostgresEncodable, PostgresDecodable {
    /// `int4`
    public static var postgresType: PostgresType { .int4 }
    /// The value as `int4`.
    public var postgresParameter: PostgresParameter { PostgresParameter(type: .int4, value: .int32(self)) }
    /// Reads `int8`, `int4`, `int2` and `oid` if the value fits.
    public init(postgres cell: PostgresCell) throws(PostgresError) { try self.init(integer: cell) }
}

extension Int16: PostgresEncodable, PostgresDecodable {
    /// `int2`
    public static var postgresType: PostgresType { .int2 }
    /// The value as `int2`.
    public var postgresParameter: PostgresParameter {
        .binary([UInt8(truncatingIfNeeded: self >> 8), UInt8(truncatingIfNeeded: self)], type: .int2)
    }
    /// Reads `int8`, `int4`, `int2` and `oid` if the value fits.
    public init(postgres cell: PostgresCell) throws(PostgresError) { try self.init(integer: cell) }
}
