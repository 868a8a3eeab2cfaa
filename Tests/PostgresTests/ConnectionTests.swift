import Foundation
import Support
import Testing

@testable import Postgres

@Suite struct ConnectionTests {
    @Test func aStatementOverItsTimeIsCancelledAndTheConnectionGoesOn() async throws {
        try await withClient(poolSize: 1, statementTimeout: .seconds(1)) { client in
            let pid = try await client.withConnection { await $0.backendPID }
            let start = ContinuousClock.now
            let error = await #expect(throws: PostgresError.self) { try await client.query("SELECT pg_sleep(20)") }
            #expect(error?.code == .statementTimeout)
            #expect(error?.message == "the statement took longer than 1.0 seconds and was cancelled")
            #expect(error?.file == "PostgresTests/ConnectionTests.swift")
            #expect(ContinuousClock.now - start < .seconds(10))
            #expect(try await client.query("SELECT 1 AS one").only().get("one", as: Int.self) == 1)
            #expect(try await client.withConnection { await $0.backendPID } == pid, "it is the same session")
        }
    }

    @Test func aCancelledTaskCancelsItsStatementOnTheServer() async throws {
        try await withClient(poolSize: 2) { client in
            let task = Task { try await client.query("SELECT pg_sleep(60), 'cancel me'") }
            try await until(
                client,
                "SELECT count(*) = 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(60), ''cancel me''%'"
            )
            task.cancel()
            let error = await #expect(throws: PostgresError.self) { try await task.value }
            #expect(error?.code == .cancelled)
            #expect(error?.sqlState == .queryCanceled)
            try await until(
                client,
                "SELECT count(*) = 0 FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep(60), ''cancel me''%'"
            )
            #expect(client.counts.leased == 0)
        }
    }

    @Test func aTaskThatIsCancelledAlreadySendsNothing() async throws {
        try await withClient { client in
            try await client.query("CREATE TABLE never_filled (a int)")
            let gate = Gate()
            let task = Task {
                await gate.wait()
                try await client.query("INSERT INTO never_filled VALUES (1)")
            }
            task.cancel()
            gate.open()
            let error = await #expect(throws: PostgresError.self) { try await task.value }
            #expect(error?.code == .cancelled)
            #expect(try await client.query("SELECT * FROM never_filled").isEmpty)
        }
    }

    @Test func cancelStopsWhatRuns() async throws {
        try await withClient(poolSize: 2) { client in
            let held = Box<PostgresConnection>()
            let task = Task {
                try await client.withConnection { connection in
                    held.set(connection)
                    return try await connection.query("SELECT pg_sleep(60), 'cancel this'")
                }
            }
            try await until(
                client,
                "SELECT count(*) = 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(60), ''cancel this''%'"
            )
            held.value?.cancel()
            let error = await #expect(throws: PostgresError.self) { try await task.value }
            #expect(error?.code == .cancelled)
        }
    }

    @Test func aPipelineAnswersInOrderInOneRoundTrip() async throws {
        let proxy = try self.proxy()
        defer { proxy.stop() }
        try await withClient(try self.configuration(proxy)) { client in
            try await client.query("SELECT 1")
            let before = proxy.bursts
            let results = try await client.withConnection { connection in
                try await connection.pipeline((1...20).map { "SELECT \($0) AS n" })
            }
            #expect(try results.map { try $0.only().get("n", as: Int.self) } == Array(1...20))
            #expect(proxy.bursts - before == 1)
        }
    }

    @Test func anErrorInAPipelineUndoesItAll() async throws {
        try await withClient { client in
            try await client.query("CREATE TABLE piped (a int8 PRIMARY KEY)")
            let error = await #expect(throws: PostgresError.self) {
                try await client.withConnection { connection in
                    try await connection.pipeline([
                        "INSERT INTO piped VALUES (1)", "INSERT INTO piped VALUES (1)", "INSERT INTO piped VALUES (2)",
                    ])
                }
            }
            #expect(error?.sqlState == .uniqueViolation)
            #expect(error?.constraint == "piped_pkey" && error?.table == "piped" && error?.schema == "public")
            #expect(error?.detail == "Key (a)=(1) already exists.")
            #expect(error?.description.contains("Key") == false, "a log shows no row's data")
            #expect(try await client.query("SELECT * FROM piped").isEmpty)
        }
    }

    @Test func aLongPipelineWithLongParametersAndAnswersDoesNotLockUp() async throws {
        try await withClient { client in
            let text = String(repeating: "ї", count: 200_000)
            let results = try await client.withConnection { connection in
                try await connection.pipeline((0..<30).map { _ in "SELECT \(text)::text AS t" })
            }
            #expect(results.count == 30)
            #expect(try results.allSatisfy { try $0.only().get("t", as: String.self) == text })
        }
    }

    @Test func manyDifferentStatementsAreForgottenAgain() async throws {
        try await withClient(poolSize: 1) { client in
            try await client.withConnection { connection in
                for number in 0..<600 {
                    let row = try await connection.query(SQL(unescaped: "SELECT \(number) AS n")).only()
                    #expect(try row.get("n", as: Int.self) == number)
                }
                let kept = try await connection.query("SELECT count(*) AS n FROM pg_prepared_statements").only().get(
                    "n",
                    as: Int.self
                )
                #expect(kept <= 256)
            }
            // one pipeline larger than the cache
            let results = try await client.withConnection { connection in
                try await connection.pipeline((1000..<1600).map { SQL(unescaped: "SELECT \($0) AS n") })
            }
            #expect(try results.map { try $0.only().get("n", as: Int.self) } == Array(1000..<1600))
        }
    }

    @Test func aStatementWhoseTableChangedIsPreparedAnew() async throws {
        try await withClient(poolSize: 1) { client in
            try await client.query("CREATE TABLE grows (a int8)")
            try await client.query("INSERT INTO grows VALUES (1)")
            #expect(try await client.query("SELECT * FROM grows").columns == ["a"])
            try await client.query("ALTER TABLE grows ADD b text DEFAULT 'x'")
            #expect(try await client.query("SELECT * FROM grows").columns == ["a", "b"])
            try await client.query("ALTER TABLE grows ADD c text")
            let runs = Counter()
            let columns = try await client.transaction { connection in
                runs.add()
                return try await connection.query("SELECT * FROM grows").columns
            }
            #expect(columns == ["a", "b", "c"])
            #expect(runs.value == 2)
            try await client.query("DEALLOCATE ALL")
            #expect(try await client.query("SELECT * FROM grows").count == 1, "the server forgot the statement")
        }
    }

    @Test func withoutPreparedStatementsNothingIsLeftOnTheServer() async throws {
        var configuration = PostgresConfiguration(url: try TestDatabase.url(), poolSize: 1)
        configuration.preparesStatements = false
        try await withClient(configuration) { client in
            for number in 0..<3 {
                let row = try await client.query("SELECT \(number) AS n").only()
                #expect(try row.get("n", as: Int.self) == number)
            }
            let names = try await client.query("SELECT name FROM pg_prepared_statements")
            #expect(names.isEmpty)
        }
    }

    @Test func copyEndsTheConnectionAndNotTheProcess() async throws {
        try await withClient(poolSize: 1) { client in
            let error = await #expect(throws: PostgresError.self) { try await client.query("COPY (SELECT 1) TO STDOUT") }
            #expect(error?.code == .connectionLost || error?.code == .sqlState)
            let rows = try await client.query("SELECT 1")
            #expect(rows.count == 1)
        }
    }

    @Test func errorsOfTheStatementAreTheServersOwn() async throws {
        try await withClient { client in
            let error = await #expect(throws: PostgresError.self) { try await client.query("SELECT nope FROM pg_class") }
            #expect(error?.code == .sqlState)
            #expect(error?.sqlState == .undefinedColumn)
            #expect(error?.message == #"column "nope" does not exist"#)
            #expect(error?.isUnavailable == false && error?.isRetryable == false)
        }
    }

    @Test func aServerThatFallsSilentIsGivenUp() async throws {
        let proxy = try self.proxy()
        defer { proxy.stop() }
        var configuration = try self.configuration(proxy)
        configuration.statementTimeout = .milliseconds(100)
        configuration.connectTimeout = .seconds(1)
        try await withClient(configuration) { client in
            // these times are short for a busy machine
            while (try? await client.ping()) == nil {}
            proxy.set(.silent)
            let start = ContinuousClock.now
            let error = await #expect(throws: PostgresError.self) { try await client.query("SELECT 2") }
            #expect(error?.code == .connectionLost)
            #expect(error?.message == "the server did not answer a request to cancel the statement")
            #expect(ContinuousClock.now - start < .seconds(15))
            let failure = await #expect(throws: PostgresError.self) { try await client.query("SELECT 3") }
            #expect(failure?.code == .connectionFailed)
            #expect(failure?.message == "no session within 1.0 seconds")
            #expect(!client.isReachable)
            proxy.set(.forward)
        }
    }

    @Test func anUnreachableServerFailsFastAndWithAReason() async throws {
        let port = try Self.freePort()
        let configuration = PostgresConfiguration(url: "postgresql://adelante:hunter2@127.0.0.1:\(port)/adelante")
        try await withClient(configuration) { client in
            let error = await #expect(throws: PostgresError.self) { try await client.query("SELECT 1") }
            #expect(error?.code == .connectionFailed)
            #expect(error?.isUnavailable == true)
            #expect(error?.message.contains("Connection refused") == true)
            #expect(!client.isReachable)
            let start = ContinuousClock.now
            for _ in 0..<200 {
                await #expect(throws: PostgresError.self) { try await client.ping() }
            }
            #expect(ContinuousClock.now - start < .seconds(10))
        }
    }

    @Test func aDatabaseThatDoesNotExistIsNamedWithItsState() async throws {
        let url = try PrivatePostgres.url(TestDatabase.url(), database: "no_such_database")
        let error = await #expect(throws: PostgresError.self) {
            try await withClient(PostgresConfiguration(url: url)) { try await $0.ping() }
        }
        #expect(error?.code == .connectionFailed)
        #expect(error?.sqlState == .invalidCatalogName)
        #expect(error?.message.hasSuffix(#"FATAL: database "no_such_database" does not exist"#) == true)
    }

    private func configuration(_ proxy: Proxy) throws -> PostgresConfiguration {
        PostgresConfiguration(url: try Self.url(TestDatabase.url(), port: proxy.port), poolSize: 1)
    }

    private func proxy() throws -> Proxy {
        try Proxy(to: Self.port(of: TestDatabase.url()))
    }

    static func port(of url: String) throws -> UInt16 {
        UInt16(try #require(URLComponents(string: url)?.port))
    }

    static func url(_ url: String, port: UInt16) throws -> String {
        var parts = try #require(URLComponents(string: url))
        parts.port = Int(port)
        return try #require(parts.string)
    }

    /// A port on which nobody listens.
    static func freePort() throws -> UInt16 {
        let proxy = try Proxy(to: 1)
        proxy.stop()
        return proxy.port
    }
}
