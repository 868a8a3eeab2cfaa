extension SQL: ExpressibleByStringInterpolation {
    /// A statement without parameters.
    public init(stringLiteral text: String) {
        self.init(literal: text)
    }

    /// A statement whose interpolated values became parameters.
    public init(stringInterpolation: StringInterpolation) {
        self = stringInterpolation.sql
    }

    /// Collects a literal's text and parameters.
    public struct StringInterpolation: StringInterpolationProtocol, Sendable {
        var sql = SQL()

        /// Makes room; the compiler calls it.
        public init(literalCapacity: Int, interpolationCount: Int) {
            self.sql.pieces.reserveCapacity(2 * interpolationCount + 1)
            self.sql.parameters.reserveCapacity(interpolationCount)
        }

        /// Text of the literal itself.
        public mutating func appendLiteral(_ literal: String) {
            self.sql.append(text: literal)
        }

        /// Binds a value.
        public mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value) {
            self.sql.append(parameter: value.postgresParameter)
        }

        /// Binds a value, or a NULL of its type.
        public mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value?) {
            self.sql.append(parameter: value?.postgresParameter ?? .null(Value.postgresType))
        }

        /// Splices another statement in.
        public mutating func appendInterpolation(_ sql: SQL) {
            self.sql.append(sql)
        }

        /// Pastes text of the program itself, such as a column name chosen by a `switch`.
        public mutating func appendInterpolation(unescaped text: StaticString) {
            self.sql.append(text: text.description)
        }
    }
}
