extension JSONValue {
    /// Reads one JSON text, strictly as RFC 8259 has it.
    ///
    /// Refused are: anything after the value, a byte order mark, invalid UTF-8, half a surrogate pair, raw control characters
    /// in strings, comments, trailing commas. Of members with one name the last wins, as in JavaScript; it is no error.
    /// `\u0000` is allowed, as the RFC has it.
    ///
    /// - Parameters:
    ///   - bytes: the whole text, UTF-8.
    ///   - limits: how deep and long it may be.
    public init(parsing bytes: Span<UInt8>, limits: JSONLimits = JSONLimits()) throws(JSONError) {
        self = try JSONParser.parse(bytes, limits: limits)
    }

    /// Reads one JSON text; see ``init(parsing:limits:)-(Span<UInt8>,_)``.
    public init(parsing bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) {
        self = try JSONParser.parse(bytes.span, limits: limits)
    }

    /// Reads one JSON text; see ``init(parsing:limits:)-(Span<UInt8>,_)``.
    public init(parsing text: String, limits: JSONLimits = JSONLimits()) throws(JSONError) {
        self = try JSONParser.parse(text.utf8.span, limits: limits)
    }

    /// Reads one JSON text out of memory that must stay as it is meanwhile; see ``init(parsing:limits:)-(Span<UInt8>,_)``.
    public init(parsing bytes: UnsafeRawBufferPointer, limits: JSONLimits = JSONLimits()) throws(JSONError) {
        self = try JSONParser.parse(unsafe bytes.bindMemory(to: UInt8.self).span, limits: limits)
    }

    /// Reads one JSON text; see ``init(parsing:limits:)-(Span<UInt8>,_)``. The bytes are copied first.
    public init(parsing bytes: some Sequence<UInt8>, limits: JSONLimits = JSONLimits()) throws(JSONError) {
        self = try JSONParser.parse(Array(bytes).span, limits: limits)
    }
}
