/// What an array that is bound or read may hold: the scalar types, and their optionals for arrays with NULLs.
///
/// `[UInt8]` is `bytea`. Arrays have one dimension; a column with more is refused.
public protocol PostgresArrayElement: Sendable {
    /// The array's type on the server.
    static var postgresArrayType: PostgresType { get }
    /// The array as a parameter.
    static func postgresArray(_ elements: [Self]) -> PostgresParameter
    /// Reads the array from a cell.
    static func elements(ofPostgresArray cell: PostgresCell) throws(PostgresError) -> [Self]
}

/// An element whose array is written in PostgreSQL's text form: `{"1","2",NULL}`.
public protocol PostgresTextArrayElement: PostgresArrayElement, PostgresDecodable {
    /// The element in its type's text form, unquoted.
    var postgresText: String { get }
}

extension PostgresTextArrayElement {
    /// The array as a text literal of its type.
    public static func postgresArray(_ elements: [Self]) -> PostgresParameter {
        .text(ArrayLiteral.text(elements.map(\.postgresText)), type: self.postgresArrayType)
    }

    /// Reads a one-dimensional array without NULLs.
    public static func elements(ofPostgresArray cell: PostgresCell) throws(PostgresError) -> [Self] {
        var elements: [Self] = []
        for element in try ArrayLiteral.elements(of: cell) {
            guard let element else { throw cell.refusal("its array holds a NULL; read it as [\(Self.self)?]") }
            elements.append(try Self(postgres: element))
        }
        return elements
    }
}

extension Optional: PostgresArrayElement where Wrapped: PostgresTextArrayElement {
    /// The array type of the elements.
    public static var postgresArrayType: PostgresType { Wrapped.postgresArrayType }
    /// The array as a text literal of its type; nil is NULL.
    public static func postgresArray(_ elements: [Wrapped?]) -> PostgresParameter {
        .text(ArrayLiteral.text(elements.map { $0?.postgresText }), type: self.postgresArrayType)
    }
    /// Reads a one-dimensional array.
    public static func elements(ofPostgresArray cell: PostgresCell) throws(PostgresError) -> [Wrapped?] {
        var elements: [Wrapped?] = []
        for element in try ArrayLiteral.elements(of: cell) {
            guard let element else {
                elements.append(nil)
                continue
            }
            elements.append(try Wrapped(postgres: element))
        }
        return elements
    }
}

extension Array: PostgresEncodable where Element: PostgresArrayElement {
    /// The array type of the elements.
    public static var postgresType: PostgresType { Element.postgresArrayType }
    /// The array as a parameter.
    public var postgresParameter: PostgresParameter { Element.postgresArray(self) }
}

extension Array: PostgresDecodable where Element: PostgresArrayElement {
    /// Reads a one-dimensional array, or `bytea` as `[UInt8]`.
    public init(postgres cell: PostgresCell) throws(PostgresError) {
        self = try Element.elements(ofPostgresArray: cell)
    }
}

extension Int: PostgresTextArrayElement {
    /// `int8[]`
    public static var postgresArrayType: PostgresType { .int8Array }
    /// Decimal digits.
    public var postgresText: String { String(self) }
}

extension Int64: PostgresTextArrayElement {
    /// `int8[]`
    public static var postgresArrayType: PostgresType { .int8Array }
    /// Decimal digits.
    public var postgresText: String { String(self) }
}

extension Int32: PostgresTextArrayElement {
    /// `int4[]`
    public static var postgresArrayType: PostgresType { .int4Array }
    /// Decimal digits.
    public var postgresText: String { String(self) }
}

extension Bool: PostgresTextArrayElement {
    /// `bool[]`
    public static var postgresArrayType: PostgresType { .boolArray }
    /// `true` or `false`.
    public var postgresText: String { String(self) }
}

extension Double: PostgresTextArrayElement {
    /// `float8[]`
    public static var postgresArrayType: PostgresType { .float8Array }
    /// The shortest text that reads back as the same value.
    public var postgresText: String { self.description }
}

extension String: PostgresTextArrayElement {
    /// Inferred, so that `= ANY(\(texts))` serves text, enum and uuid columns alike.
    public static var postgresArrayType: PostgresType { .inferred }
    /// Itself.
    public var postgresText: String { self }
}

extension PostgresJSON: PostgresTextArrayElement {
    /// `jsonb[]`
    public static var postgresArrayType: PostgresType { .jsonbArray }
    /// The document.
    public var postgresText: String { self.text }
}
