import JSON
import Postgres
import Support
import Testing

@Suite("Sockets: subscriptions", .inTurn)
struct SocketSubscriptionTests {
    @Test("a snapshot's X-Topic-Seq and subscribing since it miss nothing and repeat nothing")
    func snapshotThenStream() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let desk = try await salon.login(.admin)
        try await desk.book(salon.visit(9))
        let snapshot = try await desk.get("/appointments").expect(200)
        let seq = try #require(snapshot.header("x-topic-seq").flatMap { Int64($0) })
        let epoch = try #require(snapshot.header("x-topic-epoch"))
        let missed = try await desk.book(salon.visit(10))
        let socket = try await desk.socket()
        let reply = try await socket.ask(
            ["type": "subscribe", "topic": "appointments", "since": JSONValue(seq), "epoch": .string(epoch), "id": 7],
            "subscribed"
        )
        #expect(seq == 1)
        #expect(
            reply == [
                "type": "subscribed", "id": 7, "topic": "appointments", "seq": 2, "epoch": .string(epoch), "recovered": true,
            ]
        )
        #expect(try await socket.expect("appointment:created")["data"] == missed)
        try await socket.expectNothing()
    }

    @Test("after more events than a node keeps at hand, since goes on from the log or from memory, all in order")
    func sincePastTheRing() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let desk = try await salon.login(.admin)
        let live = try await desk.socket("appointments")
        let count: Int64 = 600
        try await Self.record(count, in: salon)
        for seq in 1...count { #expect(try await live.expect("appointment:updated")["seq"]?.int == seq) }
        for since in [0, 1, 150, count - 257, count - 256, count - 1, count] {
            let socket = try await desk.socket()
            let reply = try await socket.subscribe("appointments", since: since)
            #expect(reply["recovered"] == true)
            #expect(reply["seq"]?.int == count)
            for seq in stride(from: since + 1, through: count, by: 1) {
                let event = try await socket.expect("appointment:updated")
                try #require(event["seq"]?.int == seq)
                #expect(event["data"]?["id"]?.int == seq)
            }
            try await socket.expectNothing()
        }
    }

    @Test("what is past retention is not recovered: the socket goes on from the head")
    func pastRetention() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let desk = try await salon.login(.admin)
        let topic = "salon/\(salon.id)/appointments"
        try await Self.record(20, in: salon)
        try await deployment.database.client.query("DELETE FROM events WHERE topic = \(topic) AND seq <= 10")
        let socket = try await desk.socket()
        let tooOld = try await socket.subscribe("appointments", since: 9)
        #expect(tooOld["recovered"] == false)
        #expect(tooOld["seq"] == 20)
        try await socket.expectNothing()
        #expect(try await socket.subscribe("appointments", since: 10)["recovered"] == true)
        for seq in 11...20 { #expect(try await socket.expect("appointment:updated")["seq"]?.int == Int64(seq)) }
        try await socket.expectNothing()
    }

    @Test("a since that is negative, beyond the head, or of another epoch is not recovered")
    func notRecovered() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let desk = try await salon.login(.admin)
        try await desk.book(salon.visit(9))
        let commands: [JSONValue] = [
            ["type": "subscribe", "topic": "appointments", "since": -1],
            ["type": "subscribe", "topic": "appointments", "since": 3],
            ["type": "subscribe", "topic": "appointments", "since": 9_000_000_000],
            ["type": "subscribe", "topic": "appointments", "since": 0, "epoch": "another history"],
        ]
        for (index, command) in commands.enumerated() {
            let socket = try await desk.socket()
            let reply = try await socket.ask(command, "subscribed")
            #expect(reply["recovered"] == false)
            #expect(reply["seq"]?.int == Int64(index + 1))
            try await socket.expectNothing()
            // It goes on from there.
            try await desk.book(salon.visit(10 + index))
            #expect(try await socket.expect("appointment:created")["seq"]?.int == Int64(index + 2))
        }
    }

    @Test("a since that this node has not heard of yet is right if PostgreSQL has it")
    func aheadOfTheNode() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let desk = try await salon.login(.admin)
        let watching = try await desk.socket("appointments")
        // Written behind the nodes' backs: they learn of it within their next look.
        try await Self.record(3, in: salon)
        let socket = try await desk.socket()
        let reply = try await socket.subscribe("appointments", since: 3)
        #expect(reply["recovered"] == true)
        #expect(reply["seq"] == 3)
        for seq in 1...3 { #expect(try await watching.expect("appointment:updated")["seq"]?.int == Int64(seq)) }
        let visit = try await desk.book(salon.visit(9))
        #expect(try await socket.expect("appointment:created")["data"] == visit)
    }

    @Test("a repeated subscribe goes on from the cursor; with a lower since it repeats on purpose")
    func repeated() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let desk = try await salon.login(.admin)
        let socket = try await desk.socket("appointments")
        for hour in 9...11 {
            try await desk.book(salon.visit(hour))
            try await socket.expect("appointment:created")
        }
        #expect(try await socket.subscribe("appointments")["seq"] == 3)
        try await socket.expectNothing()
        #expect(try await socket.subscribe("appointments", since: 1)["recovered"] == true)
        #expect(try await socket.expect("appointment:created")["seq"] == 2)
        #expect(try await socket.expect("appointment:created")["seq"] == 3)
        try await socket.expectNothing()
        try await desk.book(salon.visit(12))
        #expect(try await socket.expect("appointment:created")["seq"] == 4)
        try await socket.expectNothing()
    }

    @Test("an ended subscription is silent, and can be taken up again where it was left")
    func unsubscribe() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let desk = try await salon.login(.admin)
        let socket = try await desk.socket("appointments")
        try await desk.book(salon.visit(9))
        try await socket.expect("appointment:created")
        let reply = try await socket.ask(["type": "unsubscribe", "topic": "appointments", "id": 3], "unsubscribed")
        #expect(reply == ["type": "unsubscribed", "id": 3, "topic": "appointments"])
        try await desk.book(salon.visit(10))
        #expect(try await socket.expectNothing()["heads"] == .object([:]))
        try await socket.subscribe("appointments", since: 1)
        #expect(try await socket.expect("appointment:created")["seq"] == 2)
        try await socket.expectNothing()
    }

    @Test("a role that may not read a module may not follow it either")
    func permissions() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let master = try await salon.login(.master)
        let socket = try await master.socket("appointments", "clients", "services", "notifications")
        for topic in ["staff", "finances", "inventory", "settings"] {
            socket.send(["type": "subscribe", "topic": .string(topic), "id": .string(topic)])
            #expect(try await socket.expectError("forbidden")["id"] == .string(topic))
        }
        for topic in ["salon/\(salon.id)/appointments", "access", "", "user/1/notifications", "APPOINTMENTS"] {
            socket.send(["type": "subscribe", "topic": .string(topic)])
            try await socket.expectError("unknown_topic")
        }
        #expect(try await socket.expectNothing()["heads"]?.object?.count == 4)
    }

    /// Writes events as any writer of this database does, without telling the nodes.
    private static func record(_ count: Int64, in salon: Salon) async throws {
        try await salon.deployment.database.client.query(
            """
            SELECT count(*) FROM record_events(
                array_fill(\("salon/\(salon.id)/appointments")::text, ARRAY[\(count)::int]),
                array_fill('appointment:updated'::text, ARRAY[\(count)::int]),
                (SELECT array_agg(jsonb_build_object('id', n, 'madeUp', true) ORDER BY n) FROM generate_series(1, \(count)::int) AS n))
            """
        )
    }
}
