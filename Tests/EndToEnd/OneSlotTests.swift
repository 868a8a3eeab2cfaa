import JSON
import Postgres
import Support
import Testing

@Suite("One slot", .alone)
struct OneSlotTests {
    @Test("200 POSTs at once for one slot: one 201, 199 conflicts that name it, and no deadlock")
    func oneWins() async throws {
        let deployment = try await Deployment.start()
        let database = deployment.database
        let salon = try await Salon.make(on: deployment)
        let desk = try await salon.login(.receptionist)
        let socket = try await desk.socket("appointments")
        let deadlocks: SQL = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        let before: Int64 = try await database.value(deadlocks)
        let answers = try await withThrowingTaskGroup(of: HTTPAnswer.self) { group in
            for number in 0..<200 {
                group.addTask {
                    try await desk.at(deployment.nodes[number % 2]).post(
                        "/appointments",
                        salon.visit(10, ["notes": .string("\(number)")])
                    )
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let won = answers.filter { $0.status == 201 }
        let lost = answers.filter { $0.status == 409 }
        #expect((won.count, lost.count) == (1, 199), "\(Set(answers.map(\.status)))")
        let visit = try #require(try won.first?.json)
        #expect(lost.allSatisfy { $0["code"] == "SLOT_TAKEN" && $0["conflict"] == visit })
        #expect(try await socket.expect("appointment:created")["data"] == visit)
        try await socket.expectNothing()
        // What a connection has counted is only sure to be seen when it has ended.
        try await deployment.stop()
        let connections: SQL = """
            SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'adelante'
            """
        try await poll("the nodes' connections have ended") {
            try await database.value(connections) == Int64(0) ? () : nil
        }
        #expect(try await database.value(deadlocks) == before)
        #expect(try await database.value("SELECT count(*) FROM appointments WHERE live") == Int64(1))
    }
}
