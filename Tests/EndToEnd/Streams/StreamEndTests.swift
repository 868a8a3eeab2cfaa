import JSON
import REST
import Support
import Testing

@Suite("Server-sent events: how they begin and end")
struct StreamEndTests {
    @Test("logout ends every stream of the login on both nodes within a second, and no other", .alone)
    func logout() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let other = try await salon.login(.admin)
        var staying: [StreamClient] = []
        for node in deployment.nodes { staying.append(try await other.at(node).stream("appointments")) }
        try await Promptly.within(.seconds(1)) {
            let desk = try await salon.login(.admin)
            var ending: [StreamClient] = []
            for node in deployment.nodes { ending.append(try await desk.at(node).stream("appointments,notifications")) }
            let start = ContinuousClock.now
            try await desk.post("/auth/logout").expect(204)
            for stream in ending { try await stream.expectClosed(4500) }
            let taken = ContinuousClock.now - start
            for node in deployment.nodes {
                try await desk.at(node).get("/events?topics=appointments").expectError(401, "NOT_AUTHENTICATED")
            }
            return taken
        }
        let visit = try await other.book(salon.visit(9))
        for stream in staying { #expect(try await stream.expect("appointment:created").data["data"] == visit) }
    }

    @Test("a role that loses one of the topics: told which, then the end; coming back with the same topics is 403", .inTurn)
    func role() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let (admin, desk) = (try await salon.login(.admin), try await salon.login(.receptionist, on: deployment.b))
        let stream = try await desk.stream("appointments,staff")
        let kept = try await desk.stream("appointments")
        try await admin.patch("/users/\(salon.userID(.receptionist))", ["role": "master"]).expect(200)
        let told = try await stream.expect("unsubscribed").data
        #expect(told["topic"] == "staff" && told["code"] == "forbidden")
        try await stream.expectClosed(4503)
        try await desk.get("/events?topics=appointments,staff").expectError(403, "FORBIDDEN")
        try await admin.book(salon.visit(9))
        #expect(try await kept.expect("appointment:created").data["data"]?["clientPhone"] == nil)
    }

    @Test("a token's end ends the stream with 4401", .inTurn)
    func expiry() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let desk = try await salon.login(.manager)
        let stream = try await StreamClient.open(desk.node.port, token: try desk.token(expiringIn: 6), topics: "appointments")
        try await stream.expect("subscribed")
        try await stream.expectClosed(4401)
    }

    @Test("what is wrong is answered in the contract's shape before anything is streamed, with CORS and without", .inTurn)
    func refusals() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let (desk, master) = (try await salon.login(.admin), try await salon.login(.master))
        try await desk.get("/events").expectError(422, "VALIDATION_ERROR", fields: ["topics"])
        try await desk.get("/events?topics=,").expectError(422, "VALIDATION_ERROR", fields: ["topics"])
        try await desk.get("/events?topics=appointments,weather").expectError(422, "VALIDATION_ERROR", fields: ["topics"])
        try await desk.get("/events?topics=telegram:abc").expectError(422, "VALIDATION_ERROR", fields: ["topics"])
        try await master.get("/events?topics=appointments,staff").expectError(403, "FORBIDDEN")
        try await desk.ask("GET", "/events?topics=appointments", nil, [("Last-Event-ID", "42")])
            .expectError(422, "VALIDATION_ERROR", fields: ["Last-Event-ID"])
        let http = desk.node.http
        try await http.request("GET", "/api/v1/events?topics=appointments").expectError(401, "NOT_AUTHENTICATED")
        let expired = [("Authorization", "Bearer \(try desk.token(expiringIn: -5))")]
        try await http.request("GET", "/api/v1/events?topics=appointments", headers: expired)
            .expectError(401, "NOT_AUTHENTICATED")
        let wrongMethod = try await desk.post("/events?topics=appointments")
        wrongMethod.expectError(405, "METHOD_NOT_ALLOWED")
        #expect(wrongMethod.header("allow") == "GET, HEAD")
        let page = [("Origin", "http://localhost:3000")]
        let refused = try await desk.ask("GET", "/events?topics=weather", nil, page)
        #expect(refused.header("access-control-allow-origin") == "http://localhost:3000")
        let stream = try await desk.stream("appointments", headers: page)
        #expect(stream.answer.header("access-control-allow-origin") == "http://localhost:3000")
        let preflight = try await http.request("OPTIONS", "/api/v1/events?topics=appointments", headers: page)
        #expect(preflight.status == 204)
        #expect(preflight.header("access-control-allow-headers")?.contains("Last-Event-ID") == true)
    }

    @Test("HEAD has a stream's headers and opens none; a stream's connection can be used again when it has ended", .inTurn)
    func head() async throws {
        let deployment = try await Deployment.start(nodes: 1, ["WS_MAX_SOCKETS_PER_USER": "2"])
        let salon = try await Salon.make(on: deployment)
        let desk = try await salon.login(.admin)
        let connection = try await ByteStream.connect(port: deployment.a.port)
        var reader = HTTPReader(connection)
        for _ in 0..<10 {
            connection.write(
                "HEAD /api/v1/events?topics=appointments HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(desk.token)\r\n\r\n"
            )
            let answer = try await reader.head()
            #expect(answer.status == 200)
            #expect(answer.header("content-type") == "text/event-stream")
        }
        let short = try desk.token(expiringIn: 6)
        connection.write("GET /api/v1/events?topics=appointments HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(short)\r\n\r\n")
        let answer = try await reader.next()
        #expect(answer.text.contains("event: subscribed\n") && answer.text.contains(#""code":4401"#), "\(answer.text)")
        connection.write("GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
        try await reader.next().expect(200)
        connection.close()
        try await deployment.stop()
    }

    @Test("streams and sockets of a user are counted together; one that ends, or hangs up, makes room", .inTurn)
    func counts() async throws {
        let deployment = try await Deployment.start(nodes: 1, ["WS_MAX_SOCKETS_PER_USER": "3"])
        let salon = try await Salon.make(on: deployment)
        let desk = try await salon.login(.admin)
        let (socket, first) = (try await desk.socket(), try await desk.stream("appointments"))
        let second = try await desk.stream("appointments")
        let refused = try await desk.get("/events?topics=appointments")
        refused.expectError(429, "RATE_LIMITED")
        #expect(refused.header("retry-after") != nil)
        try await SocketClient.connect(desk.node.port, .header(desk.token)).expectClose(4429)
        first.cut()
        let third = try await poll("there is room again") { try? await desk.stream("appointments") }
        socket.cut()
        let fourth = try await poll("there is room again") { try? await desk.stream("appointments") }
        let visit = try await desk.book(salon.visit(9))
        for stream in [second, third, fourth] {
            #expect(try await stream.expect("appointment:created").data["data"] == visit)
        }
        try await deployment.stop()
    }

    @Test("a node that is told to stop tells its streams when to come back, and is gone in time, stuck readers too", .alone)
    func drain() async throws {
        let deployment = try await Deployment.start(nodes: 1, ["DRAIN_SECONDS": "2"])
        let salon = try await Salon.make(on: deployment)
        let (desk, node) = (try await salon.login(.admin), deployment.a)
        var streams: [StreamClient] = []
        for _ in 0..<3 { streams.append(try await desk.stream("appointments")) }
        let stuck = try await desk.stream("appointments")
        try await stuck.stopReading()
        // So much that the connection does not take the last word.
        try await deployment.database.client.query(
            """
            SELECT count(*) FROM record_events(
                array_fill(\("salon/\(salon.id)/appointments")::text, ARRAY[400]), array_fill('appointment:created'::text, ARRAY[400]),
                array_fill(jsonb_build_object('id', 1, 'madeUp', true, 'filler', repeat('x', 6000)), ARRAY[400]))
            """
        )
        for stream in streams {
            for _ in 0..<400 { try await stream.expect("appointment:created") }
        }
        node.terminate()
        for stream in streams {
            let event = try await stream.expectClosed(1012)
            let delay = try #require(event.data["reason"]?.string.flatMap { Int($0) })
            #expect(event.retry == delay)
        }
        #expect(try await node.exit(within: .seconds(10)) == .status(0), "\(node.log)")
        #expect(!node.log.contains("stopped before everything"))
    }
}
