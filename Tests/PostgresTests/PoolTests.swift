import ServiceLifecycle
import Testing

@testable import Postgres

@Suite struct PoolTests {
    @Test func aRequestThatFindsAllConnectionsBusyFailsAfterTheWait() async throws {
        var configuration = PostgresConfiguration(url: try TestDatabase.url(), poolSize: 1)
        configuration.acquireTimeout = .milliseconds(150)
        try await withClient(configuration) { client in
            // making the connection may take longer than the wait allows
            while (try? await client.ping()) == nil {}
            let holder = await Holder(client)
            // the second time another timer is needed
            for _ in 0..<2 {
                let start = ContinuousClock.now
                let error = await #expect(throws: PostgresError.self) { try await client.query("SELECT 1") }
                #expect(error?.code == .poolTimeout)
                #expect(error?.isUnavailable == true)
                #expect(error?.message == "no connection became free within 0.15 seconds (1 of 1 in use, 1 requests waiting)")
                #expect(.milliseconds(150)...(.seconds(3)) ~= ContinuousClock.now - start)
            }
            try await holder.release()
            #expect(try await client.query("SELECT 1").count == 1)
        }
    }

    @Test func aCancelledRequestLeavesTheQueue() async throws {
        try await withClient(poolSize: 1) { client in
            let holder = await Holder(client)
            let waiting = Task { try await client.query("SELECT 1") }
            while client.counts.waiting == 0 {
                await Task.yield()
            }
            waiting.cancel()
            let error = await #expect(throws: PostgresError.self) { try await waiting.value }
            #expect(error?.code == .cancelled)
            #expect(client.counts.waiting == 0)
            try await holder.release()
        }
    }

    @Test func aThousandRequestsShareFourConnections() async throws {
        try await withClient(poolSize: 4) { client in
            let sum = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 1...1000 {
                    group.addTask { try await client.query("SELECT \(number) AS n").only().get("n") }
                }
                return try await group.reduce(0, +)
            }
            #expect(sum == 500_500)
            let counts = client.counts
            #expect(counts.leased == 0 && counts.idle <= 4 && counts.waiting == 0)
        }
    }

    @Test func aConnectionLeftInATransactionIsRolledBack() async throws {
        try await withClient(poolSize: 1) { client in
            try await client.query("CREATE TABLE left_open (a int)")
            try await client.withConnection { connection in
                try await connection.query("BEGIN")
                try await connection.query("INSERT INTO left_open VALUES (1)")
            }
            #expect(try await client.query("SELECT * FROM left_open").isEmpty)
        }
    }

    @Test func onGracefulShutdownConnectionsInUseAreAwaited() async throws {
        let client = PostgresClient(configuration: PostgresConfiguration(url: try TestDatabase.url()), logger: testLogger)
        let group = ServiceGroup(configuration: .init(services: [.init(service: client)], logger: testLogger))
        let service = Task { try await group.run() }
        let held = Gate()
        let done = Gate()
        let order = Counter()
        let holder = Task {
            try await client.withConnection { connection in
                held.open()
                await done.wait()
                try await connection.query("SELECT 1")
                return order.add()
            }
        }
        await held.wait()
        await group.triggerGracefulShutdown()
        var refusal: PostgresError?
        while refusal == nil {
            do {
                try await client.query("SELECT 1")
            } catch {
                refusal = error
            }
        }
        #expect(refusal?.code == .closed)
        done.open()
        try await service.value
        #expect(try await holder.value == 1, "the service ended only after the connection came back")
        #expect(client.counts == (0, 0, 0, 0))
    }

    @Test func theBodyRunsOnTheConnectionsThreadAndKeepsItsTaskLocals() async throws {
        try await withClient { client in
            let value = try await Tracing.$id.withValue("r1") {
                try await client.transaction { connection in
                    connection.assertIsolated()
                    try await connection.query("SELECT 1")
                    connection.assertIsolated()
                    return Tracing.id
                }
            }
            #expect(value == "r1")
        }
    }

    private enum Tracing {
        @TaskLocal static var id = ""
    }
}
