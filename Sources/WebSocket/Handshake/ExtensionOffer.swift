/// One element of `Sec-WebSocket-Extensions` (RFC 6455 9.1): an extension's name with its parameters, in order.
public struct ExtensionOffer: Hashable, Sendable {
    /// A parameter: with or without a value.
    public struct Parameter: Hashable, Sendable {
        /// As the client wrote it.
        public var name: String
        /// The value without its quotes; nil if there is none.
        public var value: String?

        /// A parameter.
        public init(_ name: String, _ value: String? = nil) {
            self.name = name
            self.value = value
        }
    }

    /// The extension.
    public var name: String
    /// Its parameters, duplicates included.
    public var parameters: [Parameter]

    /// An offer.
    public init(_ name: String, _ parameters: [Parameter] = []) {
        self.name = name
        self.parameters = parameters
    }

    /// All offers of a header value; several header lines are joined with commas first.
    /// - Throws: `malformedHeader` if it does not follow the grammar.
    public static func parse(_ value: String) throws(WebSocketError) -> [ExtensionOffer] {
        var reader = HeaderTokens(value)
        var offers: [ExtensionOffer] = []
        while true {
            reader.skipSpace()
            if reader.isAtEnd { return offers }
            if reader.skip(",") { continue }
            guard let name = reader.token() else { throw self.malformed(value) }
            var offer = ExtensionOffer(name)
            reader.skipSpace()
            while reader.skip(";") {
                offer.parameters.append(try self.parameter(&reader, of: value))
                reader.skipSpace()
            }
            offers.append(offer)
            guard reader.isAtEnd || reader.skip(",") else { throw self.malformed(value) }
        }
    }

    private static func parameter(_ reader: inout HeaderTokens, of value: String) throws(WebSocketError) -> Parameter {
        reader.skipSpace()
        guard let name = reader.token() else { throw self.malformed(value) }
        reader.skipSpace()
        guard reader.skip("=") else { return Parameter(name) }
        reader.skipSpace()
        guard let content = reader.token() ?? reader.quotedToken() else { throw self.malformed(value) }
        return Parameter(name, content)
    }

    private static func malformed(_ value: String) -> WebSocketError {
        WebSocketError(.malformedHeader, "Sec-WebSocket-Extensions is malformed", context: value)
    }
}
