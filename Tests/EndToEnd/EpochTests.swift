import Postgres
import REST
import Support
import Testing

@Suite("Epochs", .inTurn)
struct EpochTests {
    @Test("a renewal is told to every open socket within two seconds, with Redis and without", arguments: [true, false])
    func renewal(hasRedis: Bool) async throws {
        let deployment = try await Deployment.start(redis: hasRedis ? nil : "redis://127.0.0.1:1/0")
        let salon = try await Salon.make(on: deployment)
        let desk = try await salon.login(.admin)
        try await desk.book(salon.visit(9))
        let sockets = [try await desk.socket("appointments"), try await desk.at(deployment.b).socket("appointments")]
        let settings = Deployment.settings(database: deployment.database.url, redis: "redis://127.0.0.1:1/0")
        for _ in 0..<2 {
            let renewed = try await Node.run(["epoch", "renew"], settings)
            let topics: Int64 = try await deployment.database.value("SELECT count(*) FROM topic_heads WHERE topic LIKE '%/%'")
            #expect(renewed.exit == .status(0) && renewed.output.contains(" \(topics) topics"), "\(renewed.output)")
            let epoch: String = try await deployment.database.value(
                "SELECT epoch FROM topic_heads WHERE topic = \("salon/\(salon.id)/appointments")"
            )
            for socket in sockets {
                let told = try await socket.expect("subscribed")
                #expect(told["topic"] == "appointments" && told["recovered"] == false && told["seq"] == 1)
                #expect(told["epoch"]?.string == epoch)
                try await socket.expectNothing()
            }
        }
        let visit = try await desk.book(salon.visit(10))
        for socket in sockets {
            let event = try await socket.expect("appointment:created")
            #expect(event["data"] == visit && event["seq"] == 2)
        }
        try await deployment.stop()
    }

    @Test("a renewal makes events of a dump old: no look finds them as those of transactions that are still to come")
    func dump() async throws {
        let deployment = try await Deployment.start(nodes: 1)
        let salon = try await Salon.make(on: deployment)
        let desk = try await salon.login(.admin)
        try await desk.book(salon.visit(9))
        let database = deployment.database
        // As another cluster has counted.
        try await database.client.query("UPDATE events SET xid = '9000000000000'")
        try await desk.book(salon.visit(10))
        let ahead: SQL = "SELECT count(*) FROM events WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())"
        let before: Int64 = try await database.value(ahead)
        #expect(before > 0)
        let settings = Deployment.settings(database: database.url, redis: "redis://127.0.0.1:1/0")
        #expect(try await Node.run(["epoch", "renew"], settings).exit == .status(0))
        let after: Int64 = try await database.value(ahead)
        let kept: Int64 = try await database.value("SELECT count(*) FROM events WHERE xid > '0'")
        #expect(after == 0 && kept > 0, "what was written here stays as it is")
        try await deployment.stop()
    }
}
