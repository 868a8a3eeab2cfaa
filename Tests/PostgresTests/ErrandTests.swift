import Testing

@testable import Postgres

@Suite struct ErrandTests {
    @Test func whatIsCancelledBeforeItsTurnIsNotSent() throws {
        let errand = Errand([Statement("SELECT 1")])
        errand.cancel()
        let interrupt = Interrupt(wakeUp: try WakeUp())
        let error = #expect(throws: PostgresError.self) {
            try errand.run(interrupt) { _ throws(PostgresError) in
                Issue.record("It was sent")
                return []
            }
        }
        #expect(error?.code == .cancelled)
    }

    @Test func aCancellationStopsWhatRunsAndNothingLater() throws {
        let errand = Errand([Statement("SELECT 1")])
        let interrupt = Interrupt(wakeUp: try WakeUp())
        _ = try errand.run(interrupt) { statements throws(PostgresError) in
            #expect(statements.map(\.key.text) == ["SELECT 1"])
            #expect(!interrupt.isFired)
            errand.cancel()
            #expect(interrupt.isFired)
            return []
        }
        #expect(!interrupt.isFired)
        _ = interrupt.arm()
        errand.cancel()
        #expect(!interrupt.isFired, "the connection runs somebody else's statement by now")
    }

    @Test func aPipelineTakesAnyConnectionAndGivesItBack() async throws {
        try await withClient(poolSize: 1) { client in
            let rows = try await client.pipeline(["SELECT \(1)", "SELECT \("a")::text"])
            #expect(try rows.map { try $0.only().cell(at: 0)?.bytes } == [[0, 0, 0, 0, 0, 0, 0, 1], Array("a".utf8)])
            #expect(try await client.pipeline([]).isEmpty)
            #expect(client.counts == (leased: 0, idle: 1, opening: 0, waiting: 0))
        }
    }

    @Test func whoWaitsWhenTheClientStopsIsToldSo() async throws {
        let configuration = PostgresConfiguration(url: try TestDatabase.url(), poolSize: 1)
        let client = PostgresClient(configuration: configuration, logger: testLogger)
        let holder = await Holder(client)
        let waiting = Task { try await client.query("SELECT 1") }
        while client.counts.waiting == 0 { await Task.yield() }
        // A task that is cancelled does not wait for those in use.
        let running = Task { try await client.run() }
        running.cancel()
        let error = await #expect(throws: PostgresError.self) { try await waiting.value }
        #expect(error?.code == .closed)
        try await holder.release()
        try await running.value
    }

    @Test func fingerprintsTellAnswersApart() async throws {
        try await withClient { client in
            let same = "SELECT NULL::text, 'a', 1::int4" as SQL
            let answer = try await client.query(same).fingerprint
            let again = try await client.query(same)
            #expect(again.fingerprint == answer && again.has(fingerprint: answer))
            #expect(!again.has(fingerprint: answer + [0]) && !again.has(fingerprint: answer.dropLast()))
            let others: [SQL] = [
                "SELECT '', 'a', 1::int4", "SELECT NULL::text, 'b', 1::int4", "SELECT 'a', NULL::text, 1::int4",
                "SELECT NULL::text, 'a'", "SELECT NULL::text, 'a', 1::int4, 'more'",
                "SELECT NULL::text, 'a', 1::int4 WHERE false",
            ]
            for other in others {
                let rows = try await client.query(other)
                #expect(rows.fingerprint != answer && !rows.has(fingerprint: answer))
            }
        }
    }
}
