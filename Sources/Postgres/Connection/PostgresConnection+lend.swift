extension PostgresConnection {
    /// Runs a body on this connection's thread, then leaves the connection fit for the next user.
    ///
    /// - Parameters:
    ///   - body: what wants the connection
    ///   - release: called at the end with whether the connection can be used again
    /// - Returns: nil when the connection had ended before, and nothing was run.
    func lend<Value: Sendable>(
        _ body: nonisolated(nonsending) @Sendable (PostgresConnection) async throws -> Value,
        release: @Sendable (Bool) -> Void
    ) async throws -> Value? {
        guard self.checkAlive() else {
            release(false)
            return nil
        }
        defer {
            // a transaction that the body opened by itself and left open
            self.rollBack()
            release(self.link != nil)
        }
        return try await body(self)
    }
}
