extension PostgresConnection {
    private static let commitStatement = Statement("COMMIT")
    private static let rollbackStatement = Statement("ROLLBACK")

    var timeout: UInt64 { self.configuration.statementTimeout.clampedNanoseconds }

    /// Runs statements where the connection stands: alone, as a transaction's first, or inside it.
    func perform(_ statements: [Statement]) throws(PostgresError) -> [PostgresRows] {
        self.preconditionFree()
        for statement in statements {
            try statement.check()
        }
        switch self.transaction {
        case .none:
            do {
                return try self.exchange(statements, timeout: self.timeout)
            } catch {
                return try self.repeatIfStale(error, statements)
            }
        case .beginning(let begin):
            self.transaction = .open(OpenTransaction())
            return try self.recordingFailure(statements) { () throws(PostgresError) in
                try self.exchange(opening: begin, statements, timeout: self.timeout)
            }
        case .open:
            return try self.recordingFailure(statements) { () throws(PostgresError) in
                try self.exchange(statements, timeout: self.timeout)
            }
        case .committed:
            throw PostgresError(.transactionEnded, "the transaction is committed; nothing more can be done in it")
        }
    }

    /// Runs statements again that were refused for their plans alone: before they were run, and with all else in their pipeline,
    /// which is all or nothing.
    ///
    /// - Throws: the failure, when it has another reason
    func repeatIfStale(_ failure: PostgresError, _ statements: [Statement]) throws(PostgresError) -> [PostgresRows] {
        guard self.dropStalePlans(failure, statements) else { throw failure }
        return try self.exchange(statements, timeout: self.timeout)
    }

    /// Runs a transaction's last statements and COMMIT.
    func commit(_ statements: [Statement], isCancelled: Bool) throws(PostgresError) -> [PostgresRows] {
        self.preconditionFree()
        var opening: Statement?
        switch self.transaction {
        case .none: throw PostgresError(.transactionEnded, "no transaction is open")
        case .committed: throw PostgresError(.transactionEnded, "the transaction is committed already")
        case .beginning(let begin): opening = begin
        case .open(let open):
            if let failure = open.failure {
                throw failure
            }
        }
        for statement in statements {
            try statement.check()
        }
        guard !isCancelled else { throw PostgresError(.cancelled, "the task was cancelled before its transaction was committed") }
        self.transaction = .open(OpenTransaction())
        return try self.recordingFailure(statements) { () throws(PostgresError) in
            do throws(PostgresError) {
                let rows = try self.exchange(
                    opening: opening,
                    statements,
                    closing: Self.commitStatement,
                    timeout: self.timeout
                )
                self.transaction = .committed
                return rows
            } catch {
                guard error.code == .connectionLost else { throw error }
                throw PostgresError(.commitUnknown, "the answer to COMMIT was lost: \(error.message)")
            }
        }
    }

    /// Remembers a failure in the transaction's state: whatever the body makes of it, there will be no COMMIT.
    private func recordingFailure(
        _ statements: [Statement],
        _ body: () throws(PostgresError) -> [PostgresRows]
    ) throws(PostgresError) -> [PostgresRows] {
        do {
            let rows = try body()
            if case .open(var open) = self.transaction, !open.hasAnswer {
                open.hasAnswer = true
                self.transaction = .open(open)
            }
            return rows
        } catch {
            if case .open(var open) = self.transaction, open.failure == nil {
                open.hasStalePlan = self.dropStalePlans(error, statements)
                open.failure = error
                self.transaction = .open(open)
            }
            throw error
        }
    }

    /// Whether a prepared statement was refused because the tables changed under it, or the server forgot it; it is then dropped.
    func dropStalePlans(_ error: PostgresError, _ statements: [Statement]) -> Bool {
        guard error.code == .sqlState, self.configuration.preparesStatements else { return false }
        if error.sqlState == .invalidSQLStatementName {
            // somebody said DEALLOCATE or DISCARD
            self.cache.removeAll()
            return true
        }
        guard error.sqlState == .featureNotSupported, error.serverFunction == "RevalidateCachedQuery" else { return false }
        for statement in statements {
            self.cache.invalidate(statement.key)
        }
        return true
    }

    /// How one attempt at a transaction ended.
    enum Attempt<Value: Sendable>: Sendable {
        case committed(Value)
        case failed(any Error)
        /// Rolled back by the server for a reason that may not be there the next time.
        case conflicted(any Error)
        /// The connection was broken from the start, or its plans were stale: nothing was done, and it can be run again at once.
        case unstarted(any Error)
    }

    /// Runs a transaction once, here on the connection's thread.
    func attempt<Value: Sendable>(
        begin: Statement,
        _ body: nonisolated(nonsending) @Sendable (PostgresConnection) async throws -> Value
    ) async -> Attempt<Value> {
        self.transaction = .beginning(begin)
        defer { self.transaction = .none }
        let value: Value
        do {
            value = try await body(self)
            if case .committed = self.transaction {
                return .committed(value)
            }
            if case .beginning = self.transaction {
                // nothing was asked, so nothing need be committed
                return .committed(value)
            }
            _ = try self.commit([], isCancelled: Task.isCancelled)
            return .committed(value)
        } catch {
            return self.abandon(error)
        }
    }

    /// Rolls back and says what that means.
    private func abandon<Value: Sendable>(_ error: any Error) -> Attempt<Value> {
        guard case .open(let open) = self.transaction else { return .failed(error) }
        self.rollBack()
        guard let failure = open.failure else { return .failed(error) }
        if failure.isRetryable {
            return .conflicted(error)
        }
        if open.hasStalePlan || failure.code == .connectionLost && !open.hasAnswer {
            return .unstarted(error)
        }
        return .failed(error)
    }

    /// Ends whatever transaction is open; a connection that can't is given up.
    func rollBack() {
        guard let link = self.link, !link.isIdle else { return }
        do {
            _ = try self.exchange([Self.rollbackStatement], timeout: self.timeout)
        } catch {
            self.link = nil
        }
    }
}
