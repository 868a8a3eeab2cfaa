import EventLoops
import Logging
import Postgres
import Support
import Synchronization
import Testing

/// The database that suites share which only read, or make tables of their own names.
enum TestDatabase {
    private static let shared = Result { try PrivatePostgres.freshDatabase() }

    static func url() throws -> String { try self.shared.get() }
}

let testLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Runs a client for as long as the body takes.
func withClient<Value: Sendable>(
    _ configuration: PostgresConfiguration,
    watchers: SocketWatchers? = nil,
    _ body: (PostgresClient) async throws -> Value
) async throws -> Value {
    let client = PostgresClient(configuration: configuration, watchers: watchers, logger: testLogger)
    let service = Task { try await client.run() }
    do {
        let value = try await body(client)
        service.cancel()
        try await service.value
        return value
    } catch {
        service.cancel()
        throw error
    }
}

/// Runs a client of the shared database.
func withClient<Value: Sendable>(
    poolSize: Int = 4,
    statementTimeout: Duration = .seconds(60),
    watchers: SocketWatchers? = nil,
    _ body: (PostgresClient) async throws -> Value
) async throws -> Value {
    let url = try TestDatabase.url()
    return try await withClient(
        // generous, for a busy machine; what is about these times sets them
        PostgresConfiguration(
            url: url,
            poolSize: poolSize,
            acquireTimeout: .seconds(60),
            connectTimeout: .seconds(30),
            statementTimeout: statementTimeout
        ),
        watchers: watchers,
        body
    )
}

/// Somebody who has one of a client's connections until they are told to give it back.
struct Holder {
    private let done = Gate()
    private let task: Task<Void, any Error>

    /// Returns when they have it.
    init(_ client: PostgresClient) async {
        let held = Gate()
        self.task = Task { [done] in
            try await client.withConnection { _ in
                held.open()
                await done.wait()
            }
        }
        await held.wait()
    }

    /// Returns when it is given back.
    func release() async throws {
        self.done.open()
        try await self.task.value
    }
}

/// Lets tasks meet: whoever waits goes on when somebody opens it, now or earlier.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func open() {
        let waiters = self.state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters {
            waiter.resume()
        }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = self.state.withLock { state in
                if !state.isOpen {
                    state.waiters.append(continuation)
                }
                return state.isOpen
            }
            if isOpen {
                continuation.resume()
            }
        }
    }
}

/// A number that tasks add to.
final class Counter: Sendable {
    private let count = Mutex(0)

    var value: Int { self.count.withLock { $0 } }

    @discardableResult
    func add() -> Int {
        self.count.withLock { count in
            count += 1
            return count
        }
    }
}

/// A value that one task sets and another reads.
final class Box<Value: Sendable>: Sendable {
    private let content = Mutex<Value?>(nil)

    var value: Value? { self.content.withLock { $0 } }

    func set(_ value: Value) {
        self.content.withLock { $0 = value }
    }
}

/// Waits until a query on another connection answers true; the server is the only one who knows.
func until(_ client: PostgresClient, _ condition: SQL) async throws {
    let deadline = ContinuousClock.now + .seconds(20)
    while !(try await client.query(condition).only().get(0, as: Bool.self)) {
        try #require(ContinuousClock.now < deadline, "it never came true: \(condition.text)")
        try await Task.sleep(for: .milliseconds(5))
    }
}
