import JSON
import Postgres
import REST
import Support
import Testing

@Suite("Appointments: the same or the opposite at once", .inTurn)
struct AppointmentRaceTests {
    @Test("whoever waits too long for a locked visit is told so, in the salon's language")
    func lockedVisits() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value, language: "en")
        let desk = try await salon.login(.admin)
        let visit = try await desk.book(salon.visit(10))
        let answer = try await salon.deployment.database.client.transaction { connection in
            _ = try await connection.query("SELECT 1 FROM appointments WHERE salon_id = \(salon.id) FOR UPDATE")
            return try await desk.put("/appointments/\(visit.id)", ["notes": "x"], [("Accept-Language", "fr")])
        }
        answer.expectError(503, "SERVICE_UNAVAILABLE")
        #expect(answer.header("retry-after") == "1")
        #expect(answer.header("content-language") == "en")
        #expect(answer["message"].string?.hasPrefix("The service is unavailable") == true)
    }

    @Test("the same Idempotency-Key and body gets the first answer again; another body, path or user does not")
    func idempotency() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let manager = try await salon.login(.manager)
        let socket = try await desk.socket("appointments")
        let key = [("Idempotency-Key", "key of the first")]
        let first = try await desk.post("/appointments", salon.visit(9), key).expect(201)
        let again = try await desk.at(salon.deployment.b).post("/appointments", salon.visit(9), key).expect(201)
        #expect(again.text == first.text)
        #expect(again.header("etag") == first.header("etag"))
        #expect(again.header("content-type") == "application/json")
        try await desk.post("/appointments", salon.visit(10), key).expectError(422, "IDEMPOTENCY_MISMATCH")
        try await manager.post("/appointments", salon.visit(9), key).expectError(409, "SLOT_TAKEN")
        try await desk.post("/clients", ["firstName": "Ганна", "phone": "0671112233"], key).expect(201)
        // Only what succeeded is kept.
        let other = [("Idempotency-Key", "key of the second")]
        try await desk.post("/appointments", salon.visit(9), other).expectError(409, "SLOT_TAKEN")
        try await desk.post("/appointments", salon.visit(11), other).expect(201)
        try await desk.post("/appointments", salon.visit(12), [("Idempotency-Key", String(repeating: "x", count: 256))])
            .expectError(422, "VALIDATION_ERROR", fields: ["Idempotency-Key"])
        for seq in 1...2 { #expect(try await socket.expect("appointment:created")["seq"]?.int == Int64(seq)) }
        try await socket.expectNothing()
    }

    @Test("the same key many times at once, on both nodes: one effect, every 201 the same, the rest told to come again")
    func concurrentKeys() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let body = salon.visit(9, ["staffId": .null])
        let answers = try await withThrowingTaskGroup(of: HTTPAnswer.self) { group in
            for number in 0..<20 {
                let desk = desk.at(salon.deployment.nodes[number % 2])
                group.addTask { try await desk.post("/appointments", body, [("Idempotency-Key", "one")]) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let created = answers.filter { $0.status == 201 }
        #expect(Set(created.map(\.text)).count == 1)
        for answer in answers where answer.status != 201 {
            answer.expectError(409, "IDEMPOTENCY_IN_PROGRESS")
            #expect(answer.header("retry-after") != nil)
        }
        #expect(try await desk.get("/appointments").json.array?.count == 1)
    }

    @Test("opposite moves of two visits between two masters do not deadlock, nor lose a change")
    func crossMoves() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let ids = [
            try await desk.book(salon.visit(9)).id, try await desk.book(salon.visit(11, ["staffId": JSONValue(salon.iryna)])).id,
        ]
        let changes = 20
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<(2 * changes) {
                let desk = desk.at(salon.deployment.nodes[number / 2 % 2])
                let master = number / 2 % 2 == number % 2 ? salon.olha : salon.iryna
                group.addTask {
                    try await desk.put(
                        "/appointments/\(ids[number % 2])",
                        ["staffId": JSONValue(master), "notes": .string("\(number)")]
                    )
                    .expect(200)
                }
            }
            try await group.waitForAll()
        }
        for id in ids { #expect(try await desk.get("/appointments/\(id)")["version"].int == Int64(changes + 1)) }
    }
}
