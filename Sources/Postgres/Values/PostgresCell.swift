/// One value of a result in the server's binary format, or one element of an array in it.
///
/// It keeps the result alive and copies nothing; what an implementation of ``PostgresDecodable`` reads from.
public struct PostgresCell: Sendable {
    let result: LibPQResult
    let row: Int
    let column: Int
    /// Where in the column's value this cell's bytes are: all of it, or an array's element.
    let range: Range<Int>
    /// The value's type.
    public let type: PostgresType

    init(result: LibPQResult, row: Int, column: Int) {
        self.result = result
        self.row = row
        self.column = column
        self.range = 0..<result.length(row: row, column: column)
        self.type = result.type(column: column)
    }

    private init(element range: Range<Int>, of array: PostgresCell, type: PostgresType) {
        self.result = array.result
        self.row = array.row
        self.column = array.column
        self.range = range
        self.type = type
    }

    /// The column's name.
    public var name: String { self.result.name(column: self.column) }

    /// How many bytes the value has.
    public var count: Int { self.range.count }

    /// The value's bytes, copied.
    public var bytes: [UInt8] {
        self.result.bytes(row: self.row, column: self.column, range: self.range)
    }

    /// Lends the value's bytes, uncopied.
    public func withBytes<R>(_ body: (RawSpan) -> R) -> R {
        self.result.withSpan(row: self.row, column: self.column, range: self.range, body)
    }

    /// The value's bytes from `offset` on as UTF-8, or nil when they are none.
    public func text(from offset: Int = 0) -> String? {
        let start = min(self.range.lowerBound + offset, self.range.upperBound)
        return self.result.text(row: self.row, column: self.column, range: start..<self.range.upperBound)
    }

    /// A big-endian integer at `offset`, or nil when the value ends before it.
    public func integer<I: FixedWidthInteger>(at offset: Int = 0, as: I.Type = I.self) -> I? {
        let size = I.bitWidth / 8
        guard offset >= 0, offset + size <= self.count else { return nil }
        return self.result.integer(row: self.row, column: self.column, offset: self.range.lowerBound + offset)
    }

    /// Where the text of a `jsonb` begins: behind its version (`jsonb_send` of PostgreSQL).
    /// - Throws: ``PostgresError`` with code `.decoding` for a version that is not known.
    public var jsonbTextStart: Int {
        get throws(PostgresError) {
            guard self.integer(as: UInt8.self) == 1 else { throw self.refusal("its jsonb is of an unknown version") }
            return 1
        }
    }

    /// A part of this value as a cell of its own; the caller has checked that it lies inside.
    func element(_ part: Range<Int>, type: PostgresType) -> PostgresCell {
        let start = self.range.lowerBound + part.lowerBound
        return PostgresCell(element: start..<(start + part.count), of: self, type: type)
    }

    /// The error for a column that has another type than the one asked for.
    public func mismatch(_ wanted: Any.Type) -> PostgresError {
        self.refusal("it is \(self.type) and cannot be read as \(wanted)")
    }

    /// The error for a value that doesn't fit.
    public func refusal(_ reason: String) -> PostgresError {
        PostgresError(.decoding, "column \"\(self.name)\": \(reason)")
    }
}
