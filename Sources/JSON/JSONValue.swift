/// Any JSON value (RFC 8259), with numbers as their text and objects in order.
public enum JSONValue: Hashable, Sendable {
    /// `null`, which is not the same as absent.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number, exactly as written.
    case number(JSONNumber)
    /// A string, its escapes resolved.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object.
    case object(JSONObject)
}

extension JSONValue {
    /// A string, or null for nil.
    public init(_ value: String?) { self = value.map { .string($0) } ?? .null }
    /// A whole number.
    public init(_ value: some BinaryInteger) { self = .number(JSONNumber(value)) }
    /// A whole number, or null for nil.
    public init(_ value: (some BinaryInteger)?) { self = value.map { .number(JSONNumber($0)) } ?? .null }
    /// `true`, `false`, or null for nil.
    public init(_ value: Bool?) { self = value.map { .bool($0) } ?? .null }
    /// A number, or null for nil.
    public init(_ value: JSONNumber?) { self = value.map { .number($0) } ?? .null }
    /// An array.
    public init(_ value: [JSONValue]) { self = .array(value) }
    /// An object.
    public init(_ value: JSONObject) { self = .object(value) }
}

extension JSONValue {
    /// Whether it is `null`.
    public var isNull: Bool { if case .null = self { true } else { false } }

    /// The string, if it is one.
    public var string: String? { if case .string(let value) = self { value } else { nil } }

    /// The truth value, if it is one.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

    /// The number, if it is one.
    public var number: JSONNumber? { if case .number(let value) = self { value } else { nil } }

    /// The number, if it is one, whole, and fits 64 bits.
    public var int: Int64? { self.number?.int }

    /// The elements, if it is an array.
    public var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }

    /// The members, if it is an object.
    public var object: JSONObject? { if case .object(let value) = self { value } else { nil } }

    /// The member of that name; nil if there is none or this is no object.
    public subscript(key: String) -> JSONValue? {
        if case .object(let members) = self { members[key] } else { nil }
    }

    /// The element at that place; nil if there is none or this is no array.
    public subscript(index: Int) -> JSONValue? {
        if case .array(let elements) = self, elements.indices.contains(index) { elements[index] } else { nil }
    }
}
