import EventLoops
import NIOPosix
import Testing

@testable import Postgres

/// Single statements of tasks that run on event loops: sent and read there, and given to the connection's own thread where there is
/// something to wait for.
@Suite struct LoopTests {
    /// Of `pg_stat_activity`: a session that sleeps under this name.
    private static func asleep(_ name: String) -> SQL {
        "query LIKE \("SELECT pg_sleep(60), '\(name)'%")::text AND state = 'active'"
    }

    @Test func aStatementIsAnsweredOnItsLoop() async throws {
        try await withLoops(poolSize: 1) { client, loops in
            let rows = try await loops.run(0) { try await client.query("SELECT \(7) AS n, \("ї")::text AS t") }
            #expect(try rows.only().get("n", as: Int.self) == 7)
            #expect(try rows.only().get("t", as: String.self) == "ї")
            let results = try await loops.run(0) { try await client.pipeline((1...20).map { "SELECT \($0) AS n" }) }
            #expect(try results.map { try $0.only().get("n", as: Int.self) } == Array(1...20))
            #expect(client.counts == (leased: 0, idle: 1, opening: 0, waiting: 0))
        }
    }

    @Test(arguments: [1, 3, 8]) func eachAsksForItsOwnAndGetsIt(poolSize: Int) async throws {
        try await withLoops(poolSize: poolSize) { client, loops in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<300 {
                    // A third of them has no loop.
                    let executor = number % 3 == 2 ? nil : loops.executors[number % 3]
                    group.addTask(executorPreference: executor) {
                        let found = try await client.query("SELECT \(number) AS n").only().get("n", as: Int.self)
                        #expect(found == number)
                        let sum = try await client.transaction { connection in
                            try await connection.query("SELECT \(number) + 1 AS n").only().get("n", as: Int.self)
                        }
                        #expect(sum == number + 1)
                    }
                }
                try await group.waitForAll()
            }
            #expect(client.counts.leased == 0 && client.counts.waiting == 0)
        }
    }

    @Test func moreThanALoopCanWatchIsAwaitedByThreads() async throws {
        try await withLoops(poolSize: 4, capacity: 1) { client, loops in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 1...4 {
                    group.addTask(executorPreference: loops.executors[0]) {
                        // long enough to run beside the others
                        try await client.query("SELECT pg_sleep(0.1), \(number) AS n").only().get("n", as: Int.self)
                    }
                }
                var found: Set<Int> = []
                for try await number in group { found.insert(number) }
                #expect(found == [1, 2, 3, 4])
            }
        }
    }

    @Test func aStatementOverItsTimeIsCancelledAndTheConnectionGoesOn() async throws {
        try await withLoops(poolSize: 1, statementTimeout: .seconds(1)) { client, loops in
            let pid = try await client.withConnection { await $0.backendPID }
            let error = await #expect(throws: PostgresError.self) {
                try await loops.run(0) { try await client.query("SELECT pg_sleep(20)") }
            }
            #expect(error?.code == .statementTimeout)
            #expect(try await loops.run(0) { try await client.query("SELECT 1") }.count == 1)
            #expect(try await client.withConnection { await $0.backendPID } == pid, "it is the same session")
        }
    }

    @Test func aCancelledTaskCancelsItsStatementOnTheServer() async throws {
        try await withLoops(poolSize: 2) { client, loops in
            let task = Task(executorPreference: loops.executors[0]) {
                try await client.query("SELECT pg_sleep(60), 'cancel on a loop'")
            }
            let asleep = Self.asleep("cancel on a loop")
            try await until(client, "SELECT count(*) = 1 FROM pg_stat_activity WHERE \(asleep)")
            task.cancel()
            let error = await #expect(throws: PostgresError.self) { try await task.value }
            #expect(error?.code == .cancelled && error?.sqlState == .queryCanceled)
            try await until(client, "SELECT count(*) = 0 FROM pg_stat_activity WHERE \(asleep)")
            #expect(try await loops.run(0) { try await client.query("SELECT 1") }.count == 1)
            #expect(client.counts.leased == 0)
        }
    }

    @Test func cancellationsAtAnyMomentLoseNoConnection() async throws {
        try await withLoops(poolSize: 2) { client, loops in
            for round in 0..<200 {
                let task = Task(executorPreference: loops.executors[round % 2]) {
                    try await client.query("SELECT pg_sleep(0.002), \(round) AS n").only().get("n", as: Int.self)
                }
                for _ in 0..<(round % 20) * 10 { await Task.yield() }
                task.cancel()
                switch await task.result {
                case .success(let number): #expect(number == round)
                case .failure(let error): #expect((error as? PostgresError)?.code == .cancelled)
                }
            }
            for number in 0..<4 {
                let rows = try await loops.run(number % 2) { try await client.query("SELECT \(number) AS n") }
                #expect(try rows.only().get("n", as: Int.self) == number, "no answer of a cancelled one is taken for another's")
            }
            #expect(client.counts.leased == 0)
        }
    }

    @Test func errorsOfTheStatementAreTheServersOwn() async throws {
        try await withLoops(poolSize: 1) { client, loops in
            let error = await #expect(throws: PostgresError.self) {
                try await loops.run(0) { try await client.query("SELECT nope FROM pg_class") }
            }
            #expect(error?.sqlState == .undefinedColumn)
            #expect(error?.file == "PostgresTests/LoopTests.swift")
            let rows = try await loops.run(0) { try await client.query("SELECT 1") }
            #expect(rows.count == 1)
        }
    }

    @Test func aStatementWhoseTableChangedIsPreparedAnew() async throws {
        try await withLoops(poolSize: 1) { client, loops in
            try await client.query("CREATE TABLE grows_on_loops (a int8)")
            let select: SQL = "SELECT * FROM grows_on_loops"
            #expect(try await loops.run(0) { try await client.query(select) }.columns == ["a"])
            try await client.query("ALTER TABLE grows_on_loops ADD b text")
            #expect(try await loops.run(0) { try await client.query(select) }.columns == ["a", "b"])
            try await client.query("DEALLOCATE ALL")
            #expect(try await loops.run(0) { try await client.query(select) }.columns == ["a", "b"])
        }
    }

    @Test func aTransactionLeftOpenIsRolledBack() async throws {
        try await withLoops(poolSize: 1) { client, loops in
            try await loops.run(0) { try await client.query("CREATE TABLE left_open_on_loops (a int8)") }
            try await loops.run(0) { _ = try await client.pipeline(["BEGIN", "INSERT INTO left_open_on_loops VALUES (1)"]) }
            #expect(try await loops.run(0) { try await client.query("SELECT * FROM left_open_on_loops") }.isEmpty)
        }
    }

    @Test func cancellingATransactionLeftOpenKeepsTheSession() async throws {
        try await withLoops(poolSize: 1) { client, loops in
            let pid = try await client.withConnection { await $0.backendPID }
            let task = Task(executorPreference: loops.executors[0]) {
                try await client.pipeline(["BEGIN", "SELECT pg_sleep(60), 'left open on a loop'"])
            }
            let other = PostgresClient(configuration: client.configuration, logger: testLogger)
            let asleep = Self.asleep("left open on a loop")
            try await until(other, "SELECT count(*) = 1 FROM pg_stat_activity WHERE \(asleep)")
            task.cancel()
            let error = await #expect(throws: PostgresError.self) { try await task.value }
            #expect(error?.code == .cancelled)
            #expect(try await client.withConnection { await $0.backendPID } == pid)
        }
    }

    @Test func whatTheSocketDoesNotTakeAtOnceIsSentByTheThread() async throws {
        try await withLoops(poolSize: 1) { client, loops in
            let text = String(repeating: "ї", count: 2_000_000)
            let rows = try await loops.run(0) { try await client.query("SELECT \(text)::text AS t") }
            #expect(try rows.only().get("t", as: String.self) == text)
        }
    }

    @Test func anAnswerMayComeInManyParts() async throws {
        try await withLoops(poolSize: 1) { client, loops in
            let rows = try await loops.run(0) {
                try await client.query("SELECT n, repeat('x', 1000) AS t FROM generate_series(1, 20000) AS n")
            }
            #expect(rows.count == 20_000)
            #expect(try rows.reduce(0) { try $0 + $1.get("n", as: Int.self) } == 20_000 * 20_001 / 2)
        }
    }

    @Test func aSessionThatEndsIsNoticed() async throws {
        try await withLoops(poolSize: 2) { client, loops in
            let task = Task(executorPreference: loops.executors[0]) {
                try await client.query("SELECT pg_sleep(60), 'ends on a loop'")
            }
            let asleep = Self.asleep("ends on a loop")
            try await until(client, "SELECT count(pg_terminate_backend(pid)) = 1 FROM pg_stat_activity WHERE \(asleep)")
            let error = await #expect(throws: PostgresError.self) { try await task.value }
            #expect(error?.code == .connectionLost)
            // An idle one that has ended is replaced, and nobody notices.
            let pid = try #require(try await client.withConnection { await $0.backendPID })
            let other = PostgresClient(configuration: client.configuration, logger: testLogger)
            // returns when the process is gone
            let ended = try await other.query("SELECT pg_terminate_backend(\(Int32(pid)), 20000)").only().get(0, as: Bool.self)
            #expect(ended)
            #expect(try await loops.run(0) { try await client.query("SELECT 1") }.count == 1)
        }
    }

    @Test func zeroBytesAreRefusedBeforeAnythingIsSent() async throws {
        try await withLoops(poolSize: 1) { client, loops in
            let error = await #expect(throws: PostgresError.self) {
                try await loops.run(0) { try await client.query("SELECT \("a\0b")::text") }
            }
            #expect(error?.code == .encoding)
        }
    }
}

/// Two event loops, as the server has them.
private struct Loops {
    let executors: [LoopExecutor]

    @discardableResult
    func run<Value: Sendable>(_ number: Int, _ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        try await Task(executorPreference: self.executors[number], operation: body).value
    }
}

/// Runs a client whose statements event loops carry out.
private func withLoops(
    poolSize: Int,
    capacity: Int = 8,
    statementTimeout: Duration = .seconds(60),
    _ body: (PostgresClient, Loops) async throws -> Void
) async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    let watchers = await SocketWatchers(group, capacity: capacity)
    #expect(watchers.isComplete)
    try await withClient(poolSize: poolSize, statementTimeout: statementTimeout, watchers: watchers) { client in
        try await body(client, Loops(executors: group.makeIterator().map { LoopExecutor($0) }))
    }
    try await group.shutdownGracefully()
}
