import JSON
import REST
import Support
import Testing

@Suite("Without Redis, from the start and for good", .alone)
struct WithoutRedisTests {
    /// Nobody listens there.
    private static let nowhere = "redis://127.0.0.1:1/0"

    private static let deployment = Task {
        try await TelegramWorld.start(redis: nowhere, ["REGISTRATION": "open"]).deployment
    }

    @Test("both nodes are degraded, and ready; login, registration and the end of a login work on both")
    func logins() async throws {
        let deployment = try await Self.deployment.value
        let salon = try await Salon.make(on: deployment)
        for node in deployment.nodes {
            #expect(try await node.readiness() == (200, "degraded"))
            let desk = try await salon.login(.manager, on: node)
            try await desk.get("/auth/me").expect(200)
            let refreshed = try await desk.post("/auth/refresh", ["refresh_token": .string(desk.refreshToken)]).expect(200)
            #expect(refreshed["access_token"].string != nil)
            let address = [("X-Forwarded-For", Salon.freshAddress())]
            let wrong: JSONValue = ["email": .string(salon.email(.admin)), "password": "not this one"]
            // Counted by the node itself: ten wrong ones are too many here as well.
            for _ in 0..<10 {
                try await node.http.request("POST", "/api/v1/auth/login", headers: address, json: wrong)
                    .expectError(401, "INVALID_CREDENTIALS")
            }
            try await node.http.request("POST", "/api/v1/auth/login", headers: address, json: wrong)
                .expectError(429, "RATE_LIMITED")
            let registration: JSONValue = [
                "email": .string("new@\(node.port).test"), "password": "a password of the tests", "first_name": "Нова",
                "last_name": "Власниця", "phone": "0671112233", "salon_name": "Новий салон",
            ]
            try await node.http.request("POST", "/api/v1/auth/register", headers: address, json: registration).expect(201)
            try await desk.post("/auth/logout").expect(204)
            for other in deployment.nodes { try await desk.at(other).get("/auth/me").expect(401) }
        }
    }

    @Test("every route answers as it does with Redis, or that Telegram's login is not available for the moment")
    func routes() async throws {
        let deployment = try await Self.deployment.value
        let salon = try await Salon.make(on: deployment)
        let (admin, desk) = (try await salon.login(.admin), try await salon.login(.manager, on: deployment.b))
        let visit = try await desk.post("/appointments", salon.visit(9), [("Idempotency-Key", "1")]).expect(201).json
        let path = "/appointments/\(visit.id)"
        #expect(try await admin.post("/appointments", salon.visit(9)).status == 409)
        #expect(try await desk.at(deployment.a).post("/appointments", salon.visit(9), [("Idempotency-Key", "1")]).json == visit)
        try await admin.put(path, ["startTime": "10:00", "endTime": "11:00"], [("If-Match", "\"1\"")]).expect(200)
        try await admin.put(path, ["notes": "x"], [("If-Match", "\"1\"")]).expect(409)
        try await desk.patch(path + "/status", ["status": "confirmed"]).expect(200)
        try await admin.delete(path).expect(204)
        try await desk.post(path + "/restore").expect(200)
        let client = try await admin.post("/clients", ["firstName": "Ганна", "phone": "0671112233"]).expect(201).json
        let member = try await admin.post("/staff", ["firstName": "Леся", "phone": ""]).expect(201).json
        let service = try await admin.post("/services", ["name": "Манікюр", "duration": 60, "price": 400]).expect(201).json
        let notes = try await admin.get("/notifications").expect(200)["data"]
        let note = try #require(notes.array?.first).id
        try await admin.patch("/notifications/\(note)/read").expect(200)
        try await admin.patch("/notifications/read-all").expect(200)
        try await admin.delete("/notifications/\(note)").expect(204)
        try await admin.patch("/users/\(salon.userID(.receptionist))", ["role": "master"]).expect(200)
        for known in [
            "/appointments?date=2026-05-18", "/appointments/calendar", path, "/clients", "/clients/\(client.id)", "/staff",
            "/staff/\(member.id)", "/services", "/services/categories", "/services/\(service.id)", "/settings/salon",
            "/notifications", "/auth/me",
        ] {
            for node in deployment.nodes { try await admin.at(node).get(known).expect(200) }
        }
        // And whatever route there is: none of them fails because of Redis but those of Telegram.
        for entry in RouteTable.all().entries where entry.path != "/auth/logout" {
            let path = entry.path.replacing(/{[a-z_A-Z]+}/, with: "999999999")
            let body: JSONValue? = entry.method == .get || entry.method == .delete ? nil : [:]
            let answer = try await admin.ask(entry.method.rawValue, path, body)
            let isTelegrams = entry.path.contains("telegram")
            #expect(answer.status < 500 || isTelegrams && answer.status == 503, "\(entry.method) \(path): \(answer.text)")
        }
    }

    @Test("an event is at every socket and stream of both nodes within a second, and a client that comes back misses none")
    func events() async throws {
        let deployment = try await Self.deployment.value
        let salon = try await Salon.make(on: deployment)
        let desk = try await salon.login(.admin)
        var (sockets, streams): ([SocketClient], [StreamClient]) = ([], [])
        for node in deployment.nodes {
            sockets.append(try await desk.at(node).socket("appointments", "notifications"))
            streams.append(try await desk.at(node).stream("appointments"))
        }
        var visits: [JSONValue] = []
        var taken: [Duration] = []
        for number in 0..<10 {
            let writer = desk.at(deployment.nodes[number % 2])
            let start = ContinuousClock.now
            visits.append(try await writer.book(salon.visit(9, ["staffId": .null, "notes": .string("\(number)")])))
            for socket in sockets { #expect(try await socket.expect("appointment:created")["data"] == visits.last) }
            for stream in streams { #expect(try await stream.expect("appointment:created").data["data"] == visits.last) }
            taken.append(ContinuousClock.now - start)
        }
        // Most of them: a busy machine may take its time about one.
        #expect(taken.filter { $0 < .seconds(1) }.count > 5, "\(taken)")
        for node in deployment.nodes {
            let late = try await desk.at(node).socket()
            let told = try await late.subscribe("appointments", since: 4)
            #expect(told["recovered"] == true && told["seq"] == 10)
            for seq in 5...10 {
                let event = try await late.expect("appointment:created")
                #expect(event["seq"]?.int == Int64(seq) && event["data"] == visits[seq - 1])
            }
            try await late.expectNothing()
        }
        // What ends a login is an event like any other.
        try await desk.post("/auth/logout").expect(204)
        for socket in sockets { try await socket.expectClose(4500) }
        for stream in streams { try await stream.expectClosed(4500) }
        try await Promptly.within(.seconds(1)) {
            let desk = try await salon.login(.admin)
            let socket = try await desk.at(deployment.b).socket("appointments")
            let stream = try await desk.at(deployment.b).stream("appointments")
            let start = ContinuousClock.now
            try await desk.post("/auth/logout").expect(204)
            try await socket.expectClose(4500)
            try await stream.expectClosed(4500)
            return ContinuousClock.now - start
        }
        for node in deployment.nodes { #expect(try await node.readiness() == (200, "degraded")) }
    }

    @Test("a login through Telegram is told at once that it is not available, on REST and on the socket, and when to try again")
    func telegram() async throws {
        let deployment = try await Self.deployment.value
        let salon = try await Salon.make(on: deployment)
        for node in deployment.nodes {
            let desk = try await salon.login(.admin, on: node)
            let start = ContinuousClock.now
            let code = String(repeating: "a", count: 43)
            for answer in [
                try await LoginPage.ask(node, Salon.freshAddress()), try await LoginPage.status(node, code, Salon.freshAddress()),
                try await desk.post("/auth/telegram/link"),
            ] {
                answer.expectError(503, "SERVICE_UNAVAILABLE")
                #expect(answer.header("retry-after") != nil)
            }
            let socket = try await SocketClient.connect(node.port, SocketClient.Handshake())
            socket.send(["type": "subscribe", "topic": .string("telegram:\(code)"), "id": 1])
            let refusal = try await socket.expectError("unavailable")
            #expect(refusal["id"] == 1 && (refusal["retryAfter"]?.int ?? 0) > 0)
            #expect(ContinuousClock.now - start < .seconds(5), "\(ContinuousClock.now - start)")
        }
    }
}
