/// What a transaction sees of others that run at the same time.
public enum Isolation: String, Sendable {
    /// Each statement sees what was committed before it.
    case readCommitted = "READ COMMITTED"
    /// All statements see what was committed before the first.
    case repeatableRead = "REPEATABLE READ"
    /// As if transactions ran one after the other; expect to be run again.
    case serializable = "SERIALIZABLE"
}

extension PostgresClient {
    /// Runs the body in a transaction: COMMIT when it returns, ROLLBACK and rethrow when it throws.
    ///
    /// BEGIN travels with the first statement. The body runs on the connection's own thread, as in ``withConnection(_:)``. After a
    /// serialization failure or a deadlock **the whole body is run again** with a jittered pause, whatever it made of the error, so it
    /// must do nothing outside the database that can't be done twice. It is not run again after a COMMIT whose answer was lost: that
    /// throws `.commitUnknown`. A statement's failure dooms the transaction even if the body catches it: the failure is thrown instead
    /// of COMMIT being sent. A body that sends nothing costs no round trip.
    ///
    /// - Parameters:
    ///   - isolation: what it sees of other transactions
    ///   - readOnly: whether the server refuses writes (SQLSTATE 25006)
    ///   - retries: how often it is run again at most
    ///   - body: the transaction
    /// - Throws: what the body throws, or ``PostgresError``.
    @discardableResult
    public func transaction<Value: Sendable>(
        isolation: Isolation = .readCommitted,
        readOnly: Bool = false,
        retries: Int = 5,
        _ body: nonisolated(nonsending) @Sendable (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let begin = Statement(
            SQL(unescaped: "BEGIN ISOLATION LEVEL \(isolation.rawValue) \(readOnly ? "READ ONLY" : "READ WRITE")")
        )
        var conflicts = 0
        var restarts = 0
        while true {
            let connection = try await self.acquire()
            let attempt = try await connection.lend { connection in
                await connection.attempt(begin: begin, body)
            } release: { isUsable in
                self.release(connection, isUsable: isUsable)
            }
            switch attempt {
            case .none:
                // the connection had ended before anything was sent; it is dropped and cannot come again
                continue
            case .committed(let value):
                return value
            case .failed(let error):
                throw error
            case .unstarted(let error):
                restarts += 1
                guard restarts <= 1 else { throw error }
            case .conflicted(let error):
                conflicts += 1
                guard conflicts <= retries else { throw error }
                try await Self.pause(beforeRetry: conflicts)
            }
        }
    }

    /// 2–5 ms before the first retry, twice that before each further one, at most 160 ms.
    private static func pause(beforeRetry retry: Int) async throws {
        let longest = 5_000 << min(retry - 1, 5)
        try await Task.sleep(for: .microseconds(Int.random(in: (longest * 2 / 5)...longest)))
    }
}
