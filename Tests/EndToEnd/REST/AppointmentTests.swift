import JSON
import Postgres
import REST
import Support
import Testing

@Suite("Appointments", .inTurn)
struct AppointmentTests {
    private static func salon(_ role: Role = .admin) async throws -> (Salon, Desk) {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        return (salon, try await salon.login(role))
    }

    @Test("a new visit is answered whole, with its ETag, and GET shows the same")
    func create() async throws {
        let (salon, desk) = try await Self.salon()
        let answer = try await desk.post("/appointments", salon.visit(9, ["notes": "Перший раз\nз донькою", "unknown": [1]]))
            .expect(201)
        let visit = try answer.json
        #expect(answer.header("etag") == "\"1\"")
        let expected: JSONObject = [
            "clientName": "Марія Шевченко", "clientPhone": "+380 67 123 45 67", "staffId": JSONValue(salon.olha),
            "staffName": "Ольга Коваль", "serviceId": JSONValue(salon.haircut), "serviceName": "Стрижка", "service": "Стрижка",
            "services": [["serviceId": JSONValue(salon.haircut), "name": "Стрижка", "price": 500, "duration": 60]],
            "date": "2026-05-18", "startTime": "09:00", "endTime": "10:00", "status": "scheduled", "type": "standard",
            "price": 500,
            "notes": "Перший раз\nз донькою", "version": 1,
        ]
        for (name, value) in expected { #expect(visit[name] == value, "\(name)") }
        #expect(visit.object?.contains("updatedAt") == false)
        #expect(visit["createdAt"]?.string?.hasSuffix("Z") == true)
        let got = try await desk.get("/appointments/\(visit.id)").expect(200)
        #expect(try got.json == visit)
        #expect(got.header("etag") == "\"1\"")
    }

    @Test("lists are filtered by day, range, master and status, complete without paging, and paged with the total")
    func lists() async throws {
        let (salon, desk) = try await Self.salon()
        for day in 1...3 {
            for hour in [9, 11] {
                try await desk.book(salon.visit(hour, date: "2026-05-0\(day)"))
                try await desk.book(
                    salon.visit(hour, date: "2026-05-0\(day)", ["staffId": JSONValue(salon.iryna), "status": "confirmed"])
                )
            }
        }
        let unassigned = try await desk.book(salon.visit(8, date: "2026-05-02", ["staffId": .null]))
        #expect(unassigned["staffId"] == .null)
        func list(_ query: String) async throws -> (rows: [JSONValue], total: String?) {
            let answer = try await desk.get("/appointments?\(query)").expect(200)
            return (try #require(try answer.json.array), answer.header("x-total-count"))
        }
        let all = try await list("")
        #expect(all.rows.count == 13)
        #expect(all.total == "13")
        let order = all.rows.map { "\($0["date"]?.string ?? "") \($0["startTime"]?.string ?? "")" }
        #expect(order == order.sorted())
        for (query, count) in [
            ("date=2026-05-02", 5), ("dateFrom=2026-05-02", 9), ("dateTo=2026-05-02", 9),
            ("dateFrom=2026-05-02&dateTo=2026-05-02", 5),
            ("staffId=\(salon.olha)", 6), ("staffId=\(salon.olha)&dateFrom=2026-05-03", 2), ("status=confirmed", 6),
            ("status=cancelled", 0), ("dateFrom=&dateTo=&staffId=&status=", 13), ("dateFrom=2026-5-2&dateTo=2026-5-2", 5),
        ] {
            #expect(try await list(query).rows.count == count, "\(query)")
        }
        for (query, slice) in [
            ("page=1&perPage=5", 0..<5), ("page=3&perPage=5", 10..<13), ("page=4&perPage=5", 13..<13), ("page=2&limit=6", 6..<12),
            ("limit=4&offset=2", 2..<6), ("page=1", 0..<13),
        ] {
            let page = try await list(query)
            #expect(page.rows == Array(all.rows[slice]), "\(query)")
            #expect(page.total == "13")
        }
    }

    @Test("PUT changes what it names, keeps what it does not, and null clears")
    func partialUpdate() async throws {
        let (salon, desk) = try await Self.salon()
        let visit = try await desk.book(salon.visit(9, ["notes": "a"]))
        let path = "/appointments/\(visit.id)"
        let changed = try await desk.put(path, ["id": 5, "isForAnotherPerson": true, "type": "important"]).expect(200).json
        var expected = try #require(visit.object).merging(["type": "important", "version": 2])
        expected["updatedAt"] = changed["updatedAt"]
        #expect(changed == .object(expected))
        let cleared = try await desk.put(path, ["notes": .null, "price": .null, "staffId": .null, "clientPhone": .null]).expect(
            200
        ).json
        #expect(cleared["staffId"] == .null)
        for name in ["notes", "price", "clientPhone", "staffName"] { #expect(cleared[name] == nil) }
        #expect(cleared["version"] == 3)
        try await desk.put(path, ["date": .null, "startTime": .null, "status": .null])
            .expectError(422, "VALIDATION_ERROR", fields: ["date", "startTime", "status"])
        try await desk.patch(path + "/status", [:]).expectError(422, "VALIDATION_ERROR", fields: ["status"])
        try await desk.patch(path + "/status", ["status": "paid"]).expectError(422, "VALIDATION_ERROR", fields: ["status"])
        let patched = try await desk.patch(path + "/status", ["status": "no-show", "notes": "not mine to change"]).expect(200)
            .json
        #expect(patched["status"] == "no-show")
        #expect(patched["notes"] == nil)
    }

    @Test("a PUT that says nothing new changes nothing: no version, no event, no notification")
    func unchanged() async throws {
        let (salon, desk) = try await Self.salon()
        let watching = try await salon.login(.manager).socket("appointments", "notifications")
        let visit = try await desk.book(salon.visit(9, ["notes": "a"]))
        for _ in 0..<2 { _ = try await watching.next() }
        let path = "/appointments/\(visit.id)"
        for body in [
            [:], ["status": "scheduled"], salon.visit(9, ["notes": "a"]), ["version": 1, "clientPhone": "••• 67"],
        ] {
            let same = try await desk.put(path, body).expect(200)
            #expect(try same.json == visit)
            #expect(same.header("etag") == "\"1\"")
        }
        try await watching.expectNothing()
    }

    @Test("a stale version is refused with the current row, told in the body or by If-Match")
    func versions() async throws {
        let (salon, desk) = try await Self.salon()
        let visit = try await desk.book(salon.visit(9))
        let path = "/appointments/\(visit.id)"
        let second = try await desk.put(path, ["notes": "b", "version": 1]).expect(200).json
        #expect(second["version"] == 2)
        for (body, headers) in [
            (["notes": "c", "version": 1], []), (["notes": "c"], [("If-Match", "\"1\"")]),
            // The header goes before the body.
            (["notes": "c", "version": 2], [("If-Match", "\"3\"")]),
        ] as [(JSONValue, [(String, String)])] {
            let conflict = try await desk.put(path, body, headers)
            conflict.expectError(409, "VERSION_CONFLICT")
            #expect(conflict["current"] == second)
        }
        try await desk.patch(path + "/status", ["status": "confirmed"], [("If-Match", "\"1\"")]).expectError(
            409,
            "VERSION_CONFLICT"
        )
        try await desk.put(path, ["notes": "c"], [("If-Match", "2")]).expectError(422, "VALIDATION_ERROR", fields: ["If-Match"])
        try await desk.put(path, ["notes": "c"], [("If-Match", "\"2\"")]).expect(200)
        try await desk.put(path, ["notes": "d"], [("If-Match", "*")]).expect(200)
        // Without a version the last write wins.
        #expect(try await desk.put(path, ["notes": "e"]).expect(200)["version"] == 5)
        // Of many that have seen the same version one gets through.
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<10 {
                let desk = desk.at(salon.deployment.nodes[number % 2])
                group.addTask { try await desk.put(path, ["notes": .string("\(number)"), "version": 5]).status }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.filter { $0 == 200 }.count == 1)
        #expect(statuses.filter { $0 == 409 }.count == 9)
    }

    @Test("an end below the start is the next day's; equal times and more than 16 hours are refused")
    func midnight() async throws {
        let (salon, desk) = try await Self.salon()
        let late = try await desk.book(salon.visit(9, ["startTime": "23:00", "endTime": "01:30"]))
        #expect(late["endTime"] == "01:30")
        // The next day's first hours are taken by it, and not a minute more.
        let overlapping = salon.visit(9, date: "2026-05-19", ["startTime": "01:00", "endTime": "02:00"])
        #expect(try await desk.post("/appointments", overlapping)["conflict"] == late)
        try await desk.book(salon.visit(9, date: "2026-05-19", ["startTime": "01:30", "endTime": "02:30"]))
        for (start, end) in [("10:00", "10:00"), ("10:00", "09:00"), ("06:00", "22:01"), ("00:00", "23:00")] {
            let body = salon.visit(9, date: "2026-05-20", ["startTime": .string(start), "endTime": .string(end)])
            try await desk.post("/appointments", body).expectError(422, "VALIDATION_ERROR", fields: ["endTime"])
        }
        try await desk.book(salon.visit(9, date: "2026-05-20", ["startTime": "06:00", "endTime": "22:00"]))
        let path = "/appointments/\(late.id)"
        try await desk.put(path, ["endTime": "23:00"]).expectError(422, "VALIDATION_ERROR", fields: ["endTime"])
        try await desk.put(path, ["startTime": "01:30"]).expectError(422, "VALIDATION_ERROR", fields: ["endTime"])
        try await desk.put(path, ["startTime": "02:00"]).expectError(422, "VALIDATION_ERROR", fields: ["endTime"])
    }

    @Test("touching visits do not conflict, overlapping ones do: on creation, in time, to another master, and back to life")
    func overlaps() async throws {
        let (salon, desk) = try await Self.salon()
        let first = try await desk.book(salon.visit(10))
        try await desk.book(salon.visit(11))
        try await desk.book(salon.visit(9))
        let elsewhere = try await desk.book(salon.visit(10, ["staffId": JSONValue(salon.iryna)]))
        try await desk.book(salon.visit(10, ["staffId": .null]))
        for (start, end) in [("10:00", "11:00"), ("10:15", "10:30"), ("08:30", "09:01"), ("10:59", "12:30"), ("08:00", "13:00")] {
            let answer = try await desk.post(
                "/appointments",
                salon.visit(10, ["startTime": .string(start), "endTime": .string(end)])
            )
            answer.expectError(409, "SLOT_TAKEN")
            #expect(answer["conflict"]["staffId"]?.int == salon.olha)
        }
        let later = try await desk.book(salon.visit(15))
        let path = "/appointments/\(later.id)"
        #expect(try await desk.put(path, ["startTime": "10:30", "endTime": "11:00"])["conflict"] == first)
        #expect(try await desk.put(path, ["date": "2026-05-18", "startTime": "14:30", "version": 1]).status == 200)
        let moved = try await desk.put("/appointments/\(elsewhere.id)", ["staffId": JSONValue(salon.olha)])
        moved.expectError(409, "SLOT_TAKEN")
        #expect(moved["conflict"] == first)
        // A visit never conflicts with itself.
        try await desk.put("/appointments/\(first.id)", ["startTime": "10:00", "endTime": "10:45", "notes": "x"]).expect(200)
        // Cancelled and missed visits free their time, and ask for it again when they come back.
        for status in ["cancelled", "no-show"] {
            let day = status == "cancelled" ? "2026-05-21" : "2026-05-22"
            let visit = try await desk.book(salon.visit(10, date: day))
            try await desk.patch("/appointments/\(visit.id)/status", ["status": .string(status)]).expect(200)
            let taker = try await desk.book(salon.visit(10, date: day))
            let back = try await desk.patch("/appointments/\(visit.id)/status", ["status": "scheduled"])
            back.expectError(409, "SLOT_TAKEN")
            #expect(back["conflict"] == taker)
            try await desk.delete("/appointments/\(taker.id)").expect(204)
            try await desk.patch("/appointments/\(visit.id)/status", ["status": "scheduled"]).expect(200)
        }
    }

    @Test("a deleted visit is gone, frees its time, and comes back if that is still free")
    func deleteAndRestore() async throws {
        let (salon, desk) = try await Self.salon()
        let visit = try await desk.book(salon.visit(10, ["notes": "x"]))
        let path = "/appointments/\(visit.id)"
        try await desk.delete(path).expect(204)
        try await desk.get(path).expectError(404, "NOT_FOUND")
        try await desk.delete(path).expectError(404, "NOT_FOUND")
        try await desk.put(path, ["notes": "y"]).expectError(404, "NOT_FOUND")
        #expect(try await desk.get("/appointments").json == [])
        let taker = try await desk.book(salon.visit(10))
        let refused = try await desk.post(path + "/restore")
        refused.expectError(409, "SLOT_TAKEN")
        #expect(refused["conflict"] == taker)
        try await desk.delete("/appointments/\(taker.id)").expect(204)
        let restored = try await desk.post(path + "/restore").expect(200).json
        #expect(restored["notes"] == "x")
        #expect(restored["startTime"] == "10:00")
        #expect((restored["version"]?.int ?? 0) > 1)
        try await desk.post(path + "/restore").expectError(404, "NOT_FOUND")
        #expect(try await desk.get(path).json == restored)
    }

    @Test("a deliberate overlap is for admins and managers")
    func allowOverlap() async throws {
        let (salon, desk) = try await Self.salon()
        let (manager, receptionist) = (try await salon.login(.manager), try await salon.login(.receptionist))
        try await desk.book(salon.visit(10))
        for actor in [desk, manager] {
            #expect(try await actor.book(salon.visit(10, ["allowOverlap": true]))["allowOverlap"] == true)
        }
        try await receptionist.post("/appointments", salon.visit(10, ["allowOverlap": true])).expectError(403, "FORBIDDEN")
        try await receptionist.post("/appointments", salon.visit(10, ["allowOverlap": false])).expectError(409, "SLOT_TAKEN")
        let later = try await desk.book(salon.visit(15))
        let path = "/appointments/\(later.id)"
        try await receptionist.put(path, ["startTime": "10:00", "endTime": "11:00", "allowOverlap": true]).expectError(
            403,
            "FORBIDDEN"
        )
        try await manager.put(path, ["startTime": "10:00", "endTime": "11:00", "allowOverlap": true]).expect(200)
        // It stays where it is when something else changes, whoever changes it.
        #expect(try await receptionist.put(path, ["notes": "x"]).expect(200)["startTime"] == "10:00")
    }

    @Test("whoever sends a whole visit back may send its deliberate overlap too, as long as it stays where it is")
    func keptOverlap() async throws {
        let (salon, desk) = try await Self.salon()
        let receptionist = try await salon.login(.receptionist)
        try await desk.book(salon.visit(10))
        let double = try await desk.book(salon.visit(10, ["allowOverlap": true]))
        let path = "/appointments/\(double.id)"
        let whole = try #require(double.object)
        let noted = try await receptionist.put(path, .object(whole.merging(["notes": "x"]))).expect(200).json
        #expect(noted["allowOverlap"] == true)
        let again = try #require(noted.object)
        try await receptionist.put(path, .object(again.merging(["startTime": "10:30"]))).expectError(403, "FORBIDDEN")
        try await receptionist.put(path, .object(again.merging(["staffId": JSONValue(salon.iryna)])))
            .expectError(403, "FORBIDDEN")
    }

    @Test("a whole visit that is sent back changes nothing; with another price, its lines still add up")
    func wholeVisits() async throws {
        let (salon, desk) = try await Self.salon()
        let visit = try await desk.book(salon.visit(9, ["service": "Фарбування, Стрижка", "price": 1_000]))
        let path = "/appointments/\(visit.id)"
        #expect(try await desk.put(path, visit).expect(200).json == visit)
        let whole = try #require(visit.object)
        let dearer = try await desk.put(path, .object(whole.merging(["price": 2_000]))).expect(200)
        #expect(dearer["services"].array?.compactMap { $0["price"]?.int } == [1_500, 500])
        // Whoever sets the lines' own prices is believed.
        let services = try #require(dearer["services"].array).map { line in
            JSONValue.object((line.object ?? [:]).merging(["price": 100]))
        }
        let own = try await desk.put(path, ["price": 200, "services": .array(services)]).expect(200)
        #expect(own["services"].array?.compactMap { $0["price"]?.int } == [100, 100])
    }

    @Test("what a browser's sums leave behind the hundredths is no third decimal")
    func noisyPrices() async throws {
        let (salon, desk) = try await Self.salon()
        let visit = try await desk.book(salon.visit(9, ["price": try JSONValue(parsing: "300.09999999999997")]))
        #expect(visit["price"]?.number?.text == "300.1")
        try await desk.put("/appointments/\(visit.id)", ["price": try JSONValue(parsing: "300.099")])
            .expectError(422, "VALIDATION_ERROR", fields: ["price"])
    }

    @Test("the visit of a master who has left can be kept and restored, and nothing new be booked with them")
    func formerMasters() async throws {
        let (salon, desk) = try await Self.salon()
        let visit = try await desk.book(salon.visit(10))
        let path = "/appointments/\(visit.id)"
        try await desk.delete(path).expect(204)
        try await salon.deployment.database.client.query("UPDATE staff SET is_active = false WHERE id = \(salon.olha)")
        let restored = try await desk.post(path + "/restore").expect(200).json
        #expect(restored["staffId"]?.int == salon.olha)
        try await desk.put(path, .object(try #require(restored.object).merging(["startTime": "10:15"]))).expect(200)
        try await desk.post("/appointments", salon.visit(15)).expectError(422, "VALIDATION_ERROR", fields: ["staffId"])
        let other = try await desk.book(salon.visit(16, ["staffId": JSONValue(salon.iryna)]))
        try await desk.put("/appointments/\(other.id)", ["staffId": JSONValue(salon.olha)])
            .expectError(422, "VALIDATION_ERROR", fields: ["staffId"])
    }

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

    @Test("clients are linked by their phone's digits, services by their name; masks are never values")
    func linking() async throws {
        let (salon, desk) = try await Self.salon()
        let client = try await desk.post("/clients", ["firstName": "Марія", "lastName": "Шевченко", "phone": "067 123-45-67"])
            .expect(201).json
        var hour = 8
        func book(_ more: JSONObject) async throws -> JSONValue {
            hour += 1
            return try await desk.book(salon.visit(hour, more))
        }
        for phone in ["0671234567", "+38 (067) 123 45 67", "80671234567"] {
            let visit = try await book(["clientPhone": .string(phone)])
            #expect(visit["clientId"] == client["id"])
            #expect(visit["clientPhone"]?.string == phone)
        }
        for phone in ["•••• 4567", "*** 1234567", ""] {
            let visit = try await book(["clientPhone": .string(phone)])
            #expect(visit["clientPhone"] == nil)
            #expect(visit["clientId"] == nil)
        }
        let byID = try await book(["clientId": client["id"] ?? .null, "clientName": .null, "clientPhone": .null])
        #expect(byID["clientName"] == "Марія Шевченко")
        #expect(byID["clientId"] == client["id"])
        let path = "/appointments/\(byID.id)"
        try await desk.put(path, ["clientPhone": "0671234567"]).expect(200)
        for mask in ["•••• 4567", "********67"] {
            let kept = try await desk.put(path, ["clientPhone": .string(mask), "notes": .string(mask)]).expect(200)
            #expect(kept["clientPhone"] == "0671234567")
            #expect(kept["clientId"] == client["id"])
        }
        for (text, service) in [("стрижка", salon.haircut), ("  ФАРБУВАННЯ ", salon.colouring)] {
            #expect(try await book(["service": .string(text)])["serviceId"]?.int == service)
        }
        let unknown = try await book(["service": "12345"])
        #expect(unknown["serviceId"] == nil)
        #expect(unknown["serviceName"] == "12345")
        #expect(try await book(["service": ""])["services"] == [])
    }

    @Test("several services become lines, and the price is split over those with a list price, to the cent")
    func lines() async throws {
        let (salon, desk) = try await Self.salon()
        func line(_ id: Int64?, _ name: String, _ price: String?, _ duration: Int64?) throws -> JSONValue {
            var line = JSONObject()
            if let id { line["serviceId"] = JSONValue(id) }
            line["name"] = .string(name)
            if let price { line["price"] = try JSONValue(parsing: price) }
            if let duration { line["duration"] = JSONValue(duration) }
            return .object(line)
        }
        let both = try await desk.book(salon.visit(9, ["service": "Фарбування, Стрижка", "price": 1_000]))
        #expect(both["serviceName"] == "Фарбування, Стрижка")
        #expect(both["serviceId"]?.int == salon.colouring)
        #expect(
            both["services"] == [
                try line(salon.colouring, "Фарбування", "750", 120), try line(salon.haircut, "Стрижка", "250", 60),
            ]
        )
        // A cent that does not divide goes to the last line with a price; a line that is in no list has none.
        let odd = try await desk.book(
            salon.visit(10, ["service": "Стрижка, Подарунок, Фарбування", "price": try JSONValue(parsing: "100.01")])
        )
        #expect(
            odd["services"] == [
                try line(salon.haircut, "Стрижка", "25", 60), try line(nil, "Подарунок", nil, nil),
                try line(salon.colouring, "Фарбування", "75.01", 120),
            ]
        )
        #expect(odd["price"]?.number?.text == "100.01")
        let given = try await desk.book(
            salon.visit(
                11,
                [
                    "services": [try line(salon.haircut, "Стрижка", "10.5", 30), try line(nil, "Чай", "0", nil)], "price": .null,
                ]
            )
        )
        #expect(given["services"] == [try line(salon.haircut, "Стрижка", "10.5", 30), try line(nil, "Чай", "0", nil)])
        #expect(given["serviceName"] == "Стрижка, Чай")
        let path = "/appointments/\(both.id)"
        // The edit window sends the text back: the lines stay.
        #expect(
            try await desk.put(path, ["service": "Фарбування, Стрижка", "notes": "x"]).expect(200)["services"] == both["services"]
                ?? .null
        )
        let repriced = try await desk.put(path, ["service": "Фарбування, Стрижка", "price": 2_000]).expect(200)
        #expect(
            repriced["services"] == [
                try line(salon.colouring, "Фарбування", "1500", 120), try line(salon.haircut, "Стрижка", "500", 60),
            ]
        )
        let one = try await desk.put(path, ["service": "Стрижка"]).expect(200)
        #expect(one["services"] == [try line(salon.haircut, "Стрижка", "2000", 60)])
        #expect(one["serviceId"].int == salon.haircut)
    }

    @Test("the same Idempotency-Key and body gets the first answer again; another body, path or user does not")
    func idempotency() async throws {
        let (salon, desk) = try await Self.salon()
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
        let (salon, desk) = try await Self.salon()
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
        let (salon, desk) = try await Self.salon()
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

    @Test("strict hours refuse what lies outside a master's schedule; without them it is allowed")
    func strictHours() async throws {
        let (salon, desk) = try await Self.salon()
        let database = salon.deployment.database.client
        let schedule =
            #"{"mon": {"enabled": true, "from": "09:00", "to": "18:00", "breaks": [{"from": "13:00", "to": "14:00"}]}}"#
        try await database.query("UPDATE staff SET schedule = \(PostgresJSON(text: schedule)) WHERE id = \(salon.olha)")
        try await desk.book(salon.visit(7))
        try await database.query("UPDATE salons SET strict_hours = true WHERE id = \(salon.id)")
        try await desk.book(salon.visit(9))
        for visit in [salon.visit(8), salon.visit(18), salon.visit(13), salon.visit(10, date: "2026-05-19")] {
            try await desk.post("/appointments", visit).expectError(422, "OUTSIDE_WORKING_HOURS")
        }
        try await desk.book(salon.visit(6, ["staffId": JSONValue(salon.iryna)]))
    }
}
