/// A statement together with its parameters.
///
/// Written as a string literal; what is interpolated is bound, never pasted:
///
///     let sql: SQL = "SELECT name FROM clients WHERE salon_id = \(salon) AND id = \(id)"
///
/// sends `SELECT name FROM clients WHERE salon_id = $1 AND id = $2` with two parameters. Another ``SQL`` that is interpolated
/// is spliced in and its parameters are numbered anew. A literal must not spell `$1` itself.
///
/// Swift's types fix the parameter's type on the server (`Int` is `int8`, `Bool` is `bool`, …) except for `String` and
/// `[String]`: they are sent as untyped literals, so the same `\(text)` serves text, enum, uuid and date columns. Where the server
/// can't infer a type from the place (`jsonb_build_object('a', \(text))`, `unnest(\(texts))`) write a cast: `\(text)::text`.
/// `Int` where a function wants `int4` (`make_interval(mins => …)`) is written `\(Int32(minutes))`.
public struct SQL: Sendable, Hashable {
    /// The text between parameters; always one more than there are parameters.
    var fragments: [String]
    /// The values bound to `$1`, `$2`, …
    public internal(set) var parameters: [PostgresParameter]

    /// A statement without parameters from text that is known to be safe: a migration, an identifier. Never a user's input.
    public init(unescaped text: String) {
        self.fragments = [text]
        self.parameters = []
    }

    /// The empty statement, to append to.
    public init() {
        self.init(unescaped: "")
    }

    /// Whether there is neither text nor a parameter.
    public var isEmpty: Bool {
        self.parameters.isEmpty && self.fragments.allSatisfy(\.isEmpty)
    }

    /// The statement's text as the server gets it, with `$1`, `$2`, … where values are bound.
    public var text: String {
        guard !self.parameters.isEmpty else { return self.fragments[0] }
        var text = ""
        text.reserveCapacity(self.fragments.reduce(0) { $0 + $1.utf8.count + 3 })
        for (index, fragment) in self.fragments.enumerated() {
            if index > 0 {
                text += "$"
                text += String(index)
            }
            text += fragment
        }
        return text
    }

    mutating func append(text: String) {
        self.fragments[self.fragments.count - 1] += text
    }

    mutating func append(parameter: PostgresParameter) {
        self.parameters.append(parameter)
        self.fragments.append("")
    }

    mutating func append(_ other: SQL) {
        self.append(text: other.fragments[0])
        self.fragments.append(contentsOf: other.fragments.dropFirst())
        self.parameters.append(contentsOf: other.parameters)
    }

    /// One statement after the other, as they are: write the space between them yourself.
    public static func + (left: SQL, right: SQL) -> SQL {
        var sum = left
        sum.append(right)
        return sum
    }

    /// Appends a statement's text and parameters.
    public static func += (left: inout SQL, right: SQL) {
        left.append(right)
    }
}

extension Sequence<SQL> {
    /// The statements with `separator` between each two: `conditions.joined(separator: " AND ")`. Empty when there is none.
    public func joined(separator: SQL = "") -> SQL {
        var joined = SQL()
        for (index, element) in self.enumerated() {
            if index > 0 {
                joined.append(separator)
            }
            joined.append(element)
        }
        return joined
    }
}
