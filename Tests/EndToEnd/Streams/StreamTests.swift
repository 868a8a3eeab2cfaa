import JSON
import REST
import Support
import Testing

extension Desk {
    /// A stream of this login at its node, with the acknowledgement of each topic taken.
    func stream(
        _ topics: String,
        after id: String? = nil,
        headers: [(String, String)] = [],
        file: String = #fileID,
        line: Int = #line
    ) async throws -> StreamClient {
        let stream = try await StreamClient.open(
            self.node.port,
            token: self.token,
            topics: topics,
            after: id,
            headers: headers + [("X-Forwarded-For", self.address)],
            file: file,
            line: line
        )
        for _ in topics.split(separator: ",") { try await stream.expect("subscribed", file: file, line: line) }
        return stream
    }
}

@Suite("Server-sent events", .inTurn)
struct StreamTests {
    @Test("a change on either node reaches the streams of both, in order, once, equal to what a socket hears and GET returns")
    func live() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let (desk, reader) = (try await salon.login(.admin), try await salon.login(.manager))
        let socket = try await reader.socket("appointments")
        let streams = [
            try await reader.stream("appointments,notifications"),
            try await reader.at(deployment.b).stream("notifications,appointments"),
        ]
        for stream in streams {
            #expect(stream.answer.header("content-type") == "text/event-stream")
            #expect(stream.answer.header("cache-control") == "no-store")
            #expect(stream.answer.header("x-accel-buffering") == "no")
        }
        var visits: [JSONValue] = []
        for (index, node) in deployment.nodes.enumerated() {
            visits.append(try await desk.at(node).book(salon.visit(9 + index)))
        }
        for stream in streams {
            var (booked, notified, last) = ([JSONValue](), [Int64](), "")
            for _ in 0..<4 {
                guard case .event(let event) = try await stream.next() else { throw Unexpected("no event") }
                if event.type == "appointment:created" {
                    booked.append(event.data)
                } else {
                    #expect(event.type == "notification:new")
                    notified.append(event.data["seq"]?.int ?? 0)
                }
                last = event.id ?? ""
            }
            #expect(booked.map { $0["data"] } == visits)
            #expect(booked.map { $0["seq"]?.int } == [1, 2] && notified == [1, 2])
            #expect(Set(last.split(separator: ",").map { $0.prefix { $0 != "@" } }) == ["appointments=2", "notifications=2"])
            if stream === streams[0] {
                for message in booked { #expect(try await socket.expect("appointment:created") == message) }
            }
        }
    }

    @Test("a master's stream shows no phones, and no topic of another salon")
    func shapes() async throws {
        let deployment = try await Deployment.standard.value
        let (salon, other) = (try await Salon.make(on: deployment), try await Salon.make(on: deployment))
        let foreign = try await other.login(.admin).stream("appointments,notifications,clients,staff")
        let (desk, master) = (try await salon.login(.admin), try await salon.login(.master, on: deployment.b))
        let stream = try await master.stream("appointments")
        let visit = try await desk.book(salon.visit(10))
        let event = try await stream.expect("appointment:created")
        #expect(event.data["data"] == (try await master.get("/appointments/\(visit.id)").json))
        #expect(event.data["data"]?["clientPhone"] == nil)
        let own = try await other.login(.manager).book(other.visit(10))
        #expect(try await foreign.expect("appointment:created").data["data"] == own)
    }

    @Test("a node is killed: the stream goes on at the other one, nothing missing and nothing twice")
    func resumeAfterKill() async throws {
        let deployment = try await Deployment.start()
        let salon = try await Salon.make(on: deployment)
        let desk = try await salon.login(.manager)
        let (actor, writer) = (try await salon.login(.admin), deployment.b)
        let stream = try await desk.stream("appointments,notifications")
        var (ids, heard) = ([String](), [Int64]())
        for hour in 8..<11 { try await actor.at(writer).book(salon.visit(hour)) }
        for _ in 0..<6 {
            guard case .event(let event) = try await stream.next() else { throw Unexpected("no event") }
            ids.append(try #require(event.id))
            if event.data["topic"] == "appointments" { heard.append(event.data["seq"]?.int ?? 0) }
        }
        try await deployment.a.kill()
        guard case .cut = try await stream.next() else { throw Unexpected("something after a kill") }
        for hour in 11..<14 { try await actor.at(writer).book(salon.visit(hour)) }
        let again = try await StreamClient.open(
            writer.port,
            token: desk.token,
            topics: "appointments,notifications",
            after: ids.last
        )
        for _ in 0..<2 {
            let told = try await again.expect("subscribed").data
            #expect(told["recovered"] == true && told["seq"] == 6)
        }
        var notified: [Int64] = []
        for _ in 0..<6 {
            guard case .event(let event) = try await again.next() else { throw Unexpected("no event") }
            if event.data["topic"] == "appointments" {
                heard.append(event.data["seq"]?.int ?? 0)
            } else {
                notified.append(event.data["seq"]?.int ?? 0)
            }
        }
        #expect(heard == [1, 2, 3, 4, 5, 6])
        #expect(notified == [4, 5, 6])
        // Whoever stopped in the middle goes on from the middle, with each topic where it was.
        let middle = try await desk.at(writer).stream("appointments", after: ids[2])
        let place = try #require(ids[2].split(separator: ",").first { $0.hasPrefix("appointments=") })
        let seq = try #require(Int64(place.dropFirst("appointments=".count).prefix { $0 != "@" }))
        #expect(try await middle.expect("appointment:created").data["seq"]?.int == seq + 1)
        try await deployment.stop()
    }

    @Test("an id that is past retention, or of another epoch: recovered false, and on from the head")
    func pastRetention() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let desk = try await salon.login(.admin)
        let stream = try await desk.stream("appointments")
        for hour in 8..<12 { try await desk.book(salon.visit(hour)) }
        let id = try #require(try await stream.expect("appointment:created").id)
        try await deployment.database.client.query(
            "DELETE FROM events WHERE topic = \("salon/\(salon.id)/appointments") AND seq <= 3"
        )
        // The other node has no ring of this topic.
        for (node, id, head) in [(deployment.b, id, 4), (deployment.a, "appointments=4@another", 5)] {
            let late = try await StreamClient.open(node.port, token: desk.token, topics: "appointments", after: id)
            let told = try await late.expect("subscribed")
            #expect(told.data["recovered"] == false && told.data["seq"] == JSONValue(head))
            #expect(told.id?.hasPrefix("appointments=\(head)@") == true)
            let visit = try await desk.book(salon.visit(10 + head))
            #expect(try await late.expect("appointment:created").data["data"] == visit)
        }
    }

    @Test("a reader that does not read gets everything when it does, and holds nobody up meanwhile")
    func slowReader() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let desk = try await salon.login(.admin)
        let (slow, quick) = (try await desk.stream("appointments"), try await desk.at(deployment.b).stream("appointments"))
        try await slow.stopReading()
        let topic = "salon/\(salon.id)/appointments"
        // Far more than kernel, connection and ring hold together.
        let (batches, size) = (4, 500)
        for batch in 0..<batches {
            try await deployment.database.client.query(
                """
                SELECT count(*) FROM record_events(
                    array_fill(\(topic)::text, ARRAY[\(Int64(size))::int]),
                    array_fill('appointment:created'::text, ARRAY[\(Int64(size))::int]),
                    array_fill(jsonb_build_object('id', 1, 'madeUp', true, 'filler', repeat('x', 6000)), ARRAY[\(Int64(size))::int]))
                """
            )
            for seq in (batch * size + 1)...((batch + 1) * size) {
                try #require(try await quick.expect("appointment:created").data["seq"]?.int == Int64(seq))
            }
        }
        try await slow.readAgain()
        for seq in 1...(batches * size) {
            try #require(try await slow.expect("appointment:created").data["seq"]?.int == Int64(seq))
        }
    }
}
