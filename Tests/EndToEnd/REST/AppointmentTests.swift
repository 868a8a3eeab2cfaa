import JSON
import REST
import Support
import Testing

@Suite("Appointments", .inTurn)
struct AppointmentTests {
    @Test("a new visit is answered whole, with its ETag, and GET shows the same")
    func create() async throws {
        let (salon, desk) = try await Salon.withDesk()
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
        let (salon, desk) = try await Salon.withDesk()
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
        let (salon, desk) = try await Salon.withDesk()
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
        let (salon, desk) = try await Salon.withDesk()
        let watching = try await salon.login(.manager).socket("appointments", "notifications")
        let visit = try await desk.book(salon.visit(9, ["notes": "a"]))
        for _ in 0..<2 { _ = try await watching.next() }
        let path = "/appointments/\(visit.id)"
        for body in [
            [:], ["status": "scheduled"], salon.visit(9, ["notes": "a"]), ["version": 1, "clientPhone": "••• 67"],
            ["serviceId": visit["serviceId"] ?? .null], ["serviceId": visit["serviceId"] ?? .null, "service": "Стрижка"],
        ] as [JSONValue] {
            let same = try await desk.put(path, body).expect(200)
            #expect(try same.json == visit)
            #expect(same.header("etag") == "\"1\"")
        }
        try await watching.expectNothing()
    }

    @Test("a stale version is refused with the current row, told in the body or by If-Match")
    func versions() async throws {
        let (salon, desk) = try await Salon.withDesk()
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

    @Test("a deleted visit is gone, frees its time, and comes back if that is still free")
    func deleteAndRestore() async throws {
        let (salon, desk) = try await Salon.withDesk()
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

    @Test("a whole visit that is sent back changes nothing; with another price, its lines still add up")
    func wholeVisits() async throws {
        let (salon, desk) = try await Salon.withDesk()
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

    @Test("beside the list of services as it is, another service is what is meant, by whoever has seen it")
    func otherService() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let visit = try await desk.book(salon.visit(9, ["service": "Стрижка"]))
        let path = "/appointments/\(visit.id)"
        let named = try await desk.put(path, .object((visit.object ?? [:]).merging(["service": "Фарбування"]))).expect(200).json
        #expect(named["serviceName"] == "Фарбування")
        #expect(named["services"]?.array?.compactMap { $0["serviceId"]?.int } == [salon.colouring])
        let chosen = (named.object ?? [:]).merging(["serviceId": JSONValue(salon.haircut)])
        let back = try await desk.put(path, .object(chosen)).expect(200).json
        #expect(back["serviceName"] == "Стрижка")
        #expect(back["serviceId"]?.int == salon.haircut)
        // Sent again without having looked, it does nothing anew; and a field left empty takes nothing away.
        let again: JSONObject = ["services": back["services"] ?? .null, "service": "Фарбування"]
        #expect(try await desk.put(path, .object(again)).expect(200).json == back)
        let emptied = (back.object ?? [:]).merging(["service": "", "serviceId": .null])
        #expect(try await desk.put(path, .object(emptied)).expect(200).json == back)
    }

    @Test("a service that is there, or none where none is, takes nothing away and is nothing new")
    func sameService() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let visits: [(body: JSONObject, same: [JSONValue])] = [
            (["service": "Свій догляд"], [["serviceId": .null], ["serviceId": .null, "service": "Свій догляд"]]),
            (
                ["service": "Фарбування, Стрижка"],
                [
                    ["serviceId": JSONValue(salon.colouring)],
                    ["serviceId": JSONValue(salon.colouring), "service": "Фарбування, Стрижка"],
                ]
            ),
            (
                ["service": ""],
                [["serviceId": .null], ["service": ""], ["service": .null], ["services": .null], ["services": []], ["notes": ""]]
            ),
        ]
        for (index, visit) in visits.enumerated() {
            let booked = try await desk.book(salon.visit(9 + index, visit.body))
            let path = "/appointments/\(booked.id)"
            for body in visit.same { #expect(try await desk.put(path, body).expect(200).json == booked, "\(body.text)") }
            // Beside something new it takes nothing away either.
            let confirmed = (visit.same[0].object ?? [:]).merging(["status": "confirmed"])
            let changed = try await desk.put(path, .object(confirmed)).expect(200).json
            #expect(changed["services"] == booked["services"] && changed["version"] == 2)
        }
        let linked = try await desk.book(salon.visit(13, ["service": "Стрижка"]))
        // The list is left empty, and the service named: that is it, however often.
        for more in [[:], ["service": "Стрижка"]] as [JSONObject] {
            let body = more.merging(["serviceId": JSONValue(salon.haircut), "services": .null])
            for _ in 0..<2 {
                let kept = try await desk.put("/appointments/\(linked.id)", .object(body)).expect(200).json
                #expect(kept["serviceId"]?.int == salon.haircut && kept["services"]?.array?.count == 1)
            }
        }
        let cleared = try await desk.put("/appointments/\(linked.id)", ["serviceId": .null]).expect(200).json
        #expect(cleared["services"] == [] && cleared["serviceId"] == nil)
    }

    @Test("whatever a visit is answered as can be sent back: the longest text of services, the longest service, the longest name")
    func longestServices() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let text = String(repeating: "дужедовганазва", count: 70)
        let day = try await desk.post("/services", ["name": "День у салоні", "duration": 1_440, "price": 5_000]).expect(201).json
        let name = String(repeating: "Ї", count: 200)
        let client = try await desk.post(
            "/clients",
            ["firstName": .string(name), "lastName": .string(name), "phone": "0671112233"]
        )
        .expect(201).json
        let visits = [
            try await desk.book(salon.visit(9, ["service": .string(text)])),
            try await desk.book(salon.visit(11, ["serviceId": day["id"] ?? .null])),
            try await desk.book(salon.visit(14, ["services": Self.services(19)])),
            try await desk.book(salon.visit(16, ["clientId": client["id"] ?? .null, "clientName": .null, "clientPhone": .null])),
        ]
        #expect(visits[0]["services"]?.array?.first?["name"]?.string == text)
        #expect(visits[1]["services"]?.array?.first?["duration"] == 1_440)
        #expect(visits[2]["serviceName"]?.string?.count == 19 * 52 - 2 && visits[3]["clientName"]?.string?.count == 401)
        for visit in visits {
            #expect(try await desk.put("/appointments/\(visit.id)", visit).expect(200).json == visit)
        }
        // One more could not be sent back.
        let long = salon.visit(18, ["services": Self.services(20)])
        try await desk.post("/appointments", long).expectError(422, "VALIDATION_ERROR", fields: ["services"])
    }

    /// So many services with names of fifty letters.
    private static func services(_ count: Int) -> JSONValue {
        .array((0..<count).map { ["name": .string(String(repeating: "п", count: 48) + String(10 + $0))] })
    }

    @Test("what a browser's sums leave behind the hundredths is no third decimal")
    func noisyPrices() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let visit = try await desk.book(salon.visit(9, ["price": try JSONValue(parsing: "300.09999999999997")]))
        #expect(visit["price"]?.number?.text == "300.1")
        try await desk.put("/appointments/\(visit.id)", ["price": try JSONValue(parsing: "300.099")])
            .expectError(422, "VALIDATION_ERROR", fields: ["price"])
    }
}
