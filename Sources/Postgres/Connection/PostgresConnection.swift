/// One session with the server.
///
/// An actor on a thread of its own: its statements run one after the other, and while one runs the thread waits for it, never an
/// event loop. A loop that has been lent it sends and reads, and does not wait. Get one from ``PostgresClient/withConnection(_:)`` or
/// ``PostgresClient/transaction(isolation:readOnly:retries:_:)``; it must not be kept beyond the body.
public actor PostgresConnection {
    /// Where the connection stands in a transaction begun by ``PostgresClient/transaction(isolation:readOnly:retries:_:)``.
    enum Transaction {
        case none
        /// BEGIN goes out together with the first statement.
        case beginning(Statement)
        case open(OpenTransaction)
        /// COMMIT was answered; nothing more may be sent.
        case committed
    }

    /// A transaction of which something was sent.
    struct OpenTransaction {
        /// Why it can no longer be committed.
        var failure: PostgresError?
        /// Whether a statement of it was answered.
        var hasAnswer = false
        /// Whether it failed for a reason of the connection's own (a stale plan) and can be run again at once.
        var hasStalePlan = false
    }

    let thread: ConnectionThread
    let interrupt: Interrupt
    let configuration: PostgresConfiguration
    let connectionString: ConnectionString
    /// nil before it is connected and after it has ended.
    var link: LibPQConnection?
    var cache = StatementCache(limit: 256)
    var transaction = Transaction.none
    /// What an event loop has begun here.
    var underway: Underway?

    /// The connection's own thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe self.thread.asUnownedSerialExecutor()
    }

    private init(_ configuration: PostgresConfiguration) throws(PostgresError) {
        self.connectionString = try ConnectionString(configuration)
        self.configuration = configuration
        self.thread = try ConnectionThread()
        self.interrupt = Interrupt(wakeUp: self.thread.wakeUp)
    }

    deinit {
        self.thread.stop()
    }

    /// Makes a connection.
    /// - Throws: ``PostgresError`` with code `.connectionFailed`.
    static func open(_ configuration: PostgresConfiguration) async throws(PostgresError) -> PostgresConnection {
        let connection = try PostgresConnection(configuration)
        try await connection.connect()
        return connection
    }

    /// Ends the session. Statements sent afterwards fail with `.closed`.
    func close() {
        self.thread.preconditionCurrent()
        self.link = nil
    }

    /// Runs one statement; with it goes BEGIN if it is its transaction's first.
    ///
    /// - Throws: ``PostgresError``: `.sqlState` when the server refuses it, `.statementTimeout`, `.cancelled` when the task is
    ///   cancelled, `.connectionLost`, `.encoding` for a parameter that can't be sent.
    @discardableResult
    public func query(_ sql: SQL, file: String = #fileID, line: Int = #line) async throws(PostgresError) -> PostgresRows {
        do {
            return try await self.run([Statement(sql)])[0]
        } catch {
            throw error.at(file, line)
        }
    }

    /// Runs several statements in one round trip. When one fails those after it are not run, and outside a transaction those before it
    /// are undone: the statements of a pipeline are a transaction of their own. The statement timeout is for all of them together.
    ///
    /// - Returns: one result for each statement, in order
    /// - Throws: ``PostgresError`` of the first statement that failed, as ``query(_:file:line:)`` does.
    @discardableResult
    public func pipeline(
        _ statements: [SQL],
        file: String = #fileID,
        line: Int = #line
    ) async throws(PostgresError) -> [PostgresRows] {
        guard !statements.isEmpty else { return [] }
        do {
            return try await self.run(statements.map { Statement($0) })
        } catch {
            throw error.at(file, line)
        }
    }

    /// Runs a transaction's last statements and its COMMIT in one round trip, so that what they lock is held no longer than it takes
    /// the server. Nothing may be sent in the transaction afterwards.
    ///
    /// - Throws: ``PostgresError`` of the first statement that failed: the transaction is then not committed. `.commitUnknown` when
    ///   the answer was lost.
    @discardableResult
    public func commit(
        after statements: [SQL],
        file: String = #fileID,
        line: Int = #line
    ) async throws(PostgresError) -> [PostgresRows] {
        do {
            return try self.commit(statements.map { Statement($0) }, isCancelled: Task.isCancelled)
        } catch {
            throw error.at(file, line)
        }
    }

    /// Asks the server to cancel the statement that runs, if one does; it then fails with `.cancelled`. A COMMIT is not cancelled.
    public nonisolated func cancel() {
        self.interrupt.fire()
    }

    /// The server process of this session, as `pg_stat_activity` shows it; nil once the session has ended.
    public var backendPID: Int32? { self.link?.backendPID }

    /// Whether the session speaks TLS.
    public var usesTLS: Bool { self.link?.usesTLS ?? false }

    /// Runs statements so that cancelling the task cancels them.
    func run(_ statements: [Statement]) async throws(PostgresError) -> [PostgresRows] {
        try await self.cancellable { () throws(PostgresError) in try self.perform(statements) }
    }

    /// Runs something on this thread so that cancelling the task cancels the statement that runs.
    func cancellable<Value: Sendable>(_ body: () throws(PostgresError) -> Value) async throws(PostgresError) -> Value {
        guard !Task.isCancelled else { throw PostgresError(.cancelled, "the task was cancelled before the statement was sent") }
        let ticket = self.interrupt.arm()
        defer { self.interrupt.disarm() }
        let interrupt = self.interrupt
        let result = await withTaskCancellationHandler {
            // through self: a closure that doesn't name the actor would be run elsewhere
            self.result(of: body)
        } onCancel: {
            interrupt.fire(ticket)
        }
        return try result.get()
    }

    private func result<Value>(of body: () throws(PostgresError) -> Value) -> Result<Value, PostgresError> {
        Result(catching: body)
    }
}
