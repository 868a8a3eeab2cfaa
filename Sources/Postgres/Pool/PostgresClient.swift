public import EventLoops
public import Logging
public import ServiceLifecycle
import Synchronization

/// A pool of connections to one database.
///
/// Connections are made when they are needed, up to the configured number. A request that finds all of them busy waits its turn, never
/// longer than `acquireTimeout`: first come first served, but that one of the event loop that gives a connection back may overtake
/// those who came up to 10 ms before it.
///
/// **When the server restarts**: a connection that has ended is noticed before anything is sent on it, dropped, and another one is made;
/// the caller notices nothing. A transaction whose very first statement meets a broken connection is begun anew, once. A statement
/// outside a transaction that was sent and got no answer fails with `.connectionLost` and is never sent again: it may have been done.
/// While the server can't be reached, requests fail at once with `.connectionFailed`, and one attempt at a time is made after a pause
/// that grows from 0.1 s to 2 s.
public final class PostgresClient: Service, Sendable {
    typealias Waiter = @Sendable (Result<PostgresConnection, PostgresError>) -> Void
    typealias Machine = PoolStateMachine<PostgresConnection, Waiter, PostgresError>

    let configuration: PostgresConfiguration
    let watchers: SocketWatchers?
    private let logger: Logger
    private let machine: Mutex<Machine>
    private let nextWaiter = Atomic<UInt64>(0)
    /// Runs while somebody waits, and up to `acquireTimeout` longer.
    private let timer = Mutex<Task<Void, Never>?>(nil)
    /// Ends when the last connection has been closed after the shutdown.
    private let drained: AsyncStream<Never>
    private let drain: AsyncStream<Never>.Continuation

    /// A client that connects when it is first asked something.
    ///
    /// - Parameters:
    ///   - configuration: where the server is, and how long things may take
    ///   - watchers: of the event loops on which tasks ask; single statements are then sent and read there, and no thread is
    ///     woken for them
    ///   - logger: for outages
    public init(configuration: PostgresConfiguration, watchers: SocketWatchers? = nil, logger: Logger) {
        self.configuration = configuration
        self.watchers = watchers
        self.logger = logger
        self.machine = Mutex(Machine(limit: configuration.poolSize))
        (self.drained, self.drain) = AsyncStream.makeStream(of: Never.self)
    }

    deinit {
        self.timer.withLock { $0?.cancel() }
    }

    /// Stays until the application stops; then lends no more connections, waits for those in use and closes them all.
    ///
    /// When its task is cancelled it doesn't wait: connections in use are closed when they come back.
    public func run() async throws {
        // throws only when cancelled
        try? await gracefulShutdown()
        self.shutDown()
        for await _ in self.drained {}
    }

    /// Runs one statement on any connection, as a transaction of its own.
    ///
    /// - Throws: ``PostgresError``, as ``PostgresConnection/query(_:file:line:)`` and ``withConnection(_:)`` do.
    @discardableResult
    public func query(_ sql: SQL, file: String = #fileID, line: Int = #line) async throws(PostgresError) -> PostgresRows {
        do {
            return try await self.run([Statement(sql)])[0]
        } catch {
            throw error.at(file, line)
        }
    }

    /// Runs several statements on any connection, in one round trip and as a transaction of their own.
    ///
    /// - Returns: one result for each statement, in order
    /// - Throws: ``PostgresError``, as ``PostgresConnection/pipeline(_:file:line:)`` and ``withConnection(_:)`` do.
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

    /// Lends a connection for as long as the body runs. The body runs on the connection's own thread, so that its statements cost no
    /// switch of threads: it must not block or compute for long.
    ///
    /// - Throws: what the body throws; ``PostgresError`` `.poolTimeout`, `.connectionFailed`, `.cancelled` or `.closed` when there was
    ///   no connection.
    @discardableResult
    public func withConnection<Value: Sendable>(
        _ body: nonisolated(nonsending) @Sendable (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        while true {
            let connection = try await self.acquire()
            let value = try await connection.lend(body) { isUsable in
                self.release(connection, isUsable: isUsable)
            }
            if let value {
                return value
            }
        }
    }

    /// Whether the last attempt to connect succeeded, or none was made yet.
    public var isReachable: Bool {
        self.machine.withLock { $0.isReachable }
    }

    /// Connections in use, ready and being opened, and requests that wait for one; for metrics.
    public var counts: (leased: Int, idle: Int, opening: Int, waiting: Int) {
        self.machine.withLock { $0.counts }
    }

    /// Asks the server for an answer.
    /// - Throws: ``PostgresError`` when none comes.
    public func ping() async throws(PostgresError) {
        try await self.query("SELECT 1")
    }

    // MARK: the pool

    /// Takes a connection, or waits for one.
    func acquire() async throws(PostgresError) -> PostgresConnection {
        switch self.machine.withLock({ $0.lease(now: SystemClock.monotonicNanoseconds()) }) {
        case .use(let connection): return connection
        case .refuse(let refusal): throw self.error(refusal)
        case .wait: break
        }
        let id = self.newWaiterID()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                self.lease(id, lane: nil, isCancelled: { Task.isCancelled }) { continuation.resume(returning: $0) }
            }
        } onCancel: {
            self.stopWaiting(id)
        }
        return try result.get()
    }

    /// The number of somebody who is about to want a connection.
    func newWaiterID() -> UInt64 { self.nextWaiter.wrappingAdd(1, ordering: .relaxed).newValue }

    /// Gives a connection to a waiter, at once or when its turn has come; or the reason why there is none for it.
    ///
    /// - Parameters:
    ///   - id: for ``stopWaiting(_:)``
    ///   - lane: the number of the event loop that wants it
    ///   - isCancelled: whether the task was cancelled; true before ``stopWaiting(_:)`` is called, which finds nobody who has not
    ///     begun to wait yet
    ///   - waiter: called once, here or on whatever thread gives a connection back
    func lease(_ id: UInt64, lane: Int?, isCancelled: () -> Bool, to waiter: @escaping Waiter) {
        let now = SystemClock.monotonicNanoseconds()
        let (latest, isEndless) = now.addingReportingOverflow(self.configuration.acquireTimeout.clampedNanoseconds)
        let deadline = isEndless ? .max : latest
        let action: Machine.WaitAction? = self.machine.withLock { machine in
            isCancelled() ? nil : machine.wait(waiter, id: id, lane: lane, deadline: deadline, now: now)
        }
        switch action {
        case nil:
            waiter(.failure(PostgresError(.cancelled, "the task was cancelled before it had a connection")))
        case .use(let connection):
            waiter(.success(connection))
        case .refuse(let refusal):
            waiter(.failure(self.error(refusal)))
        case .wait(let count, let timer):
            if let timer {
                self.startTimer(at: timer)
            }
            self.open(count)
        }
    }

    /// Refuses all whose time is over, for as long as anybody waits.
    private func startTimer(at first: UInt64) {
        // holds no client that is no longer wanted
        let timer = Task.detached { [weak self] in
            var next = Optional(first)
            while let time = next {
                let now = SystemClock.monotonicNanoseconds()
                if now < time {
                    // a cancelled sleep: the client has ended
                    guard (try? await Task.sleep(for: .nanoseconds(Int64(clamping: time - now)))) != nil else { return }
                }
                next = self?.refuseExpired()
            }
        }
        self.timer.withLock { $0 = timer }
    }

    /// - Returns: when to look again, if anybody still waits
    private func refuseExpired() -> UInt64? {
        let now = SystemClock.monotonicNanoseconds()
        let (counts, action) = self.machine.withLock { machine in
            let counts = machine.counts
            return (counts, machine.expire(now: now))
        }
        if !action.refuse.isEmpty {
            let error = PostgresError(
                .poolTimeout,
                "no connection became free within \(self.configuration.acquireTimeout) "
                    + "(\(counts.leased) of \(self.configuration.poolSize) in use, \(counts.waiting) requests waiting)"
            )
            self.refuse(action.refuse, error)
        }
        return action.timer
    }

    /// The waiter's task was cancelled.
    func stopWaiting(_ id: UInt64) {
        switch self.machine.withLock({ $0.stopWaiting(id) }) {
        case .resume(let waiter):
            waiter(.failure(PostgresError(.cancelled, "the task was cancelled while it waited for a connection")))
        case .doNothing: break
        }
    }

    /// Takes a connection back.
    /// - Parameter lane: the number of the event loop that had it
    func release(_ connection: PostgresConnection, isUsable: Bool, lane: Int? = nil) {
        let now = SystemClock.monotonicNanoseconds()
        switch self.machine.withLock({ $0.release(connection, isUsable: isUsable, lane: lane, now: now) }) {
        case .doNothing:
            break
        case .hand(let connection, let waiter):
            waiter(.success(connection))
        case .close(let connection):
            self.close([connection])
        case .closeAndOpen(let connection, let count):
            self.close([connection])
            self.open(count)
        case .closeAndRefuse(let connection, let waiters, let failure):
            self.close([connection])
            self.refuse(waiters, self.error(.unreachable(failure)))
        case .closeAndFinish(let connection):
            self.close([connection])
            self.drain.finish()
        }
    }

    /// Makes connections, each in a task of its own: whoever waits for one may be served otherwise or give up.
    private func open(_ count: Int) {
        for _ in 0..<count {
            Task.detached {
                do throws(PostgresError) {
                    self.opened(try await PostgresConnection.open(self.configuration))
                } catch {
                    self.openFailed(error)
                }
            }
        }
    }

    private func opened(_ connection: PostgresConnection) {
        let now = SystemClock.monotonicNanoseconds()
        let (action, wasReachable) = self.machine.withLock { machine in
            let wasReachable = machine.isReachable
            return (machine.opened(connection, now: now), wasReachable)
        }
        if !wasReachable {
            self.logger.notice("PostgreSQL can be reached again")
        }
        switch action {
        case .doNothing:
            break
        case .hand(let connection, let waiter, let count):
            waiter(.success(connection))
            self.open(count)
        case .close(let connection):
            self.close([connection])
        case .closeAndFinish(let connection):
            self.close([connection])
            self.drain.finish()
        }
    }

    private func openFailed(_ failure: PostgresError) {
        let now = SystemClock.monotonicNanoseconds()
        let jitter = Double.random(in: 0..<1)
        let (action, wasReachable) = self.machine.withLock { machine in
            let wasReachable = machine.isReachable
            return (machine.openFailed(failure, now: now, jitter: jitter), wasReachable)
        }
        if wasReachable {
            self.logger.warning("PostgreSQL can't be reached", metadata: ["reason": "\(failure)"])
        }
        switch action {
        case .doNothing: break
        case .refuse(let waiters, let failure): self.refuse(waiters, failure)
        case .finish: self.drain.finish()
        }
    }

    private func refuse(_ waiters: [Waiter], _ error: PostgresError) {
        for waiter in waiters {
            waiter(.failure(error))
        }
    }

    private func close(_ connections: [PostgresConnection]) {
        guard !connections.isEmpty else { return }
        // on the connections' own threads
        Task.detached {
            for connection in connections {
                await connection.close()
            }
        }
    }

    private func shutDown() {
        let action = self.machine.withLock { $0.shutDown() }
        self.timer.withLock { $0?.cancel() }
        switch action {
        case .doNothing:
            break
        case .close(let connections, let waiters):
            self.close(connections)
            self.refuse(waiters, self.error(.closed))
        case .closeAndFinish(let connections, let waiters):
            self.close(connections)
            self.refuse(waiters, self.error(.closed))
            self.drain.finish()
        }
    }

    private func error(_ refusal: Machine.Refusal) -> PostgresError {
        switch refusal {
        case .closed: PostgresError(.closed, "the database client has been stopped")
        case .unreachable(let failure): failure
        }
    }
}
