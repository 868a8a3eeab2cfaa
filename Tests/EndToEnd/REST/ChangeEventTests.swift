import JSON
import Postgres
import REST
import Support
import Testing

@Suite("What is changed is heard by every screen that may show it", .inTurn)
struct ChangeEventTests {
    @Test("clients: created, changed field by field, deleted; equal to what GET shows, on both nodes")
    func clients() async throws {
        let (salon, desk) = try await Salon.withDesk(.receptionist)
        let second = desk.at(salon.deployment.b)
        let reader = try await salon.login(.manager)
        var ears = try await Ears.open(reader, "clients", on: salon.deployment)
        let body: JSONValue = [
            "firstName": "Ганна", "lastName": "Мороз", "phone": "067 123 45 67", "email": "h@mail.test", "birthDate": "1990-5-3",
            "notes": "алергія", "discount": 5, "gender": "female",
        ]
        let path = "/clients/\(try await desk.post("/clients", body).expect(201).json.id)"
        func shown() async throws -> JSONValue { try await reader.get(path).expect(200).json.asListed }
        let created = try await shown()
        try await ears.expect("client:created", created)

        let changed = try await second.put(path, ["lastName": "Коваль", "notes": .null, "birthDate": "1991-12-31"]).expect(200)
            .json
        #expect(changed["lastName"] == "Коваль" && changed["birthDate"] == "1991-12-31")
        #expect(changed["notes"] == nil && changed["updatedAt"] != nil)
        for name in ["firstName", "phone", "email", "discount", "gender"] { #expect(changed[name] == created[name], "\(name)") }
        #expect(try await shown() == changed)
        try await ears.expect("client:updated", changed)

        // A mask, the same once more, and nothing: no change, no event, no audit entry.
        for same in [["phone": "•••• 4567"], ["lastName": "Коваль", "discount": 5, "phone": "067 123 45 67"], [:]] as [JSONValue]
        {
            #expect(try await desk.put(path, same).expect(200).json == changed)
        }
        // The whole object as the page has it is no change either.
        #expect(try await desk.put(path, changed).expect(200).json == changed)

        let cleared = try await desk.put(path, ["phone": "", "email": "", "gender": .null, "discount": .null]).expect(200).json
        #expect(cleared["phone"] == "" && cleared["discount"] == 0)
        for name in ["email", "gender"] { #expect(cleared.object?.contains(name) == false) }
        try await ears.expect("client:updated", cleared)

        try await desk.put(path, ["firstName": "", "birthDate": "31.12.1990", "discount": -1, "gender": "x"])
            .expectError(422, "VALIDATION_ERROR", fields: ["firstName", "birthDate", "discount", "gender"])
        try await desk.put(path, ["firstName": .null]).expectError(422, "VALIDATION_ERROR", fields: ["firstName"])
        try await desk.post("/clients", ["firstName": "Інна", "phone": "+380671234567"]).expect(201)
        try await ears.expect("client:created")
        try await desk.put(path, ["phone": "8 067 123-45-67"]).expectError(409, "PHONE_TAKEN", fields: ["phone"])

        try await second.delete(path).expect(204)
        try await ears.expect("client:deleted", ["id": try #require(created["id"])])
        for answer in [try await desk.get(path), try await desk.put(path, [:]), try await desk.delete(path)] {
            answer.expectError(404, "NOT_FOUND")
        }
        try await ears.expectNothing()
        #expect(
            try await salon.audit("client") == [
                "created Ганна Мороз", "updated Ганна Коваль", "updated Ганна Коваль", "created Інна", "deleted Ганна Коваль",
            ]
        )
        // What was private is not kept there.
        let details: PostgresJSON = try await salon.deployment.database.value(
            "SELECT jsonb_agg(details ORDER BY id) FROM audit_log WHERE salon_id = \(salon.id) AND entity = 'client'"
        )
        #expect(!details.text.contains("123") && !details.text.contains("mail.test"))
        #expect(try JSONValue(parsing: details.text)[1]?["lastName"] == ["from": "Мороз", "to": "Коваль"])
    }

    @Test("a client's figures follow its completed visits, also when two are completed at once on two nodes")
    func figures() async throws {
        let (salon, desk) = try await Salon.withDesk()
        var ears = try await Ears.open(desk, "clients", on: salon.deployment)
        let client = try await desk.post("/clients", ["firstName": "Ганна", "phone": "0671112233"]).expect(201).json
        let other = try await desk.post("/clients", ["firstName": "Інна", "phone": "0679998877"]).expect(201).json
        for _ in 0..<2 { try await ears.expect("client:created") }
        func shown(_ client: JSONValue) async throws -> JSONValue { try await desk.get("/clients/\(client.id)").json.asListed }
        func book(_ hour: Int, _ status: String = "scheduled") async throws -> JSONValue {
            try await desk.book(salon.visit(hour, ["clientId": client["id"] ?? .null, "status": .string(status)]))
        }
        let visit = try await book(9)
        let path = "/appointments/\(visit.id)"
        // Neither booking nor moving counts.
        try await desk.put(path, ["startTime": "09:30", "notes": "x"]).expect(200)
        try await desk.patch(path + "/status", ["status": "completed"]).expect(200)
        #expect(try await ears.expect("client:updated", try await shown(client))["totalVisits"] == 1)
        try await desk.put(path, ["notes": "y"]).expect(200)
        try await desk.put(path, ["price": 700]).expect(200)
        #expect(try await ears.expect("client:updated", try await shown(client))["totalSpent"] == 700)
        try await desk.put(path, ["clientId": other["id"] ?? .null]).expect(200)
        #expect(try await ears.expect("client:updated", try await shown(client))["totalVisits"] == 0)
        #expect(try await ears.expect("client:updated", try await shown(other))["totalVisits"] == 1)
        try await desk.delete(path).expect(204)
        #expect(try await ears.expect("client:updated", try await shown(other))["totalVisits"] == 0)
        try await desk.post(path + "/restore").expect(200)
        #expect(try await ears.expect("client:updated", try await shown(other))["totalVisits"] == 1)
        _ = try await book(11, "completed")
        #expect(try await ears.expect("client:updated", try await shown(client))["totalVisits"] == 1)
        let visits = [try await book(13), try await book(15)]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (visit, node) in zip(visits, salon.deployment.nodes) {
                group.addTask {
                    try await desk.at(node).patch("/appointments/\(visit.id)/status", ["status": "completed"]).expect(200)
                }
            }
            try await group.waitForAll()
        }
        #expect(try await ears.expect("client:updated")["totalVisits"] == 2)
        #expect(try await ears.expect("client:updated", try await shown(client))["totalVisits"] == 3)
        try await ears.expectNothing()
        #expect(try await salon.audit("client").count == 2)
    }

    @Test("figures wait for a change of their client that is under way, so that the later event never has the older ones")
    func figuresAndChange() async throws {
        // A database of its own: who waits in it is looked at.
        let deployment = try await Deployment.start(nodes: 1)
        let salon = try await Salon.make(on: deployment)
        let desk = try await salon.login(.admin)
        let client = try await desk.post("/clients", ["firstName": "Ганна", "phone": "0671112233"]).expect(201).json
        let visit = try await desk.book(salon.visit(9, ["clientId": client["id"] ?? .null]))
        let completion = try await deployment.database.client.transaction { connection in
            // As a change of the client does before it reads the client.
            _ = try await connection.query("SELECT 1 FROM clients WHERE id = \(client["id"]?.int) FOR NO KEY UPDATE")
            let completion = Task { try await desk.patch("/appointments/\(visit.id)/status", ["status": "completed"]) }
            try await poll("the completion waits for the client") {
                try await deployment.database.waitingForLocks() == 1 ? () : nil
            }
            return completion
        }
        try await completion.value.expect(200)
        #expect(try await desk.get("/clients/\(client.id)")["totalVisits"] == 1)
        try await deployment.stop()
    }

    @Test("services: created, changed, switched off by either word, deleted")
    func services() async throws {
        let (salon, desk) = try await Salon.withDesk(.manager)
        let reader = try await salon.login(.master)
        var ears = try await Ears.open(reader, "services", on: salon.deployment)
        let made = try await desk.post("/services", ["name": "Манікюр", "duration": 60, "price": 400, "color": "#aabbcc"]).expect(
            201
        )
        let path = "/services/\(try made.json.id)"
        func step(_ change: JSONValue) async throws -> JSONValue {
            let body = try await desk.at(salon.deployment.b).put(path, change).expect(200).json
            #expect(try await reader.get(path).expect(200).json.asListed == body)
            try await ears.expect("service:updated", body)
            return body
        }
        try await ears.expect("service:created", try await reader.get(path).json.asListed)
        #expect(try await step(["price": try JSONValue(parsing: "450.5"), "duration": 75, "color": .null])["color"] == nil)
        #expect(try await step(["status": "inactive"])["isActive"] == false)
        #expect(try await step(["isActive": true])["status"] == "active")
        #expect(try await step(["description": "з покриттям", "category": ""])["category"] == "other")
        try await desk.put(path, ["status": "active", "name": "Манікюр"]).expect(200)
        try await desk.put(path, ["price": .null, "duration": 0, "name": "", "color": "red"])
            .expectError(422, "VALIDATION_ERROR", fields: ["price", "duration", "name", "color"])
        try await desk.delete(path).expect(204)
        try await ears.expect("service:deleted", ["id": try #require(try made.json["id"])])
        try await desk.get(path).expectError(404, "NOT_FOUND")
        try await ears.expectNothing()
        #expect(try await salon.audit("service").count == 6)
    }

    @Test("staff: changed, invited anew with another e-mail, and working hours in all three forms")
    func staff() async throws {
        let (salon, admin) = try await Salon.withDesk()
        let reader = try await salon.login(.receptionist)
        var ears = try await Ears.open(reader, "staff", on: salon.deployment)
        let email = "new.\(salon.email(.master))"
        let made = try await admin.post("/staff", ["firstName": "Леся", "phone": "", "email": .string(email), "salary": 100])
            .expect(201)
        let path = "/staff/\(try made.json.id)"
        try await ears.expect("staff:created", try await reader.get(path).json.asListed)
        let changed = try await admin.at(salon.deployment.b).put(
            path,
            [
                "lastName": "Українка", "role": "manager", "specialization": "брови", "salary": .null,
                "email": .string("x.\(email)"),
            ]
        ).expect(200).json
        #expect(changed["position"] == "manager" && changed["specializations"] == ["брови"])
        #expect(changed.object?.contains("salary") == false)
        try await ears.expect("staff:updated", try await reader.get(path).json.asListed)
        #expect(try await admin.put(path, changed).expect(200).json == changed)
        let invited: [String] = try await salon.deployment.database.value(
            "SELECT array_agg(email) FROM staff_invitations WHERE salon_id = \(salon.id)"
        )
        #expect(invited == ["x.\(email)"])
        try await admin.post("/staff", ["firstName": "Інша", "phone": "", "email": .string(email)]).expect(201)
        try await ears.expect("staff:created")
        try await admin.put(path, ["email": .string(email)]).expectError(409, "EMAIL_TAKEN")

        let day: JSONValue = ["enabled": true, "from": "10:00", "to": "18:00", "breaks": [["from": "13:00", "to": "14:00"]]]
        let forms: JSONValue = [
            "mon": day,
            "tuesday": ["isWorkDay": true, "startTime": "10:00", "endTime": "18:00", "breakStart": "13:00", "breakEnd": "14:00"],
            "wed": ["start": "10:00", "end": "18:00", "breaks": [["from": "13:00", "to": "14:00"]]],
            "thu": ["enabled": false, "from": "10:00", "to": "18:00"], "fri": .null,
        ]
        try await admin.post(path + "/schedule", ["work_days": forms, "exceptions": []]).expect(200)
        let expected: JSONValue = ["mon": day, "tue": day, "wed": day, "thu": ["enabled": false], "fri": ["enabled": false]]
        #expect(try await ears.expect("staff:updated", try await reader.get(path).json.asListed)["schedule"] == expected)
        // 2026-05-18 is a Monday.
        let off: JSONValue = ["date": "2026-05-19", "type": "vacation", "reason": "море"]
        try await admin.post(path + "/schedule", ["exceptions": [off]]).expect(200)
        #expect(try await ears.expect("staff:updated", try await reader.get(path).json.asListed)["exceptions"] == [off])
        try await admin.post(path + "/schedule", ["workDays": forms, "exceptions": [off]]).expect(200)
        let week = try await reader.get(path + "/schedule?dateFrom=2026-05-18&dateTo=2026-05-24").expect(200)
        #expect(week["workDays"] == expected && week["exceptions"] == [off])
        let days = try #require(week["schedule"].array)
        #expect(days.compactMap { $0["isWorkingDay"]?.bool } == [true, false, true, false, false, false, false])
        #expect(
            days.prefix(2) == [
                [
                    "date": "2026-05-18", "dayOfWeek": "mon", "isWorkingDay": true, "workFrom": "10:00", "workTo": "18:00",
                    "breaks": [["from": "13:00", "to": "14:00"]],
                ],
                ["date": "2026-05-19", "dayOfWeek": "tue", "isWorkingDay": false, "exception": "vacation", "reason": "море"],
            ]
        )
        #expect(try await reader.get(path + "/schedule")["schedule"].array?.count == 7)
        #expect(try await reader.get("/staff/\(salon.iryna)/schedule")["schedule"][0]?["isWorkingDay"] == true)
        try await admin.post(
            path + "/schedule",
            ["work_days": ["mon": ["enabled": true], "someday": day], "exceptions": [["date": "x"]]]
        )
        .expectError(422, "VALIDATION_ERROR", fields: ["work_days.mon", "work_days", "exceptions"])
        // Where the salon is strict, a day off is outside working hours.
        try await salon.deployment.database.client.query("UPDATE salons SET strict_hours = true WHERE id = \(salon.id)")
        func book(_ date: String) async throws -> HTTPAnswer {
            try await admin.post("/appointments", salon.visit(10, date: date, ["staffId": try #require(made.json["id"])]))
        }
        try await book("2026-05-19").expectError(422, "OUTSIDE_WORKING_HOURS")
        try await book("2026-05-26").expect(201)
        try await ears.expectNothing()
        // An editor's empty week, as it is answered for no schedule, is none again: always at work.
        for empty in [["work_days": [:]], ["workDays": [:]]] as [JSONValue] {
            try await admin.post(path + "/schedule", ["workDays": forms]).expect(200)
            try await admin.post(path + "/schedule", empty).expect(200)
            #expect(try await reader.get(path).json.object?.contains("schedule") == false)
            let days = try #require(try await reader.get(path + "/schedule?dateFrom=2026-06-01").expect(200)["schedule"].array)
            #expect(days.allSatisfy { $0["isWorkingDay"] == true })
        }
    }
}
