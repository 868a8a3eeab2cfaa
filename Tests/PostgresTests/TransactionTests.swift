import Support
import Synchronization
import Testing

@testable import Postgres

@Suite struct TransactionTests {
    private struct Refusal: Error {}

    @Test func itIsCommittedWhenTheBodyReturnsAndRolledBackWhenItThrows() async throws {
        try await withClient { client in
            try await client.query("CREATE TABLE kept (a int8)")
            let answer = try await client.transaction { connection in
                try await connection.query("INSERT INTO kept VALUES (\(1))")
                return "done"
            }
            #expect(answer == "done")
            await #expect(throws: Refusal.self) {
                try await client.transaction { connection in
                    try await connection.query("INSERT INTO kept VALUES (\(2))")
                    throw Refusal()
                }
            }
            #expect(try await client.query("SELECT a FROM kept").map { try $0.get("a", as: Int.self) } == [1])
        }
    }

    @Test func portionsOfStatementsWithOtherColumnsFollowEachOtherOnOneConnection() async throws {
        try await withClient { client in
            for _ in 0..<2 {
                try await client.transaction(isolation: .repeatableRead, readOnly: true) { connection in
                    let numbers = Mutex<[Int]>([])
                    try await connection.portions(of: "SELECT n FROM generate_series(1, 5) AS n", size: 2) { rows in
                        let more = try rows.map { try $0.get("n", as: Int.self) }
                        numbers.withLock { $0 += more }
                    }
                    #expect(numbers.withLock { $0 } == [1, 2, 3, 4, 5])
                    let texts = Mutex<[String]>([])
                    try await connection.portions(of: "SELECT 'a' AS a, 'b' || n AS b FROM generate_series(1, 3) AS n", size: 2) {
                        let more = try $0.map { try $0.get("b", as: String.self) }
                        texts.withLock { $0 += more }
                    }
                    #expect(texts.withLock { $0 } == ["b1", "b2", "b3"])
                }
            }
        }
    }

    @Test func aFullCacheOfStatementsIsNoObstacleToAnIsolationLevel() async throws {
        try await withClient { client in
            for round in 0..<3 {
                // More than a connection keeps: each is another statement.
                for number in 0..<300 { try await client.query(SQL(unescaped: "SELECT \(number) AS n\(round)")) }
                let level = try await client.transaction(isolation: .repeatableRead, readOnly: round == 1) { connection in
                    try await connection.query("SELECT current_setting('transaction_isolation') AS level").only()
                        .get("level", as: String.self)
                }
                #expect(level == "repeatable read")
            }
        }
    }

    @Test func aFailureTheBodySwallowsStillDoomsIt() async throws {
        try await withClient { client in
            try await client.query("CREATE TABLE doomed (a int8 PRIMARY KEY)")
            let error = await #expect(throws: PostgresError.self) {
                try await client.transaction { connection in
                    try await connection.query("INSERT INTO doomed VALUES (\(1))")
                    _ = try? await connection.query("INSERT INTO doomed VALUES (\(1))")
                }
            }
            #expect(error?.sqlState == .uniqueViolation)
            #expect(try await client.query("SELECT * FROM doomed").isEmpty)
        }
    }

    @Test func beginTravelsWithTheFirstStatementAndCommitWithTheLast() async throws {
        let proxy = try Proxy(to: ConnectionTests.port(of: TestDatabase.url()))
        defer { proxy.stop() }
        let url = try ConnectionTests.url(TestDatabase.url(), port: proxy.port)
        try await withClient(PostgresConfiguration(url: url, poolSize: 1)) { client in
            try await client.query("CREATE TABLE trips (a int8)")
            func trips(_ body: () async throws -> Void) async throws -> Int {
                let before = proxy.bursts
                try await body()
                return proxy.bursts - before
            }
            let three = try await trips {
                try await client.transaction { connection in
                    for number in 0..<3 {
                        try await connection.query("INSERT INTO trips VALUES (\(number))")
                    }
                }
            }
            #expect(three == 4, "BEGIN with the first, two more, COMMIT")
            let two = try await trips {
                try await client.transaction { connection in
                    let count = try await connection.query("SELECT count(*) AS n FROM trips").only().get("n", as: Int.self)
                    try await connection.commit(after: (0..<count).map { "INSERT INTO trips VALUES (\($0))" })
                }
            }
            #expect(two == 2, "BEGIN with the first, the rest with COMMIT")
            let one = try await trips {
                _ = try await client.transaction { try await $0.commit(after: ["INSERT INTO trips VALUES (\(1))"]) }
            }
            #expect(one == 1)
            let none = try await trips { try await client.transaction { _ in } }
            #expect(none == 0)
            #expect(try await client.query("SELECT * FROM trips").count == 7)
        }
    }

    @Test func afterAnEarlyCommitNothingMoreIsSent() async throws {
        try await withClient { client in
            try await client.query("CREATE TABLE early (a int8)")
            let error = await #expect(throws: PostgresError.self) {
                try await client.transaction { connection in
                    try await connection.commit(after: ["INSERT INTO early VALUES (1)"])
                    try await connection.query("INSERT INTO early VALUES (2)")
                }
            }
            #expect(error?.code == .transactionEnded)
            #expect(error?.isUnavailable == false)
            #expect(try await client.query("SELECT * FROM early").count == 1)
            let outside = await #expect(throws: PostgresError.self) {
                try await client.withConnection { try await $0.commit(after: []) }
            }
            #expect(outside?.code == .transactionEnded)
        }
    }

    @Test func aFailureBeforeAnEarlyCommitCommitsNothing() async throws {
        try await withClient { client in
            try await client.query("CREATE TABLE early_failure (a int8 PRIMARY KEY)")
            let error = await #expect(throws: PostgresError.self) {
                try await client.transaction { connection in
                    try await connection.commit(after: [
                        "INSERT INTO early_failure VALUES (1)", "INSERT INTO early_failure VALUES (1)",
                    ])
                }
            }
            #expect(error?.sqlState == .uniqueViolation)
            #expect(try await client.query("SELECT * FROM early_failure").isEmpty)
            #expect(client.counts.idle > 0, "the connection is kept")
        }
    }

    @Test func aConstraintThatIsCheckedAtCommitIsAnError() async throws {
        try await withClient { client in
            try await client.query("CREATE TABLE late (a int8 UNIQUE DEFERRABLE INITIALLY DEFERRED)")
            let error = await #expect(throws: PostgresError.self) {
                try await client.transaction { try await $0.query("INSERT INTO late VALUES (1), (1)") }
            }
            #expect(error?.sqlState == .uniqueViolation)
            #expect(try await client.query("SELECT * FROM late").isEmpty)
        }
    }

    @Test func isolationAndReadOnlyAreAsAsked() async throws {
        try await withClient { client in
            for isolation in [Isolation.readCommitted, .repeatableRead, .serializable] {
                let shown = try await client.transaction(isolation: isolation, readOnly: true) { connection in
                    try await connection.query("SELECT current_setting('transaction_isolation') AS i").only().get(
                        "i",
                        as: String.self
                    )
                }
                #expect(shown == isolation.rawValue.lowercased())
            }
            let error = await #expect(throws: PostgresError.self) {
                try await client.transaction(readOnly: true) { try await $0.query("CREATE TABLE forbidden (a int)") }
            }
            #expect(error?.sqlState == .readOnlySQLTransaction)
        }
    }

    /// Two transactions read both rows and each writes one: under serializable isolation one of them must fail, and is run again.
    @Test func aSerializationFailureRunsTheWholeBodyAgain() async throws {
        try await withClient { client in
            try await client.query("CREATE TABLE doctors (name text, on_call bool)")
            try await client.query("INSERT INTO doctors VALUES ('a', true), ('b', true)")
            let runs = Counter()
            let gates = ["a": Gate(), "b": Gate()]
            let refused = try await withThrowingTaskGroup(of: Bool.self) { group in
                for (name, other) in [("a", "b"), ("b", "a")] {
                    group.addTask {
                        do {
                            try await client.transaction(isolation: .serializable) { connection in
                                runs.add()
                                let count = try await connection.query("SELECT count(*) AS n FROM doctors WHERE on_call").only()
                                    .get("n", as: Int.self)
                                gates[name]?.open()
                                await gates[other]?.wait()
                                guard count > 1 else { throw Refusal() }
                                try await connection.query("UPDATE doctors SET on_call = false WHERE name = \(name)")
                            }
                            return false
                        } catch is Refusal {
                            return true
                        }
                    }
                }
                return try await group.reduce(into: [Bool]()) { $0.append($1) }
            }
            #expect(refused.sorted { !$0 && $1 } == [false, true], "the second run sees what the other committed")
            #expect(runs.value == 3)
            #expect(try await client.query("SELECT * FROM doctors WHERE on_call").count == 1)
        }
    }

    @Test func aConflictIsRetriedWhateverTheBodyMakesOfIt() async throws {
        try await withClient { client in
            let runs = Counter()
            let value = try await client.transaction { connection in
                if runs.add() < 3 {
                    do {
                        try await connection.query("DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END $$")
                    } catch {
                        throw Refusal()
                    }
                }
                return try await connection.query("SELECT 1 AS n").only().get("n", as: Int.self)
            }
            #expect(value == 1 && runs.value == 3)
        }
    }

    @Test func retriesEnd() async throws {
        try await withClient { client in
            let runs = Counter()
            let error = await #expect(throws: PostgresError.self) {
                try await client.transaction(retries: 2) { connection in
                    runs.add()
                    try await connection.query("DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END $$")
                }
            }
            #expect(error?.sqlState == .serializationFailure && error?.isRetryable == true)
            #expect(runs.value == 3)
        }
    }

    @Test func aDeadlockRunsTheWholeBodyAgain() async throws {
        try await withClient { client in
            try await client.query("CREATE TABLE locks (id int8 PRIMARY KEY, n int8 DEFAULT 0)")
            try await client.query("INSERT INTO locks VALUES (1), (2)")
            let runs = Counter()
            let gates = [1: Gate(), 2: Gate()]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (first, second) in [(1, 2), (2, 1)] {
                    group.addTask {
                        try await client.transaction { connection in
                            runs.add()
                            try await connection.query("UPDATE locks SET n = n + 1 WHERE id = \(first)")
                            gates[first]?.open()
                            await gates[second]?.wait()
                            try await connection.query("UPDATE locks SET n = n + 1 WHERE id = \(second)")
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(runs.value == 3)
            #expect(try await client.query("SELECT n FROM locks").map { try $0.get("n", as: Int.self) } == [2, 2])
        }
    }

    @Test(arguments: [false, true])
    func aCommitWhoseAnswerIsLostIsNeverRepeated(_ isEarly: Bool) async throws {
        let proxy = try Proxy(to: ConnectionTests.port(of: TestDatabase.url()))
        defer { proxy.stop() }
        let url = try ConnectionTests.url(TestDatabase.url(), port: proxy.port)
        try await withClient { direct in
            let table = SQL(unescaped: "lost_\(isEarly)")
            try await direct.query("CREATE TABLE \(table) (a int8)")
            try await withClient(PostgresConfiguration(url: url, poolSize: 1)) { client in
                try await client.ping()
                proxy.set(.loseAnswer(to: "COMMIT\0"))
                let runs = Counter()
                let error = await #expect(throws: PostgresError.self) {
                    try await client.transaction { connection in
                        runs.add()
                        let insert: SQL = "INSERT INTO \(table) VALUES (1)"
                        if isEarly {
                            try await connection.commit(after: [insert])
                        } else {
                            try await connection.query(insert)
                        }
                    }
                }
                #expect(error?.code == .commitUnknown)
                #expect(error?.isUnavailable == false && error?.isRetryable == false)
                #expect(runs.value == 1)
                proxy.set(.forward)
                try await client.ping()
            }
            #expect(try await direct.query("SELECT * FROM \(table)").count == 1, "it was committed, and once")
        }
    }

    @Test func aStatementWhoseAnswerIsLostIsNotRepeated() async throws {
        let proxy = try Proxy(to: ConnectionTests.port(of: TestDatabase.url()))
        defer { proxy.stop() }
        let url = try ConnectionTests.url(TestDatabase.url(), port: proxy.port)
        try await withClient { direct in
            try await direct.query("CREATE TABLE lost_statement (a int8)")
            try await withClient(PostgresConfiguration(url: url, poolSize: 1)) { client in
                try await client.ping()
                proxy.set(.loseAnswer(to: "lost_statement"))
                let error = await #expect(throws: PostgresError.self) {
                    try await client.query("INSERT INTO lost_statement VALUES (1)")
                }
                #expect(error?.code == .connectionLost && error?.isUnavailable == true)
            }
            #expect(try await direct.query("SELECT * FROM lost_statement").count == 1)
        }
    }

    @Test func aTransactionWhoseFirstStatementMeetsABrokenConnectionBeginsAnew() async throws {
        let proxy = try Proxy(to: ConnectionTests.port(of: TestDatabase.url()))
        defer { proxy.stop() }
        let url = try ConnectionTests.url(TestDatabase.url(), port: proxy.port)
        try await withClient(PostgresConfiguration(url: url, poolSize: 1)) { client in
            try await client.query("CREATE TABLE begun_anew (a int8)")
            proxy.set(.loseAnswer(to: "begun_anew"))
            let runs = Counter()
            try await client.transaction { connection in
                if runs.add() == 2 {
                    proxy.set(.forward)
                }
                try await connection.query("INSERT INTO begun_anew VALUES (1)")
            }
            #expect(runs.value == 2)
            #expect(try await client.query("SELECT * FROM begun_anew").count == 1)
        }
    }

    @Test func aCancelledTaskCommitsNothing() async throws {
        try await withClient { client in
            try await client.query("CREATE TABLE cancelled_body (a int8)")
            let inserted = Gate()
            let goOn = Gate()
            let task = Task {
                try await client.transaction { connection in
                    try await connection.query("INSERT INTO cancelled_body VALUES (1)")
                    inserted.open()
                    await goOn.wait()
                }
            }
            await inserted.wait()
            task.cancel()
            goOn.open()
            let error = await #expect(throws: PostgresError.self) { try await task.value }
            #expect(error?.code == .cancelled)
            #expect(try await client.query("SELECT * FROM cancelled_body").isEmpty)
            let counts = client.counts
            #expect(counts.leased == 0 && counts.idle > 0, "the connection is kept")
        }
    }
}
