/// A data type of the server, by its object id in `pg_type`. Ids below 16384 are the same in every database.
public struct PostgresType: RawRepresentable, Hashable, Sendable {
    /// The object id.
    public let rawValue: UInt32

    /// A type by its object id.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Left to the server to infer from where the parameter stands.
    public static let inferred = PostgresType(rawValue: 0)
    /// `bool`
    public static let bool = PostgresType(rawValue: 16)
    /// `bytea`
    public static let bytea = PostgresType(rawValue: 17)
    /// `"char"`, the one-byte type of the catalogs
    public static let char = PostgresType(rawValue: 18)
    /// `name`, the type of identifiers in the catalogs
    public static let name = PostgresType(rawValue: 19)
    /// `int8`, `bigint`
    public static let int8 = PostgresType(rawValue: 20)
    /// `int2`, `smallint`
    public static let int2 = PostgresType(rawValue: 21)
    /// `int4`, `integer`
    public static let int4 = PostgresType(rawValue: 23)
    /// `text`
    public static let text = PostgresType(rawValue: 25)
    /// `oid`
    public static let oid = PostgresType(rawValue: 26)
    /// `json`
    public static let json = PostgresType(rawValue: 114)
    /// `float4`, `real`
    public static let float4 = PostgresType(rawValue: 700)
    /// `float8`, `double precision`
    public static let float8 = PostgresType(rawValue: 701)
    /// `unknown`, an untyped literal
    public static let unknown = PostgresType(rawValue: 705)
    /// `char(n)`
    public static let bpchar = PostgresType(rawValue: 1042)
    /// `varchar`
    public static let varchar = PostgresType(rawValue: 1043)
    /// `date`
    public static let date = PostgresType(rawValue: 1082)
    /// `time`
    public static let time = PostgresType(rawValue: 1083)
    /// `timestamp without time zone`
    public static let timestamp = PostgresType(rawValue: 1114)
    /// `timestamptz`, `timestamp with time zone`
    public static let timestamptz = PostgresType(rawValue: 1184)
    /// `numeric`
    public static let numeric = PostgresType(rawValue: 1700)
    /// `void`, what a procedure-like function returns
    public static let void = PostgresType(rawValue: 2278)
    /// `uuid`
    public static let uuid = PostgresType(rawValue: 2950)
    /// `jsonb`
    public static let jsonb = PostgresType(rawValue: 3802)
    /// `xid8`, a 64-bit transaction id
    public static let xid8 = PostgresType(rawValue: 5069)

    /// `bool[]`
    public static let boolArray = PostgresType(rawValue: 1000)
    /// `int2[]`
    public static let int2Array = PostgresType(rawValue: 1005)
    /// `int4[]`
    public static let int4Array = PostgresType(rawValue: 1007)
    /// `text[]`
    public static let textArray = PostgresType(rawValue: 1009)
    /// `varchar[]`
    public static let varcharArray = PostgresType(rawValue: 1015)
    /// `int8[]`
    public static let int8Array = PostgresType(rawValue: 1016)
    /// `float8[]`
    public static let float8Array = PostgresType(rawValue: 1022)
    /// `date[]`
    public static let dateArray = PostgresType(rawValue: 1182)
    /// `time[]`
    public static let timeArray = PostgresType(rawValue: 1183)
    /// `timestamptz[]`
    public static let timestamptzArray = PostgresType(rawValue: 1185)
    /// `numeric[]`
    public static let numericArray = PostgresType(rawValue: 1231)
    /// `uuid[]`
    public static let uuidArray = PostgresType(rawValue: 2951)
    /// `jsonb[]`
    public static let jsonbArray = PostgresType(rawValue: 3807)

    /// Whether the type was made in this database: an enum, a domain's base, an extension's type.
    var isUserDefined: Bool { self.rawValue >= 16384 }
}

extension PostgresType: CustomStringConvertible {
    /// The type's usual name, or its object id.
    public var description: String {
        Self.names[self] ?? "type \(self.rawValue)"
    }

    private static let names: [PostgresType: String] = [
        .inferred: "inferred", .bool: "bool", .bytea: "bytea", .char: "\"char\"", .name: "name", .int8: "int8", .int2: "int2",
        .int4: "int4", .text: "text", .oid: "oid", .json: "json", .float4: "float4", .float8: "float8", .unknown: "unknown",
        .bpchar: "char", .varchar: "varchar", .date: "date", .time: "time", .timestamp: "timestamp", .timestamptz: "timestamptz",
        .numeric: "numeric", .void: "void", .uuid: "uuid", .jsonb: "jsonb", .xid8: "xid8", .boolArray: "bool[]",
        .int2Array: "int2[]", .int4Array: "int4[]", .textArray: "text[]", .varcharArray: "varchar[]", .int8Array: "int8[]",
        .float8Array: "float8[]", .dateArray: "date[]", .timeArray: "time[]", .timestamptzArray: "timestamptz[]",
        .numericArray: "numeric[]", .uuidArray: "uuid[]", .jsonbArray: "jsonb[]",
    ]
}
