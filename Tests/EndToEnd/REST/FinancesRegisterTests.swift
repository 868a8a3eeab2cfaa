import JSON
import REST
import Support
import Testing

@Suite("Finances: cash registers and ways to pay", .inTurn)
struct FinancesRegisterTests {
    @Test("a new salon has a register and the methods cash and card, in its language")
    func beginnings() async throws {
        let deployment = try await Deployment.standard.value
        for (language, names) in [("uk", ["Основна каса", "Готівка", "Картка"]), ("en", ["Main register", "Cash", "Card"])] {
            let salon = try await Salon.make(on: deployment, language: language)
            let desk = try await salon.login(.admin)
            let registers = try await desk.get("/finances/cash-registers").expect(200)
            let methods = try await desk.get("/finances/payment-methods").expect(200)
            #expect(registers.header("x-total-count") == "1" && methods.header("x-total-count") == "2")
            let rows = try #require(try registers.json.array) + (try #require(try methods.json.array))
            #expect(rows.map { $0["name"] } == names.map { .string($0) })
            #expect(rows[0]["balance"] == 0 && rows.allSatisfy { $0["isActive"] == true })
            #expect(rows.dropFirst().map { $0["type"] } == ["cash", "card"])
        }
    }

    @Test("a register: opened with something, renamed, opened with something else, switched off, deleted")
    func registers() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let reader = try await salon.login(.manager)
        var ears = try await Ears.open(reader, "finances", on: salon.deployment)
        let made = try await desk.post("/finances/cash-registers", ["name": "Сейф", "openingBalance": 500]).expect(201).json
        #expect(made["balance"] == 500 && made["openingBalance"] == 500)
        let path = "/finances/cash-registers/\(made.id)"
        try await ears.expect("finance:register-created", try await reader.get(path).expect(200).json)
        try await desk.post("/finances/operations", ["type": "expense", "amount": 20, "cashRegister": "сейф"]).expect(201)
        try await ears.expect("finance:register-updated", try await reader.get(path).json)
        try await ears.expect("finance:operation-created")
        // An old row sent back does not bring the old balance back.
        #expect(try await desk.put(path, made).expect(200)["balance"] == 480)
        let raised = try await desk.put(path, ["name": "Сейф 2", "openingBalance": 600]).expect(200).json
        #expect(raised["balance"] == 580)
        try await ears.expect("finance:register-updated", raised)
        try await desk.put(path, ["isActive": false]).expect(200)
        try await ears.expect("finance:register-updated", try await reader.get(path).json)
        #expect(try await desk.get("/finances/cash-registers?isActive=false").json.array?.count == 1)
        try await desk.post("/finances/cash-registers", ["name": "сейф 2"]).expectError(409, "NAME_TAKEN", fields: ["name"])
        try await desk.put(path, ["name": "Основна каса"]).expectError(409, "NAME_TAKEN", fields: ["name"])
        try await desk.post("/finances/cash-registers", ["name": "", "openingBalance": -1, "isActive": 7])
            .expectError(422, "VALIDATION_ERROR", fields: ["name", "openingBalance", "isActive"])
        let operation = try await desk.get("/finances/operations").json[0] ?? .null
        try await desk.delete(path).expect(204)
        try await ears.expect("finance:register-deleted", ["id": made["id"] ?? .null])
        try await desk.get(path).expectError(404, "NOT_FOUND")
        // What was done with it stays, and goes on moving it unseen; nothing new is done with it.
        #expect(try await desk.get("/finances/operations/\(operation.id)")["cashRegister"] == "Сейф 2")
        try await desk.put("/finances/operations/\(operation.id)", ["amount": 30]).expect(200)
        try await ears.expect("finance:operation-updated")
        try await desk.post(
            "/finances/operations",
            ["type": "payment", "amount": 1, "cashRegisterId": made["id"] ?? .null]
        ).expectError(422, "VALIDATION_ERROR", fields: ["cashRegisterId"])
        try await desk.post("/finances/cash-registers", ["name": "Сейф 2"]).expect(201)
        try await ears.expect("finance:register-created")
        try await ears.expectNothing()
        #expect(try await Till.wrong(salon) == 0)
        #expect(
            try await salon.audit("register") == [
                "created Сейф", "updated Сейф 2", "updated Сейф 2", "deleted Сейф 2", "created Сейф 2",
            ]
        )
    }

    @Test("ways to pay: all seven types, filters, changes and deletion")
    func methods() async throws {
        let (salon, desk) = try await Salon.withDesk()
        var ears = try await Ears.open(desk, "finances", on: salon.deployment)
        let path = "/finances/payment-methods"
        for type in ["cash", "card", "online", "certificate", "bonus", "tips", "other"] {
            let made = try await desk.post(path, ["name": .string("м \(type)"), "type": .string(type)]).expect(201).json
            #expect(made["type"] == .string(type) && made["isActive"] == true)
            try await ears.expect("finance:method-created", made)
        }
        let plain = try await desk.post(path, ["name": "Обмін"]).expect(201).json
        #expect(plain["type"] == "other")
        try await ears.expect("finance:method-created", plain)
        #expect(try await desk.get("\(path)?type=card").json.array?.count == 2)
        let one = "\(path)/\(plain.id)"
        let changed = try await desk.put(one, ["type": "online", "isActive": false]).expect(200).json
        #expect(changed["name"] == "Обмін" && changed["type"] == "online")
        try await ears.expect("finance:method-updated", changed)
        #expect(try await desk.get("\(path)?isActive=false").json == [changed])
        try await desk.put(one, ["name": "готівка"]).expectError(409, "NAME_TAKEN", fields: ["name"])
        try await desk.put(one, ["type": "gold", "name": ""]).expectError(422, "VALIDATION_ERROR", fields: ["type", "name"])
        try await desk.get("\(path)?type=gold").expectError(422, "VALIDATION_ERROR", fields: ["type"])
        let operation = try await desk.post("/finances/operations", ["type": "payment", "amount": 1, "paymentMethod": "обмін"])
            .expect(201).json
        try await ears.expect("finance:operation-created")
        try await desk.delete(one).expect(204)
        try await ears.expect("finance:method-deleted", ["id": plain["id"] ?? .null])
        #expect(try await desk.get("/finances/operations/\(operation.id)")["paymentMethod"] == "Обмін")
        try await ears.expectNothing()
    }

    @Test("a hundred operations at once on one register, over two nodes, leave it exact to the cent")
    func concurrency() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let safe = try await desk.post("/finances/cash-registers", ["name": "Сейф"]).expect(201).json
        let main = try await Till.main(desk)
        let old = try await desk.post(
            "/finances/operations",
            ["type": "payment", "amount": 1_000, "cashRegisterId": main["id"] ?? .null]
        )
        .expect(201).json
        var visits: [JSONValue] = []
        for hour in 0..<10 { visits.append(try await desk.book(salon.visit(hour, ["staffId": .null, "price": 7]))) }
        let ears = try await desk.socket("finances")
        let types = ["payment", "expense", "income", "refund", "deposit", "withdrawal", "transfer"]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<100 {
                let desk = desk.at(salon.deployment.nodes[number % 2])
                let amount = try JSONValue(parsing: "\(number + 1).0\(number % 9 + 1)")
                // Transfers in both directions, which would wait for each other in a ring.
                let (from, to) = number % 2 == 0 ? (main, safe) : (safe, main)
                let visit = visits[number % 10]
                group.addTask {
                    if number < 10 {
                        try await desk.patch("/appointments/\(visit.id)/status", ["status": "completed"]).expect(200)
                    } else if number < 20 {
                        try await desk.put("/finances/operations/\(old.id)", ["amount": amount]).expect(200)
                    } else {
                        let type = number < 60 ? "transfer" : types[number % 7]
                        try await desk.post(
                            "/finances/operations",
                            [
                                "type": .string(type), "amount": amount, "cashRegisterId": from["id"] ?? .null,
                                "toCashRegisterId": type == "transfer" ? to["id"] ?? .null : .null,
                            ]
                        ).expect(201)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await Till.wrong(salon) == 0)
        let count: Int64 = try await salon.deployment.database.value(
            "SELECT count(*) FROM operations WHERE salon_id = \(salon.id)"
        )
        #expect(count == 91)
        // The last event of each register says what it holds.
        var last: [String: JSONValue] = [:]
        let head: Int64 = try await salon.deployment.database.value(
            "SELECT seq FROM topic_heads WHERE topic = \("salon/\(salon.id)/finances")"
        )
        while true {
            guard case .message(let event) = try await ears.next().0 else { throw Unexpected("the socket has ended") }
            if event["type"] == "finance:register-updated", let data = event["data"] { last[data.id] = data }
            if event["seq"]?.int == head { break }
        }
        for register in try #require(try await desk.get("/finances/cash-registers").json.array) {
            #expect(last[register.id] == register)
        }
    }
}
