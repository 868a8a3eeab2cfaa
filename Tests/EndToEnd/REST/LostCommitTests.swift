import Foundation
import JSON
import Support
import Testing

@Suite("Requests whose COMMIT is not answered", .inTurn)
struct LostCommitTests {
    @Test("it may be sent again where its key is heeded, and has its effect once; else it is to be looked at first")
    func lost() async throws {
        let database = try await Database.fresh()
        let proxy = try Proxy(to: UInt16(try #require(URLComponents(string: database.url)?.port)))
        defer { proxy.stop() }
        var url = try #require(URLComponents(string: database.url))
        url.port = Int(proxy.port)
        let address = try #require(url.string)
        let deployment = try await Deployment.start(nodes: 1, database: database, ["DATABASE_URL": address])
        let salon = try await Salon.make(on: deployment)
        let desk = try await salon.login(.admin)
        /// Connections of before have prepared their COMMIT, which is only named then.
        func renewConnections() async throws {
            _ = try await database.client.query(
                """
                SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()
                """
            )
        }
        func lose(_ method: String, _ path: String, _ body: JSONValue, key: String?) async throws -> HTTPAnswer {
            proxy.set(.loseAnswer(to: "COMMIT\0"))
            defer { proxy.set(.forward) }
            try await renewConnections()
            return try await desk.ask(method, path, body, key.map { [("Idempotency-Key", $0)] } ?? [])
        }
        let service: JSONValue = ["name": "Масаж", "category": "body", "duration": 60, "price": 700]
        let (kept, loose) = (UUID().uuidString, UUID().uuidString)
        try await lose("POST", "/services", service, key: kept).expectError(503, "SERVICE_UNAVAILABLE")
        let there: Int64 = try await database.value("SELECT count(*) FROM services WHERE name = 'Масаж'")
        #expect(there == 1, "it was committed, and only the answer lost")
        let again = try await desk.ask("POST", "/services", service, [("Idempotency-Key", kept)]).expect(201).json
        try await lose("POST", "/services", service, key: nil).expectError(503, "OUTCOME_UNKNOWN")
        let both = try await desk.get("/services").expect(200).json.array?.filter { $0["name"] == "Масаж" } ?? []
        #expect(both.count == 2 && both.contains { $0["id"] == again["id"] })
        // A PUT keeps no answer: its key says nothing.
        let change: JSONValue = ["price": 800]
        try await lose("PUT", "/services/\(again.id)", change, key: loose).expectError(503, "OUTCOME_UNKNOWN")
        #expect(try await desk.get("/services/\(again.id)")["price"] == 800)
        try await deployment.stop()
    }
}
