import REST
import Support
import Testing

@Suite("Demo data", .inTurn)
struct DemoTests {
    @Test("it is made, and filled up by every further run; a salon of somebody's own is refused by a status of its own")
    func refusal() async throws {
        let database = try await Database.fresh()
        let settings = Deployment.settings(database: database.url, redis: "redis://127.0.0.1:1/0")
        for _ in 0..<2 {
            let made = try await Node.run(["demo"], settings)
            #expect(made.exit == .status(0), "\(made.output)")
        }
        _ = try await database.value("INSERT INTO salons (name) VALUES ('Салон') RETURNING id", as: Int64.self)
        let refused = try await Node.run(["demo"], settings)
        #expect(refused.exit == .status(3))
        let lines = refused.output.split(separator: "\n")
        #expect(lines.count == 1, "\(refused.output)")
        #expect(lines.first?.hasPrefix("adelante: the database has a salon") == true, "\(refused.output)")
    }
}
