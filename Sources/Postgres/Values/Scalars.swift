extension Bool: PostgresEncodable, PostgresDecodable {
    /// `bool`
    public static var postgresType: PostgresType { .bool }
    /// The value as `bool`.
    public var postgresParameter: PostgresParameter { PostgresParameter(type: .bool, value: .bool(self)) }
    /// Reads `bool`.
    public init(postgres cell: PostgresCell) throws(PostgresError) {
        guard cell.type == .bool, let byte = cell.integer(as: UInt8.self) else { throw cell.mismatch(Bool.self) }
        self = byte != 0
    }
}

extension Double: PostgresEncodable, PostgresDecodable {
    /// `float8`
    public static var postgresType: PostgresType { .float8 }
    /// The value as `float8`; infinities and NaN are values of that type too.
    public var postgresParameter: PostgresParameter {
        .binary(self.bitPattern.bigEndianBytes, type: .float8)
    }
    /// Reads `float8` and `float4`.
    public init(postgres cell: PostgresCell) throws(PostgresError) {
        switch cell.type {
        case .float8:
            guard let bits = cell.integer(as: UInt64.self) else { throw cell.refusal("its float8 is cut short") }
            self.init(bitPattern: bits)
        case .float4:
            guard let bits = cell.integer(as: UInt32.self) else { throw cell.refusal("its float4 is cut short") }
            self.init(Float(bitPattern: bits))
        default:
            throw cell.mismatch(Double.self)
        }
    }
}

extension String: PostgresEncodable, PostgresDecodable {
    /// Inferred, so that one `\(text)` serves text, enum, uuid and date columns alike.
    public static var postgresType: PostgresType { .inferred }
    /// The value as an untyped literal. One with a zero byte is refused when it is sent: PostgreSQL's text holds none.
    public var postgresParameter: PostgresParameter { .text(self) }
    /// Reads text of all kinds, enums, `json`, `jsonb` and `uuid` (in its canonical form).
    public init(postgres cell: PostgresCell) throws(PostgresError) {
        let text: String?
        switch cell.type {
        case .text, .varchar, .bpchar, .name, .char, .unknown, .json:
            text = cell.text()
        case .jsonb:
            text = cell.text(from: try cell.jsonbTextStart)
        case .uuid:
            text = String(uuid: cell.bytes)
        case let type where type.isUserDefined:
            text = cell.text()
        default:
            throw cell.mismatch(String.self)
        }
        guard let text else { throw cell.refusal("its \(cell.type) is not valid UTF-8") }
        self = text
    }

    private init?(uuid bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) {
                text.append(UInt8(ascii: "-"))
            }
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        self.init(decoding: text, as: UTF8.self)
    }
}

extension Substring: PostgresEncodable {
    /// Inferred, as for `String`.
    public static var postgresType: PostgresType { .inferred }
    /// The value as an untyped literal.
    public var postgresParameter: PostgresParameter { .text(String(self)) }
}

extension FixedWidthInteger {
    /// The integer as the wire has it.
    var bigEndianBytes: [UInt8] {
        stride(from: Self.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: self >> $0) }
    }
}
