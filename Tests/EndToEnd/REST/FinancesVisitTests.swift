import JSON
import Postgres
import REST
import Support
import Testing

@Suite("Finances: a visit is paid for once", .inTurn)
struct FinancesVisitTests {
    @Test("whatever path completes a visit, and however often, there is one operation of it")
    func paths() async throws {
        let (salon, desk) = try await Salon.withDesk(.receptionist)
        func operations() async throws -> [JSONValue] {
            try #require(try await desk.get("/finances/operations").expect(200).json.array)
        }
        // As the details window does it.
        let put = try await desk.book(salon.visit(8))
        #expect(try await operations() == [])
        let done = try await desk.put("/appointments/\(put.id)", ["status": "completed", "notes": "дякую"]).expect(200).json
        #expect(done["paymentMethod"] == "cash")
        let made = try #require(try await operations().first)
        let expected: JSONObject = [
            "type": "payment", "amount": 500, "status": "completed", "date": "2026-05-18", "category": "services",
            "description": "Стрижка", "paymentMethod": "Готівка", "cashRegister": "Основна каса", "client": "Марія Шевченко",
            "staffId": JSONValue(salon.olha), "appointmentId": put["id"] ?? .null, "author": "Оксана receptionist",
            "createdBy": JSONValue(salon.userID(.receptionist)),
        ]
        for (name, value) in expected { #expect(made[name] == value, "\(name): \(made.text)") }
        try await desk.put("/appointments/\(put.id)", ["status": "completed"]).expect(200)
        try await desk.patch("/appointments/\(put.id)/status", ["status": "completed"]).expect(200)
        #expect(try await operations() == [made])
        // By PATCH, and booked as completed at once.
        let patched = try await desk.book(salon.visit(10, ["price": 300]))
        try await desk.patch("/appointments/\(patched.id)/status", ["status": "completed"]).expect(200)
        try await desk.book(salon.visit(12, ["price": 200, "status": "completed"]))
        #expect(try await operations().map { $0["amount"]?.int } == [200, 300, 500])
        // Nothing to pay, nothing paid.
        try await desk.book(salon.visit(14, ["price": 0, "status": "completed"]))
        try await desk.book(salon.visit(16, ["price": .null, "status": "completed", "service": ""]))
        for (hour, status) in [(18, "confirmed"), (19, "arrived"), (20, "no-show"), (21, "cancelled")] {
            try await desk.book(salon.visit(hour, ["status": .string(status)]))
        }
        #expect(try await operations().count == 3)
        #expect(try await Till.main(desk)["balance"] == 1_000)
        let closed: [Int64] = try await salon.deployment.database.value(
            "SELECT array_agg(completed_by) FROM appointments WHERE salon_id = \(salon.id) AND completed_at IS NOT NULL"
        )
        #expect(closed == Array(repeating: salon.userID(.receptionist), count: 5))
        #expect(try await salon.audit("operation").count == 3)
    }

    @Test("forty desks on two nodes that complete one visit at once bring one operation")
    func race() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let visit = try await desk.book(salon.visit(9))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                let desk = desk.at(salon.deployment.nodes[number % 2])
                group.addTask { try await desk.put("/appointments/\(visit.id)", ["status": "completed"]).expect(200) }
            }
            try await group.waitForAll()
        }
        #expect(try await desk.get("/finances/operations").json.array?.count == 1)
        #expect(try await Till.main(desk)["balance"] == 500)
    }

    @Test("the operation follows its visit: another price, not completed any more, deleted, restored, completed anew")
    func following() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let client = try await desk.post("/clients", ["firstName": "Ганна", "phone": "0671112233"]).expect(201).json
        let visit = try await desk.book(salon.visit(9))
        let path = "/appointments/\(visit.id)"
        var ears = try await Ears.open(desk, "finances", on: salon.deployment)
        try await desk.put(path, ["status": "completed", "paymentMethod": "card"]).expect(200)
        let made = try await ears.expect("finance:operation-created")
        #expect(made["paymentMethod"] == "Картка")
        #expect(try await ears.expect("finance:register-updated")["balance"] == 500)
        let operation = "/finances/operations/\(made.id)"
        func expect(_ type: String, _ fields: JSONObject, balance: Int64?) async throws {
            let body = try await ears.expect("finance:operation-\(type)", try await desk.get(operation).expect(200).json)
            for (name, value) in fields { #expect(body[name] == value, "\(name): \(body.text)") }
            if let balance { #expect(try await ears.expect("finance:register-updated")["balance"] == JSONValue(balance)) }
        }
        try await desk.put(path, ["price": 650]).expect(200)
        try await expect("updated", ["amount": 650], balance: 650)
        try await desk.put(
            path,
            ["clientId": client["id"] ?? .null, "staffId": JSONValue(salon.iryna), "paymentMethod": "готівка"]
        )
        .expect(200)
        try await expect(
            "updated",
            [
                "client": "Ганна", "clientId": client["id"] ?? .null, "staffId": JSONValue(salon.iryna),
                "paymentMethod": "Готівка",
            ],
            balance: nil
        )
        // What the cashier has changed stays while the visit says the same of it.
        try await desk.put(operation, ["amount": 600, "description": "зі знижкою"]).expect(200)
        #expect(try await ears.expect("finance:register-updated")["balance"] == 600)
        try await ears.expect("finance:operation-updated")
        try await desk.put(path, ["notes": "x"]).expect(200)
        try await desk.patch(path + "/status", ["status": "confirmed"]).expect(200)
        try await expect("updated", ["status": "cancelled", "amount": 600], balance: 0)
        try await desk.put(path, ["price": 700]).expect(200)
        try await desk.patch(path + "/status", ["status": "completed"]).expect(200)
        try await expect("updated", ["status": "completed", "amount": 700, "description": "Стрижка"], balance: 700)
        try await desk.delete(path).expect(204)
        try await expect("updated", ["status": "cancelled"], balance: 0)
        try await desk.post(path + "/restore").expect(200)
        try await expect("updated", ["status": "completed", "amount": 700], balance: 700)
        try await desk.put(path, ["price": 0]).expect(200)
        try await expect("updated", ["status": "cancelled"], balance: 0)
        try await desk.put(path, ["price": 100]).expect(200)
        try await expect("updated", ["status": "completed", "amount": 100], balance: 100)
        // One that somebody has deleted comes back only with a new completion.
        try await desk.delete(operation).expect(204)
        try await ears.expect("finance:operation-deleted")
        try await ears.expect("finance:register-updated")
        try await desk.put(path, ["price": 120]).expect(200)
        try await desk.patch(path + "/status", ["status": "arrived"]).expect(200)
        try await desk.get(operation).expectError(404, "NOT_FOUND")
        try await desk.patch(path + "/status", ["status": "completed"]).expect(200)
        try await expect("created", ["amount": 120, "status": "completed"], balance: 120)
        // Neither a visit that is restored, nor one that has a price again, is completed anew.
        try await desk.delete(operation).expect(204)
        try await ears.expect("finance:operation-deleted")
        try await ears.expect("finance:register-updated")
        try await desk.delete(path).expect(204)
        try await desk.post(path + "/restore").expect(200)
        for price in [0, 130] { try await desk.put(path, ["price": JSONValue(Int64(price))]).expect(200) }
        try await desk.get(operation).expectError(404, "NOT_FOUND")
        for status in ["arrived", "completed"] {
            try await desk.patch(path + "/status", ["status": .string(status)]).expect(200)
        }
        try await expect("created", ["amount": 130, "status": "completed"], balance: 130)
        try await ears.expectNothing()
        #expect(try await desk.get("/finances/operations").json.array?.count == 1)
        #expect(try await Till.wrong(salon) == 0)
    }

    @Test("a client whom its operation was given to hears of what becomes of a visit")
    func givenToAnother() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let other = try await desk.post("/clients", ["firstName": "Інна"]).expect(201).json
        let visit = try await desk.book(salon.visit(9))
        let path = "/appointments/\(visit.id)/status"
        try await desk.patch(path, ["status": "completed"]).expect(200)
        let operation = try #require(try await desk.get("/finances/operations").expect(200).json.array?.first)
        try await desk.put("/finances/operations/\(operation.id)", ["clientId": other["id"] ?? .null]).expect(200)
        #expect(try await desk.get("/clients/\(other.id)").expect(200).json["totalSpent"] == 500)
        let socket = try await desk.socket("clients")
        try await desk.patch(path, ["status": "confirmed"]).expect(200)
        var told: [JSONValue] = []
        while !told.contains(where: { $0["id"] == other["id"] }) {
            told.append(try #require(try await socket.expect("client:updated")["data"]))
        }
        #expect(told.last?["totalSpent"] == 0)
    }

    @Test("how a visit is paid for: a word, a method's name, and nothing that there is not")
    func methods() async throws {
        let (salon, desk) = try await Salon.withDesk()
        try await desk.post("/finances/payment-methods", ["name": "Сертифікат", "type": "certificate"]).expect(201)
        for (hour, given, shown, method) in [
            (8, "cash", "cash", "Готівка"), (9, "card", "card", "Картка"), (10, "mixed", "mixed", "mixed"),
            (11, "СЕРТИФІКАТ", "Сертифікат", "Сертифікат"), (12, "", "cash", "Готівка"),
        ] {
            let visit = try await desk.book(salon.visit(hour, ["status": "completed", "paymentMethod": .string(given)]))
            #expect(visit["paymentMethod"] == .string(shown))
            #expect(try await desk.get("/finances/operations").json[0]?["paymentMethod"] == .string(method))
            #expect(try await desk.put("/appointments/\(visit.id)", visit).expect(200).json == visit)
        }
        try await desk.post("/appointments", salon.visit(14, ["paymentMethod": "мушлі"]))
            .expectError(422, "VALIDATION_ERROR", fields: ["paymentMethod"])
    }

    @Test("a visit that nobody has paid for in a salon without a register is paid for without one")
    func withoutRegister() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let (register, method) = (try await Till.main(desk), try await desk.get("/finances/payment-methods").json[0] ?? .null)
        try await desk.delete("/finances/cash-registers/\(register.id)").expect(204)
        try await desk.delete("/finances/payment-methods/\(method.id)").expect(204)
        try await desk.book(salon.visit(9, ["status": "completed"]))
        let made = try await desk.get("/finances/operations").json[0] ?? .null
        #expect(made["amount"] == 500 && made["cashRegister"] == "" && made["paymentMethod"] == "cash")
    }

    @Test("a visit whose lines have prices costs what they come to; a price that is said wins, and the lines come to it")
    func pricedLines() async throws {
        let (salon, desk) = try await Salon.withDesk()
        func lines(_ prices: [JSONValue]) -> JSONValue {
            .array(prices.enumerated().map { ["name": .string("Догляд \($0.offset)"), "price": $0.element] })
        }
        func prices(_ visit: JSONValue) -> [String?] { visit["services"]?.array?.map { $0["price"]?.number?.text } ?? [] }
        func paid() async throws -> String? { try await desk.get("/finances/operations").json[0]?["amount"]?.number?.text }
        let tea = try JSONValue(parsing: "0.5")
        let visit = try await desk.book(
            salon.visit(8, ["price": .null, "services": lines([100, 200, tea]), "status": "completed"])
        )
        #expect(visit["price"]?.number?.text == "300.5" && prices(visit) == ["100", "200", "0.5"])
        #expect(try await paid() == "300.5")
        let path = "/appointments/\(visit.id)"
        // Other lines: another sum, and the operation follows.
        let changed = try await desk.put(path, ["services": lines([100, 250])]).expect(200).json
        #expect(changed["price"] == 350 && prices(changed) == ["100", "250"])
        #expect(try await paid() == "350")
        // Both are said, and differ.
        let both: JSONValue = ["services": lines([100, 200]), "price": 100]
        let cut = try await desk.put(path, both).expect(200).json
        #expect(cut["price"] == 100 && prices(cut) == ["33.33", "66.67"])
        #expect(try await paid() == "100")
        #expect(try await desk.put(path, both).expect(200).json == cut)
        let free = try await desk.put(path, ["services": lines([0, 0]), "price": 70]).expect(200).json
        #expect(free["price"] == 70 && prices(free) == ["70", "0"])
        let booked = try await desk.book(salon.visit(10, ["services": lines([500, 500]), "price": 700]))
        #expect(booked["price"] == 700 && prices(booked) == ["350", "350"])
        // One without a price: nobody knows the sum.
        let open = try await desk.book(
            salon.visit(12, ["price": .null, "services": [["name": "А", "price": 5], ["name": "Б"]]])
        )
        #expect(open["price"] == nil && prices(open) == ["5", nil])
        try await desk.post("/appointments", salon.visit(14, ["price": .null, "services": lines([9_999_999_999, 1])]))
            .expectError(422, "VALIDATION_ERROR", fields: ["services"])
    }

    @Test("the audit log says how a visit was paid for, and that its notes, its phone or its services have changed")
    func audited() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let visit = try await desk.book(salon.visit(8))
        try await desk.put("/appointments/\(visit.id)", ["paymentMethod": "card", "notes": "не дзвонити"]).expect(200)
        func details() async throws -> JSONValue {
            let details: PostgresJSON = try await salon.deployment.database.value(
                "SELECT details FROM audit_log WHERE salon_id = \(salon.id) AND entity = 'record' ORDER BY id DESC LIMIT 1"
            )
            return try JSONValue(parsing: details.text)
        }
        #expect(try await details() == ["paymentMethod": ["from": .null, "to": "card"], "notes": true])
        let client = try await desk.post("/clients", ["firstName": "Ганна", "phone": "0671112233"]).expect(201).json
        let change: JSONValue = ["clientPhone": "0671112233", "type": "important", "allowOverlap": true]
        try await desk.put("/appointments/\(visit.id)", change).expect(200)
        #expect(
            try await details() == [
                "clientId": ["from": .null, "to": client["id"] ?? .null], "clientPhone": true,
                "type": ["from": "standard", "to": "important"], "allowOverlap": ["from": false, "to": true],
            ]
        )
        try await desk.put("/appointments/\(visit.id)", ["services": [["name": "Стрижка", "price": 500, "duration": 20]]]).expect(
            200
        )
        #expect(try await details() == ["services": true])
        try await desk.put("/appointments/\(visit.id)", ["price": 550]).expect(200)
        let repriced = try await details()
        #expect(repriced == ["price": ["from": "500.00", "to": "550.00"]], "\(repriced.text)")
    }

    @Test("a visit completed before there were operations gets none by coming back or by its price, only by being completed anew")
    func beforeOperations() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let visit = try await desk.book(salon.visit(9))
        let path = "/appointments/\(visit.id)"
        _ = try await salon.deployment.database.client.query(
            """
            UPDATE appointments SET status = 'completed', completed_at = now(), precedes_operations = true
            WHERE id = \(try #require(visit["id"]?.int))
            """
        )
        try await desk.delete(path).expect(204)
        try await desk.post(path + "/restore").expect(200)
        for price in [0, 500] as [JSONValue] { try await desk.put(path, ["price": price]).expect(200) }
        #expect(try await desk.get("/finances/operations").json == [])
        #expect(try await Till.main(desk)["balance"] == 0)
        for status in ["arrived", "completed"] as [JSONValue] {
            try await desk.patch(path + "/status", ["status": status]).expect(200)
        }
        // One that is completed anew for nothing is an ordinary one, too.
        let free = try await desk.book(salon.visit(12))
        _ = try await salon.deployment.database.client.query(
            """
            UPDATE appointments SET status = 'completed', completed_at = now(), precedes_operations = true
            WHERE id = \(try #require(free["id"]?.int))
            """
        )
        for change in [["status": "arrived"], ["price": 0], ["status": "completed"], ["price": 70]] as [JSONValue] {
            try await desk.put("/appointments/\(free.id)", change).expect(200)
        }
        #expect(try await desk.get("/finances/operations").json.array?.map { $0["amount"] } == [70, 500])
        try await desk.delete("/appointments/\(free.id)").expect(204)
        #expect(try await Till.main(desk)["balance"] == 500)
        #expect(try await Till.wrong(salon) == 0)
    }
}
