extension PostgresConnection {
    /// Reads a statement's rows in portions, so that memory does not grow with their number. Within a transaction only, and one
    /// such statement at a time.
    ///
    /// - Parameters:
    ///   - sql: a SELECT
    ///   - size: rows of a portion
    ///   - body: gets each portion, on the connection's own thread; here it may block for a while
    /// - Throws: ``PostgresError``, as ``query(_:file:line:)`` does, and what the body throws.
    public func portions(
        of sql: SQL,
        size: Int = 500,
        _ body: nonisolated(nonsending) @Sendable (PostgresRows) async throws -> Void
    ) async throws {
        // A cursor's name for each statement: a prepared FETCH knows the columns of the one that it was prepared for.
        let name = "portions_\(UInt(bitPattern: sql.text.hashValue))"
        try await self.query(SQL(unescaped: "DECLARE \(name) NO SCROLL CURSOR FOR ") + sql)
        let fetch = SQL(unescaped: "FETCH \(size) FROM \(name)")
        while true {
            let rows = try await self.query(fetch)
            if !rows.isEmpty { try await body(rows) }
            guard rows.count == size else { break }
        }
        try await self.query(SQL(unescaped: "CLOSE \(name)"))
    }
}
