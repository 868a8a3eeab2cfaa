/// What a statement answered: its rows, and how many rows it touched. Immutable; the rows live in libpq's memory and are freed
/// with the last copy of this value or of a row of it.
public struct PostgresRows: Sendable, RandomAccessCollection {
    let result: LibPQResult

    init(_ result: LibPQResult) {
        self.result = result
    }

    /// 0
    public var startIndex: Int { 0 }
    /// The number of rows.
    public var endIndex: Int { self.result.rowCount }

    /// The row at a position.
    public subscript(position: Int) -> PostgresRow {
        precondition(position >= 0 && position < self.result.rowCount, "The result has \(self.result.rowCount) rows")
        return PostgresRow(result: self.result, row: position)
    }

    /// How many rows an INSERT, UPDATE, DELETE or MERGE touched, or a SELECT returned: the count of the command tag, 0 without one.
    public var affected: Int { self.result.affected }

    /// The columns' names, in order.
    public var columns: [String] { (0..<self.result.columnCount).map { self.result.name(column: $0) } }

    /// All values of all rows: equal for two answers to one statement that say the same, and for no others. For comparing within
    /// this process, not for reading.
    public var fingerprint: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        for row in 0..<self.result.rowCount {
            for column in 0..<self.result.columnCount { self.result.append(row: row, column: column, to: &bytes) }
        }
        return bytes
    }

    /// Whether the values have this ``fingerprint``.
    public func has(fingerprint: [UInt8]) -> Bool {
        var rest = fingerprint[...]
        for row in 0..<self.result.rowCount {
            for column in 0..<self.result.columnCount {
                guard self.result.isNext(row: row, column: column, in: &rest) else { return false }
            }
        }
        return rest.isEmpty
    }

    /// The only row of a result that must have exactly one.
    /// - Throws: ``PostgresError`` with code `.decoding` when there is none or more than one.
    public func only(file: String = #fileID, line: Int = #line) throws(PostgresError) -> PostgresRow {
        guard self.count == 1 else {
            throw PostgresError(.decoding, "one row was expected and \(self.count) came").at(file, line)
        }
        return self[0]
    }
}
