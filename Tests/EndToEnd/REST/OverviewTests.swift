import Foundation
import JSON
import Postgres
import REST
import Support
import Testing

@Suite("The overview", .inTurn)
struct OverviewTests {
    /// A list's answer, checked against its schema.
    private func read(_ desk: Desk, _ path: String, _ schema: String) async throws -> HTTPAnswer {
        let path = try #require(path.addingPercentEncoding(withAllowedCharacters: .urlQueryAllowed))
        let answer = try await desk.get("/overview/" + path).expect(200)
        let checker = SchemaChecker(files: try ProtocolFiles.shared.get())
        #expect(try checker.errors(in: try answer.json, against: "schemas/overview.yaml#/$defs/\(schema)") == [])
        return answer
    }

    @Test("records: a visit with its words, its payments and what was done with it, in both shapes")
    func record() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let visit = try await desk.book(salon.visit(9, date: "2026-07-01", ["notes": "алергія"]))
        func record() async throws -> JSONValue { try #require(try await self.read(desk, "records", "RecordList")["data"][0]) }
        let booked = try await record()
        #expect(booked["id"] == .string(visit.id) && booked["title"] == "Марія Шевченко, Стрижка")
        #expect(booked["client"] == "Марія Шевченко" && booked["service"] == "Стрижка" && booked["employee"] == "Ольга Коваль")
        #expect(booked["phone"] == "+380 67 123 45 67" && booked["date"] == "2026-07-01")
        // Kyiv's summer time.
        #expect(booked["visitTime"] == "2026-07-01T06:00:00.000Z")
        #expect(booked["status"] == "pending" && booked["paymentStatus"] == "unpaid" && booked["source"] == "admin")
        #expect(booked["createdBy"] == "Оксана admin" && booked["amount"] == 500 && booked["internalNotes"] == "алергія")
        for name in ["closedBy", "closedAt", "actualStartTime", "actualEndTime", "paymentMethod"] {
            #expect(booked.object?.contains(name) == false, "\(name)")
        }
        let manager = try await salon.login(.manager)
        for status in ["arrived", "completed"] {
            try await manager.patch("/appointments/\(visit.id)/status", ["status": .string(status)]).expect(200)
        }
        let done = try await record()
        #expect(done["status"] == "completed" && done["closedBy"] == "Оксана manager" && done["paymentStatus"] == "paid")
        #expect(done["actualEndTime"] == done["closedAt"] && done["closedAt"] != nil && done["actualStartTime"] != nil)
        let history = try #require(done["history"]?.array)
        #expect(history.map { $0["action"]?.string } == ["created", "updated", "updated"])
        #expect(history.map { $0["author"]?.string } == ["Оксана admin", "Оксана manager", "Оксана manager"])
        #expect(history.last?["details"] == "paymentMethod: – → cash; status: arrived → completed")
        let ukrainian = try await desk.ask("GET", "/overview/records", nil, [("Accept-Language", "uk")])
        #expect(ukrainian["data"][0]?["history"]?[2]?["details"] == "спосіб оплати: – → cash; стан: arrived → completed")
    }

    @Test("a record is paid as far as the completed operation of its visit says; how, is said by its method")
    func payments() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let visit = try await desk.book(salon.visit(9))
        let id = try #require(visit["id"]?.int)
        let client = salon.deployment.database.client
        func expect(_ status: JSONValue, _ paid: JSONValue, _ method: JSONValue?) async throws {
            let record = try await self.read(desk, "records", "RecordList")["data"][0]
            #expect(record?["paymentStatus"] == status && record?["paidAmount"] == paid && record?["paymentMethod"] == method)
            for word in ["paid", "unpaid", "partial"] {
                let found = try await self.read(desk, "records?paymentStatus=\(word)", "RecordList")["data"].array
                #expect(found?.count == (status == .string(word) ? 1 : 0))
            }
        }
        func pay(_ change: SQL) async throws {
            _ = try await client.query("UPDATE operations SET \(change) WHERE appointment_id = \(id)")
        }
        try await expect("unpaid", 0, nil)
        _ = try await client.query(
            """
            INSERT INTO operations (salon_id, type, status, amount, date, payment_method_id, appointment_id)
            SELECT \(salon.id), 'payment', 'pending', 200, '2026-05-18', id, \(id)
            FROM payment_methods WHERE salon_id = \(salon.id) AND type = 'cash'
            """
        )
        try await expect("unpaid", 0, nil)
        try await pay("status = 'completed'")
        try await expect("partial", 200, "cash")
        try await pay(
            """
            amount = 500, payment_method_id = (SELECT id FROM payment_methods WHERE salon_id = \(salon.id) AND type = 'card')
            """
        )
        try await expect("paid", 500, "card")
        try await pay("deleted_at = now()")
        try await expect("unpaid", 0, nil)
        _ = try await client.query("UPDATE appointments SET status = 'completed', price = NULL WHERE id = \(id)")
        try await expect("paid", 0, nil)
        // Of no method alone: as the visit says.
        _ = try await client.query("UPDATE appointments SET payment_method = 'mixed' WHERE id = \(id)")
        try await expect("paid", 0, "mixed")
    }

    @Test("whoever is booked as having arrived has arrived then")
    func walkIn() async throws {
        let (salon, desk) = try await Salon.withDesk()
        try await desk.book(salon.visit(9, ["status": "arrived"]))
        let record = try #require(try await self.read(desk, "records", "RecordList")["data"][0])
        #expect(record["actualStartTime"] == record["createdAt"])
        #expect(record["history"]?[0]?["details"] == "status: – → arrived")
    }

    @Test("what was paid and how is for those who may see finances; whether, is for all")
    func moneyOfRecords() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let visit = try await desk.book(salon.visit(9))
        try await desk.put("/appointments/\(visit.id)", ["status": "completed", "paymentMethod": "mixed"]).expect(200)
        // Nobody by default sees the log of changes and no finances.
        let words: JSONValue = ["settings.view", "calendar.view"]
        try await desk.put("/settings/roles/manager", ["permissions": words]).expect(200)
        let manager = try await salon.login(.manager)
        let changes = try await manager.get("/overview/changes?entity=record").expect(200)["data"].array ?? []
        #expect(changes.first?["details"] == "status: scheduled → completed" && changes.count == 2)
        #expect(changes.first?["changes"] == ["status": ["from": "scheduled", "to": "completed"]])
        for (role, isShown) in [(Role.receptionist, true), (.master, false)] {
            let reader = try await salon.login(role)
            let record = try #require(try await self.read(reader, "records", "RecordList")["data"][0])
            #expect(record["paymentStatus"] == "paid" && record["amount"] == 500)
            let details = isShown ? "paymentMethod: – → mixed; status: scheduled → completed" : "status: scheduled → completed"
            #expect(record["history"]?[1]?["details"] == .string(details))
            #expect(record["paidAmount"] == (isShown ? 500 : nil) && record["paymentMethod"] == (isShown ? "mixed" : nil))
            let statistics = try await reader.get("/services/\(salon.haircut)").expect(200)["statistics"]
            #expect(statistics["completedBookings"] == 1 && statistics["totalRevenue"] == (isShown ? 500 : nil))
        }
    }

    @Test("records: every filter, alone and with others, in pages; deleted visits and other salons' are not there")
    func recordFilters() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let anna = try await desk.post("/clients", ["firstName": "Ганна", "phone": "0671112233"]).expect(201).json
        let other = try await Salon.make(on: salon.deployment)
        try await (try await other.login(.admin)).book(other.visit(9))
        let rows: [JSONObject] = [
            ["clientId": anna["id"] ?? .null, "clientName": "Ганна", "clientPhone": .null],
            ["staffId": JSONValue(salon.iryna), "status": "arrived", "service": "Масаж"],
            ["status": "no-show"], ["status": "completed"],
        ]
        for (index, row) in rows.enumerated() { try await desk.book(salon.visit(9, date: "2026-05-1\(index + 1)", row)) }
        let deleted = try await desk.book(salon.visit(9, date: "2026-05-20"))
        try await desk.delete("/appointments/\(deleted.id)").expect(204)
        func days(_ query: String) async throws -> [String] {
            let list = try await self.read(desk, "records?" + query, "RecordList")["data"].array
            return try #require(list).compactMap { $0["date"]?.string.map { String($0.suffix(2)) } }
        }
        let today = try await salon.deployment.database.value(
            "SELECT (now() AT TIME ZONE 'Europe/Kyiv')::date::text",
            as: String.self
        )
        let all = ["14", "13", "12", "11"]
        for (query, expected) in [
            ("", all), ("dateFrom=2026-05-12&dateTo=2026-05-13", ["13", "12"]), ("visitFrom=2026-05-13", ["14", "13"]),
            ("visitTo=2026-05-11", ["11"]), ("createdFrom=\(today)&createdTo=\(today)", all), ("createdTo=2020-01-01", []),
            ("employee=\(salon.iryna)", ["12"]), ("employee=ірин", ["12"]), ("employee=all&client=&visitStatus=all", all),
            ("client=\(anna.id)", ["11"]), ("client=ГАНН", ["11"]), ("client=%", []),
            ("serviceCategory=hair", ["14", "13", "11"]),
            ("visitStatus=pending", ["11"]), ("status=confirmed", ["12"]), ("visitStatus=cancelled", ["13"]),
            ("visitStatus=completed", ["14"]), ("source=admin", all), ("source=online", []), ("limit=2", ["14", "13"]),
            ("limit=2&offset=3", ["11"]), ("page=2&perPage=3", ["11"]), ("serviceCategory=hair&visitStatus=pending", ["11"]),
        ] { #expect(try await days(query) == expected, "\(query)") }
        let page = try await self.read(desk, "records?limit=2&offset=2", "RecordList")
        #expect(page["meta"]["total"] == 4 && page["meta"]["limit"] == 2 && page["meta"]["offset"] == 2)
        #expect(page["meta"]["totalPages"] == 2 && page.header("x-total-count") == "4" && page.header("x-topic-seq") == "6")
        #expect(page["meta"]["page"] == 2)
        let whole = try await self.read(desk, "records", "RecordList")["meta"]
        #expect(whole["page"] == 1 && whole["perPage"] == 1_000 && whole["limit"] == 1_000 && whole["totalPages"] == 1)
        for name in ["visitStatus", "paymentStatus", "source", "dateFrom", "createdTo", "limit"] {
            try await desk.get("/overview/records?\(name)=x").expectError(422, "VALIDATION_ERROR", fields: [name])
        }
    }

    @Test("reviews: written in either shape, told without phones to who may not see them, counted")
    func reviews() async throws {
        let (salon, desk) = try await Salon.withDesk(.receptionist)
        let master = try await salon.login(.master)
        var ears = try await Ears.open(desk, "clients", on: salon.deployment)
        let socket = try await master.socket("clients")
        let client = try await desk.post("/clients", ["firstName": "Ганна", "phone": "+380 67 111 22 33"]).expect(201).json
        try await ears.expect("client:created")
        let first: JSONValue = [
            "author": "Ганна М.", "phone": "067 111 22 33", "rating": 5, "comment": "Дуже гарно", "employee": "ольга коваль",
            "date": "2026-5-1",
        ]
        let written = try await desk.post("/overview/reviews", first).expect(201).json
        try await ears.expect("review:created", written)
        #expect(written["clientName"] == "Ганна М." && written["author"] == "Ганна М." && written["clientId"] == client["id"])
        #expect(written["text"] == "Дуже гарно" && written["comment"] == "Дуже гарно" && written["date"] == "2026-05-01")
        #expect(
            written["employee"] == "Ольга Коваль" && written["staffId"] == JSONValue(salon.olha) && written["type"] == "positive"
        )
        _ = try await socket.expect("client:created")
        #expect(try await socket.expect("review:created")["data"]?["phone"] == "")
        let visit = try await desk.book(salon.visit(9, ["clientName": "Марія", "staffId": JSONValue(salon.iryna)]))
        let second = try await desk.at(salon.deployment.b).post(
            "/overview/reviews",
            ["appointmentId": visit["id"] ?? .null, "rating": "3", "text": "Так собі", "phone": "•••• 4567"]
        ).expect(201).json
        #expect(second["clientName"] == "Марія" && second["employee"] == "Ірина Коваль" && second["phone"] == "+380 67 123 45 67")
        try await ears.expect("review:created", second)
        let third: JSONValue = ["clientId": client["id"] ?? .null, "rating": 2, "employee": "Стара майстриня"]
        let key = [("Idempotency-Key", "review")]
        let last = try await desk.post("/overview/reviews", third, key).expect(201).json
        #expect(try await desk.post("/overview/reviews", third, key).expect(201).json == last)
        #expect(last["clientName"] == "Ганна" && last["employee"] == "Стара майстриня" && last["staffId"] == nil)
        try await ears.expect("review:created", last)
        try await ears.expectNothing()

        let list = try await self.read(desk, "reviews", "ReviewList")
        #expect(list["data"].array?.last == written && list["meta"]["total"] == 3)
        #expect(
            list["statistics"] == [
                "total": 3, "averageRating": .number(try #require(JSONNumber(text: "3.33"))),
                "ratings": ["1": 0, "2": 1, "3": 1, "4": 0, "5": 1],
            ]
        )
        for (query, count) in [
            ("rating=5", 1), ("type=negative", 1), ("type=all", 3), ("employee=\(salon.iryna)", 1), ("employee=майстр", 1),
            ("client=\(client.id)", 2), ("client=марі", 1), ("search=ГАРНО", 1), ("dateTo=2026-05-01", 1), ("limit=2", 2),
        ] { #expect(try await self.read(desk, "reviews?" + query, "ReviewList")["data"].array?.count == count, "\(query)") }
        #expect(try await self.read(desk, "reviews?limit=1", "ReviewList")["statistics"]["total"] == 3)
        let shown = try await self.read(master, "reviews", "ReviewList")["data"].array
        #expect(shown?.allSatisfy { $0["phone"] == "" } == true)
        let bad: JSONValue = ["rating": 6, "date": "1.5.2026", "clientId": 999_999_999]
        try await desk.post("/overview/reviews", bad).expectError(422, "VALIDATION_ERROR", fields: ["rating", "date"])
        try await desk.post("/overview/reviews", [:]).expectError(422, "VALIDATION_ERROR", fields: ["rating", "clientName"])
        try await desk.post("/overview/reviews", ["rating": 4, "clientId": 999_999_999])
            .expectError(422, "VALIDATION_ERROR", fields: ["clientId"])
        #expect(try await salon.audit("review") == ["created Ганна М.", "created Марія", "created Ганна"])
    }

    @Test(
        "changes: everything that was done, the latest first, as far as the reader's role shows it; private values are not kept"
    )
    func changes() async throws {
        let (salon, admin) = try await Salon.withDesk()
        let manager = try await salon.login(.manager)
        let client = try await manager.post("/clients", ["firstName": "Ганна", "phone": "0671112233"]).expect(201).json
        try await manager.put("/clients/\(client.id)", ["phone": "0679998877", "notes": "x", "discount": 5]).expect(200)
        try await admin.put("/services/\(salon.haircut)", ["price": 600]).expect(200)
        let product = try await admin.post("/inventory/products", ["name": "Олія", "quantity": 3]).expect(201).json
        try await admin.delete("/inventory/products/\(product.id)").expect(204)
        try await admin.patch("/users/\(salon.userID(.receptionist))", ["role": "manager"]).expect(200)
        try await admin.put("/settings/salon", ["name": "Калина"]).expect(200)
        func entries(_ desk: Desk, _ query: String = "") async throws -> [String] {
            let list = try await self.read(desk, "changes?" + query, "ChangeList")["data"].array
            return try #require(list).map { "\($0["entity"]?.string ?? "") \($0["action"]?.string ?? "")" }
        }
        let all = [
            "settings updated", "user updated", "product deleted", "product created", "service updated", "client updated",
            "client created",
        ]
        #expect(try await entries(admin) == all)
        #expect(try await entries(manager) == all.filter { $0 != "user updated" })
        let answer = try await self.read(admin, "changes?entity=client&limit=1", "ChangeList")
        let change = try #require(answer["data"][0])
        #expect(answer["meta"]["total"] == 2 && answer["meta"]["totalPages"] == 2)
        #expect(change["entityId"] == .string(client.id) && change["entityName"] == "Ганна")
        #expect(change["user"] == "Оксана manager" && change["author"] == change["user"] && change["date"] == change["timestamp"])
        #expect(change["details"] == "discount: 0 → 5; notes: – → x; phone")
        #expect(change["changes"] == ["discount": ["from": 0, "to": 5], "notes": ["from": .null, "to": "x"], "phone": true])
        let today = try await salon.deployment.database.value(
            "SELECT (now() AT TIME ZONE 'Europe/Kyiv')::date::text",
            as: String.self
        )
        for (query, count) in [
            ("action=updated", 4), ("action=all&entity=all", 7), ("author=\(salon.userID(.manager))", 2), ("author=MANAGER", 2),
            ("entity=service&entityId=\(salon.haircut)", 1), ("entity=nothing", 0), ("dateFrom=\(today)&dateTo=\(today)", 7),
            ("dateTo=2026-01-01", 0), ("limit=3&offset=5", 2),
        ] { #expect(try await entries(admin, query).count == count, "\(query)") }
        try await admin.get("/overview/changes?action=x").expectError(422, "VALIDATION_ERROR", fields: ["action"])
        // A role that may not see the stock does not hear of it here either.
        try await admin.put("/settings/roles/manager", ["permissions": ["settings.view", "clients.view"]]).expect(200)
        #expect(try await entries(manager) == ["role updated", "settings updated", "client updated", "client created"])
    }
}
