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
public struct SQL: Sendable {
    /// The text in pieces, none of them empty, as it was written: most are literals, which cost nothing to keep. `nil` is the next
    /// parameter's place.
    var pieces: [String?]
    /// The values bound to `$1`, `$2`, …
    public internal(set) var parameters: [PostgresParameter]

    /// Whether text that is no literal holds a zero byte: it will be refused.
    private(set) var holdsZeroByte = false

    /// A statement without parameters from text that is known to be safe: a migration, an identifier. Never a user's input.
    public init(unescaped text: String) {
        self.init(literal: text)
        self.holdsZeroByte = text.holdsZeroByte
    }

    init(literal text: String) {
        self.pieces = text.isEmpty ? [] : [text]
        self.parameters = []
    }

    /// The empty statement, to append to.
    public init() {
        self.pieces = []
        self.parameters = []
    }

    /// Whether there is neither text nor a parameter.
    public var isEmpty: Bool {
        self.pieces.isEmpty
    }

    /// The statement's text as the server gets it, with `$1`, `$2`, … where values are bound.
    public var text: String { Self.text(of: self.pieces) }

    static func text(of pieces: [String?]) -> String {
        if pieces.count == 1, let only = pieces[0] { return only }
        var text = ""
        text.reserveCapacity(pieces.reduce(0) { $0 + ($1?.utf8.count ?? 4) })
        var number = 0
        for piece in pieces {
            if let piece {
                text += piece
            } else {
                number += 1
                text += "$"
                text += String(number)
            }
        }
        return text
    }

    mutating func append(text: String) {
        if !text.isEmpty { self.pieces.append(text) }
    }

    mutating func append(parameter: PostgresParameter) {
        self.parameters.append(parameter)
        self.pieces.append(nil)
    }

    mutating func append(_ other: SQL) {
        self.pieces.append(contentsOf: other.pieces)
        self.parameters.append(contentsOf: other.parameters)
        self.holdsZeroByte = self.holdsZeroByte || other.holdsZeroByte
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

extension SQL: Hashable {
    /// Equal is what the server would get equal.
    public static func == (left: SQL, right: SQL) -> Bool {
        left.parameters == right.parameters && (left.pieces == right.pieces || left.text == right.text)
    }

    /// Of the parameters, and of the text only where there are none: it may be cut otherwise, and is long to put together.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(self.parameters)
        if self.parameters.isEmpty { hasher.combine(self.text) }
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
