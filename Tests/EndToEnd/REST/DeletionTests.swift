import JSON
import REST
import Support
import Testing

@Suite("Deleting what visits still need", .inTurn)
struct DeletionTests {
    enum Kind: String, CaseIterable { case client, service, staff }

    /// A path of this kind with two visits to come, one that is over and one that is cancelled, and their ids.
    private static func scene(_ kind: Kind, _ salon: Salon, _ admin: Desk) async throws -> (path: String, upcoming: [JSONValue]) {
        let client = try await admin.post("/clients", ["firstName": "Ганна", "phone": "0671112233"]).expect(201).json
        let database = salon.deployment.database
        let day: String = try await database.value("SELECT (current_date + 10)::text")
        let past: String = try await database.value("SELECT (current_date - 10)::text")
        func book(_ hour: Int, _ date: String, _ more: JSONObject = [:]) async throws -> JSONValue {
            let whole: JSONObject = ["clientId": client["id"] ?? .null, "service": "Укладка, Стрижка"]
            return try await admin.book(salon.visit(hour, date: date, whole.merging(more)))
        }
        let upcoming = [try await book(9, day), try await book(11, day, ["status": "confirmed"])]
        _ = try await book(9, past)
        _ = try await book(13, day, ["status": "cancelled"])
        // Somebody else's.
        let other: JSONObject = ["clientPhone": "", "service": "Фарбування", "staffId": JSONValue(salon.iryna)]
        try await admin.book(salon.visit(9, date: day, other))
        let path =
            switch kind {
            case .client: "/clients/\(client.id)"
            case .service: "/services/\(salon.haircut)"
            case .staff: "/staff/\(salon.olha)"
            }
        return (path, upcoming)
    }

    @Test(
        "409 names how many; force is for admins and managers; it cancels each with its event, audit entry and notification",
        arguments: Kind.allCases
    )
    func force(_ kind: Kind) async throws {
        let (salon, admin) = try await Salon.withDesk()
        if kind != .client {
            // Who may delete is the matrix's business, who may cancel so is not.
            let words = try #require(try await admin.get("/settings/roles/receptionist")["permissions"].array)
            let more: [JSONValue] = ["services.delete", "staff.delete"]
            try await admin.put("/settings/roles/receptionist", ["permissions": .array(words + more)]).expect(200)
        }
        let (path, upcoming) = try await Self.scene(kind, salon, admin)
        let receptionist = try await salon.login(.receptionist)
        var ears = try await Ears.open(receptionist, "appointments", on: salon.deployment)
        for desk in [admin, receptionist] {
            let refusal = try await desk.delete(path)
            refusal.expectError(409, "HAS_APPOINTMENTS")
            #expect(refusal["count"] == 2)
            #expect(refusal["message"].string?.contains("2") == true)
        }
        try await receptionist.delete(path + "?force=true").expectError(403, "FORBIDDEN")
        try await ears.expectNothing()
        try await admin.at(salon.deployment.b).delete(path + "?force=true").expect(204)
        for visit in upcoming {
            let shown = try await receptionist.get("/appointments/\(visit.id)").expect(200).json
            #expect(shown["status"] == "cancelled" && shown["version"] == 2)
            try await ears.expect("appointment:updated", shown)
        }
        try await ears.expectNothing()
        let entries: Int64 = try await salon.deployment.database.value(
            """
            SELECT count(*) FROM audit_log WHERE salon_id = \(salon.id) AND entity = 'record' AND action = 'updated'
              AND details -> 'status' ->> 'to' = 'cancelled'
            """
        )
        #expect(entries == 2)
        let titles = try #require(try await receptionist.get("/notifications")["data"].array).compactMap { $0["title"]?.string }
        #expect(titles.count { $0 == "Запис скасовано" } == 2)
        #expect(try await admin.get(path).status == (kind == .staff ? 200 : 404))
    }

    @Test("more than 200 visits are not cancelled at once, and the answer says how many there are")
    func tooMany() async throws {
        let (salon, admin) = try await Salon.withDesk()
        try await salon.deployment.database.client.query(
            """
            INSERT INTO appointments (salon_id, client_name, staff_id, date, start_time, end_time)
            SELECT \(salon.id), 'Марія', \(salon.iryna), current_date + 10 + n, '10:00', '11:00' FROM generate_series(1, 201) AS n
            """
        )
        let path = "/staff/\(salon.iryna)"
        for refusal in [
            try await admin.delete(path + "?force=true"), try await admin.put(path + "?force=true", ["isActive": false]),
        ] {
            refusal.expectError(409, "HAS_APPOINTMENTS")
            #expect(refusal["count"] == 201)
            #expect(refusal["message"].string?.contains("200") == true)
        }
        let visit: Int64 = try await salon.deployment.database.value(
            "SELECT max(id) FROM appointments WHERE salon_id = \(salon.id)"
        )
        try await admin.delete("/appointments/\(visit)").expect(204)
        try await admin.delete(path + "?force=true").expect(204)
    }

    @Test("what nothing needs goes at once, by force or not")
    func unneeded() async throws {
        let (salon, admin) = try await Salon.withDesk()
        try await admin.delete("/services/\(salon.colouring)?force=true").expect(204)
        try await admin.delete("/services/\(salon.haircut)").expect(204)
        try await admin.delete("/staff/\(salon.iryna)?force=maybe").expectError(422, "VALIDATION_ERROR", fields: ["force"])
        try await admin.delete("/staff/\(salon.iryna)").expect(204)
        // Once more has nothing left to do.
        try await admin.delete("/staff/\(salon.iryna)").expect(204)
        #expect(try await admin.get("/staff/\(salon.iryna)")["status"] == "fired")
    }

    @Test("a visit does not come back without its client")
    func deletedClient() async throws {
        let (salon, admin) = try await Salon.withDesk()
        let client = try await admin.post("/clients", ["firstName": "Ганна", "phone": "0671112233"]).expect(201).json
        let day: String = try await salon.deployment.database.value("SELECT (current_date + 10)::text")
        let more: JSONObject = ["clientId": client["id"] ?? .null]
        let past: String = try await salon.deployment.database.value("SELECT (current_date - 10)::text")
        let over = try await admin.book(salon.visit(13, date: past, more))
        let (cancelled, deleted) = (
            try await admin.book(salon.visit(9, date: day, more)), try await admin.book(salon.visit(11, date: day, more))
        )
        try await admin.patch("/appointments/\(cancelled.id)/status", ["status": "cancelled"]).expect(200)
        try await admin.delete("/appointments/\(deleted.id)").expect(204)
        try await admin.delete("/clients/\(client.id)").expect(204)
        try await admin.patch("/appointments/\(cancelled.id)/status", ["status": "scheduled"])
            .expectError(422, "VALIDATION_ERROR", fields: ["clientId"])
        try await admin.post("/appointments/\(deleted.id)/restore").expectError(422, "VALIDATION_ERROR", fields: ["clientId"])
        try await admin.put("/appointments/\(over.id)", ["date": .string(day)])
            .expectError(422, "VALIDATION_ERROR", fields: ["clientId"])
        try await admin.put("/appointments/\(over.id)", ["endTime": "23:00"])
            .expectError(422, "VALIDATION_ERROR", fields: ["clientId"])
        try await admin.put("/appointments/\(over.id)", ["startTime": "12:30", "notes": "не прийшла"]).expect(200)
        // What is over needs nobody, nor does a visit of somebody without a card.
        try await admin.patch("/appointments/\(cancelled.id)/status", ["status": "no-show"]).expect(200)
        try await admin.put("/appointments/\(cancelled.id)", ["status": "scheduled", "clientId": .null]).expect(200)
    }

    @Test("a deleted service is booked by nobody; a visit that has it keeps it")
    func deletedService() async throws {
        let (salon, admin) = try await Salon.withDesk()
        let completed: JSONObject = ["serviceId": JSONValue(salon.colouring), "service": .null, "status": "completed"]
        let had = try await admin.book(salon.visit(9, completed))
        let other = try await admin.book(salon.visit(11))
        #expect(had["serviceId"]?.int == salon.colouring)
        // Past visits do not stand in the way.
        try await admin.delete("/services/\(salon.colouring)").expect(204)
        let named: [JSONObject] = [
            ["serviceId": JSONValue(salon.colouring)],
            ["services": [["serviceId": JSONValue(salon.haircut)], ["serviceId": JSONValue(salon.colouring)]]],
        ]
        for more in named {
            try await admin.post("/appointments", salon.visit(13, more))
                .expectError(422, "VALIDATION_ERROR", fields: ["serviceId"])
            try await admin.put("/appointments/\(other.id)", .object(more))
                .expectError(422, "VALIDATION_ERROR", fields: ["serviceId"])
            try await admin.put("/appointments/\(had.id)", .object(more)).expect(200)
        }
        let priced = try await admin.put("/appointments/\(had.id)", ["price": 2_000]).expect(200).json
        #expect(priced["services"]?.array?.compactMap { $0["serviceId"]?.int } == [salon.haircut, salon.colouring])
    }

    @Test("what a booking needs is locked: a service that goes at the same moment is booked by nobody")
    func serviceRace() async throws {
        let (salon, admin) = try await Salon.withDesk()
        let database = salon.deployment.database
        let day: String = try await database.value("SELECT (current_date + 10)::text")
        for round in 0..<6 {
            let service = try await admin.post("/services", ["name": .string("S\(round)"), "duration": 60, "price": 1]).expect(
                201
            ).json
            let id = try #require(service["id"])
            try await withThrowingTaskGroup(of: Int.self) { group in
                group.addTask {
                    let body = salon.visit(8 + round, date: day, ["serviceId": id])
                    return try await admin.post("/appointments", body).status
                }
                group.addTask { try await admin.at(salon.deployment.b).delete("/services/\(service.id)?force=true").status }
                for try await status in group { #expect([201, 422, 204].contains(status)) }
            }
            let left: Int64 = try await database.value(
                """
                SELECT count(*) FROM appointments a JOIN services s ON s.id = a.service_id
                WHERE s.id = \(id.int) AND s.deleted_at IS NOT NULL AND a.status = 'scheduled'
                """
            )
            #expect(left == 0)
        }
    }

    @Test("bookings and a deletion at once: either the visit is refused, or the deletion is, or the visit is cancelled")
    func race() async throws {
        let (salon, admin) = try await Salon.withDesk()
        let database = salon.deployment.database
        let day: String = try await database.value("SELECT (current_date + 10)::text")
        for round in 0..<4 {
            let client = try await admin.post("/clients", ["firstName": "Ганна", "phone": ""]).expect(201).json
            let id = try #require(client["id"])
            try await withThrowingTaskGroup(of: Int.self) { group in
                for (index, node) in salon.deployment.nodes.enumerated() {
                    group.addTask {
                        let body = salon.visit(
                            8 + round * 2 + index,
                            date: day,
                            ["clientId": id, "staffId": JSONValue(salon.iryna)]
                        )
                        return try await admin.at(node).post("/appointments", body).status
                    }
                }
                group.addTask { try await admin.delete("/clients/\(client.id)?force=true").status }
                for try await status in group { #expect([201, 422, 204].contains(status)) }
            }
            let left: Int64 = try await database.value(
                """
                SELECT count(*) FROM appointments a JOIN clients c ON c.id = a.client_id
                WHERE c.id = \(id.int) AND c.deleted_at IS NOT NULL AND a.status = 'scheduled'
                """
            )
            #expect(left == 0)
        }
    }
}
