/// One row of a result.
public struct PostgresRow: Sendable {
    let result: LibPQResult
    let row: Int

    /// How many columns there are.
    public var count: Int { self.result.columnCount }

    /// Reads a column that is not NULL.
    /// - Throws: ``PostgresError`` with code `.decoding` when there is no such column, it is NULL or it has another type.
    public func get<Value: PostgresDecodable>(
        _ name: String,
        as: Value.Type = Value.self,
        file: String = #fileID,
        line: Int = #line
    ) throws(PostgresError) -> Value {
        do {
            return try self.value(at: self.index(of: name))
        } catch {
            throw error.at(file, line)
        }
    }

    /// Reads a column that may be NULL.
    /// - Throws: ``PostgresError`` with code `.decoding` when there is no such column or it has another type.
    public func get<Value: PostgresDecodable>(
        _ name: String,
        as: Value?.Type = Value?.self,
        file: String = #fileID,
        line: Int = #line
    ) throws(PostgresError) -> Value? {
        do {
            return try self.optional(at: self.index(of: name))
        } catch {
            throw error.at(file, line)
        }
    }

    /// Reads a column that is not NULL, by its position from 0.
    /// - Throws: ``PostgresError`` with code `.decoding` when it is NULL or has another type.
    public func get<Value: PostgresDecodable>(
        _ index: Int,
        as: Value.Type = Value.self,
        file: String = #fileID,
        line: Int = #line
    ) throws(PostgresError) -> Value {
        do {
            return try self.value(at: index)
        } catch {
            throw error.at(file, line)
        }
    }

    /// Reads a column that may be NULL, by its position from 0.
    /// - Throws: ``PostgresError`` with code `.decoding` when it has another type.
    public func get<Value: PostgresDecodable>(
        _ index: Int,
        as: Value?.Type = Value?.self,
        file: String = #fileID,
        line: Int = #line
    ) throws(PostgresError) -> Value? {
        do {
            return try self.optional(at: index)
        } catch {
            throw error.at(file, line)
        }
    }

    /// The bytes of a column as the server sent them in binary form, nil for NULL. A `jsonb` starts with its version byte.
    public func bytes(_ index: Int) -> [UInt8]? {
        self.cell(at: index)?.bytes
    }

    /// The column's value, nil for NULL.
    public func cell(at index: Int) -> PostgresCell? {
        precondition(index >= 0 && index < self.count, "The row has \(self.count) columns")
        guard !self.result.isNull(row: self.row, column: index) else { return nil }
        return PostgresCell(result: self.result, row: self.row, column: index)
    }

    private func value<Value: PostgresDecodable>(at index: Int) throws(PostgresError) -> Value {
        guard let cell = self.cell(at: index) else {
            throw PostgresError(.decoding, "column \"\(self.result.name(column: index))\" is NULL, \(Value.self) was asked for")
        }
        return try Value(postgres: cell)
    }

    private func optional<Value: PostgresDecodable>(at index: Int) throws(PostgresError) -> Value? {
        guard let cell = self.cell(at: index) else { return nil }
        return try Value(postgres: cell)
    }

    private func index(of name: String) throws(PostgresError) -> Int {
        guard let index = self.result.column(named: name) else {
            throw PostgresError(.decoding, "the result has no column \"\(name)\"")
        }
        return index
    }
}
