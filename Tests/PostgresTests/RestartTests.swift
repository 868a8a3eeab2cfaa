import Support
import Testing

@testable import Postgres

@Suite(.serialized) struct RestartTests {
    @Test(arguments: [PrivatePostgres.StopMode.immediate, .fast])
    func aRestartOfTheServerIsNotNoticedByWhoComesAfterIt(_ mode: PrivatePostgres.StopMode) async throws {
        let server = try PrivatePostgres()
        try await withClient(PostgresConfiguration(url: server.url, poolSize: 3)) { client in
            // three connections that lie idle meanwhile
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<3 {
                    group.addTask { try await client.query("SELECT pg_sleep(0.1)") }
                }
                try await group.waitForAll()
            }
            #expect(client.counts.idle == 3)
            try server.restart(mode)
            try await client.query("CREATE TABLE written (a int8)")
            try await client.transaction { try await $0.query("INSERT INTO written VALUES (1)") }
            #expect(try await client.query("SELECT * FROM written").count == 1)
            #expect(client.isReachable)
        }
        try server.remove()
    }

    @Test func whileTheServerIsAwayRequestsFailFastAndThenWorkAgain() async throws {
        let server = try PrivatePostgres()
        try await withClient(PostgresConfiguration(url: server.url, poolSize: 2)) { client in
            try await client.ping()
            try server.stop(.immediate)
            let start = ContinuousClock.now
            for _ in 0..<50 {
                let error = await #expect(throws: PostgresError.self) { try await client.ping() }
                #expect(error?.isUnavailable == true)
            }
            #expect(ContinuousClock.now - start < .seconds(10))
            #expect(!client.isReachable)
            try server.start()
            let deadline = ContinuousClock.now + .seconds(60)
            while (try? await client.ping()) == nil, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(client.isReachable)
        }
        try server.remove()
    }

    @Test func aStatementThatRunsWhenTheServerIsStoppedIsAnUnavailability() async throws {
        let server = try PrivatePostgres()
        try await withClient(PostgresConfiguration(url: server.url, poolSize: 2)) { client in
            let task = Task { try await client.query("SELECT pg_sleep(60), 'stopped'") }
            try await until(
                client,
                "SELECT count(*) = 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(60), ''stopped''%'"
            )
            try server.restart(.fast)
            let error = await #expect(throws: PostgresError.self) { try await task.value }
            #expect(error?.code == .connectionLost)
            #expect(error?.sqlState == .adminShutdown)
            #expect(error?.isUnavailable == true)
        }
        try server.remove()
    }
}
