import JSON
import Postgres
import REST
import Support
import Testing

@Suite("Finances: operations", .inTurn)
struct FinancesOperationTests {
    @Test("the page's form with names: those of the salon are linked, others are kept as they were typed")
    func formWithNames() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let client = try await desk.post("/clients", ["firstName": "Ганна", "lastName": "Мороз", "phone": "0671112233"])
            .expect(201).json
        let register = try await Till.main(desk)
        let form: JSONValue = [
            "date": "2026-5-3", "documentNumber": "№ 7", "cashRegister": "основна  КАСА", "client": "Мороз Ганна",
            "amount": try JSONValue(parsing: "120.50"), "paymentMethod": "картка", "type": "payment", "status": "completed",
            "author": "Світлана", "description": "Шампунь\nі бальзам",
        ]
        let made = try await desk.post("/finances/operations", form).expect(201).json
        let expected: JSONObject = [
            "type": "payment", "amount": try JSONValue(parsing: "120.5"), "status": "completed", "date": "2026-05-03",
            "documentNumber": "№ 7", "cashRegister": "Основна каса", "cashRegisterId": register["id"] ?? .null,
            "client": "Ганна Мороз", "counterparty": "Ганна Мороз", "clientId": client["id"] ?? .null,
            "paymentMethod": "Картка", "author": "Світлана", "description": "Шампунь\nі бальзам",
            "createdBy": JSONValue(salon.userID(.admin)),
        ]
        for (name, value) in expected { #expect(made[name] == value, "\(name): \(made.text)") }
        #expect(made["paymentMethodId"]?.int != nil && made["updatedAt"] == nil)
        #expect(try await desk.get("/finances/operations/\(made.id)").expect(200).json == made)
        #expect(try await desk.get("/finances/operations").json == [made])
        let errors = try SchemaChecker(files: try ProtocolFiles.shared.get()).errors(
            in: made,
            against: "schemas/finance.yaml#/$defs/Operation"
        )
        #expect(errors == [])

        let typed: JSONValue = [
            "type": "expense", "amount": 5, "cashRegister": "Скарбничка", "client": "ТОВ Папір", "paymentMethod": "ваучер",
        ]
        let kept = try await desk.post("/finances/operations", typed).expect(201).json
        #expect(kept["cashRegister"] == "Скарбничка" && kept["counterparty"] == "ТОВ Папір" && kept["paymentMethod"] == "ваучер")
        for name in ["cashRegisterId", "clientId", "paymentMethodId"] { #expect(kept[name] == nil) }
        #expect(kept["author"] == "Оксана admin")

        // Nothing chosen: all of them empty, and the day is the salon's today.
        let bare = try await desk.post(
            "/finances/operations",
            ["type": "deposit", "amount": 1, "cashRegister": "", "client": "", "paymentMethod": "", "author": "", "date": ""]
        ).expect(201).json
        for name in ["cashRegister", "client", "counterparty", "paymentMethod"] { #expect(bare[name] == "") }
        let today: String = try await salon.deployment.database.value("SELECT (now() AT TIME ZONE 'Europe/Kyiv')::date::text")
        #expect(bare["date"] == .string(today))
        // Of two clients of one name nobody can say which is meant.
        try await desk.post("/clients", ["firstName": "Ганна", "lastName": "Мороз", "phone": "0679998877"]).expect(201)
        let either = try await desk.post("/finances/operations", ["type": "payment", "amount": 1, "client": "Ганна Мороз"])
            .expect(201).json
        #expect(either["client"] == "Ганна Мороз" && either["clientId"] == nil)
    }

    @Test("all seven types and three statuses are there, and what each does to its register is what it should")
    func types() async throws {
        let (_, desk) = try await Salon.withDesk()
        let register = try await Till.main(desk)
        var balance: Int64 = 0
        let effects: [(type: String, effect: Int64)] = [
            ("payment", 1), ("income", 1), ("deposit", 1), ("refund", -1), ("withdrawal", -1), ("expense", -1), ("transfer", -1),
        ]
        for (number, (type, effect)) in effects.enumerated() {
            let amount = Int64(100 * (number + 1))
            for status in ["pending", "cancelled", "completed"] {
                let made = try await desk.post(
                    "/finances/operations",
                    [
                        "type": .string(type), "amount": JSONValue(amount), "status": .string(status),
                        "cashRegisterId": register["id"] ?? .null,
                    ]
                ).expect(201).json
                #expect(made["type"] == .string(type) && made["status"] == .string(status))
            }
            balance += effect * amount
            #expect(try await Till.main(desk)["balance"] == JSONValue(balance), "\(type)")
        }
        // The last of them took it below nothing: what was paid out was paid out.
        #expect(balance < 0)
    }

    @Test("what is wrong is refused field by field, and moves nothing")
    func refusals() async throws {
        let (_, desk) = try await Salon.withDesk()
        let id = try await Till.main(desk)["id"] ?? .null
        let path = "/finances/operations"
        try await desk.post(path, [:]).expectError(422, "VALIDATION_ERROR", fields: ["type", "amount"])
        try await desk.post(path, ["type": "gift", "amount": -1, "status": "done", "date": "3.5.2026", "cashRegisterId": "x"])
            .expectError(422, "VALIDATION_ERROR", fields: ["type", "amount", "status", "date", "cashRegisterId"])
        try await desk.post(path, ["type": "payment", "amount": try JSONValue(parsing: "1.005")])
            .expectError(422, "VALIDATION_ERROR", fields: ["amount"])
        try await desk.post(path, ["type": "payment", "amount": 10_000_000_000])
            .expectError(422, "VALIDATION_ERROR", fields: ["amount"])
        for field in ["cashRegisterId", "paymentMethodId", "clientId"] {
            try await desk.post(path, ["type": "payment", "amount": 1, field: 999_999_999])
                .expectError(422, "VALIDATION_ERROR", fields: [field])
        }
        try await desk.post(path, ["type": "transfer", "amount": 1, "cashRegisterId": id, "toCashRegisterId": id])
            .expectError(422, "VALIDATION_ERROR", fields: ["toCashRegisterId"])
        let made = try await desk.post(path, ["type": "payment", "amount": 1, "cashRegisterId": id]).expect(201).json
        try await desk.put("\(path)/\(made.id)", ["type": .null, "amount": .null])
            .expectError(422, "VALIDATION_ERROR", fields: ["type", "amount"])
        for query in ["type=gift", "status=done", "dateFrom=x", "clientId=x", "perPage=0"] {
            let field = String(query.prefix { $0 != "=" })
            try await desk.get("\(path)?\(query)").expectError(422, "VALIDATION_ERROR", fields: [field])
        }
        #expect(try await Till.main(desk)["balance"] == 1)
    }

    @Test("the list is filtered by every parameter, newest first, complete without paging, and paged with the total")
    func lists() async throws {
        let (_, desk) = try await Salon.withDesk()
        let path = "/finances/operations"
        let second = try await desk.post("/finances/cash-registers", ["name": "Сейф"]).expect(201).json
        let client = try await desk.post("/clients", ["firstName": "Ганна", "lastName": "Мороз", "phone": "0671112233"])
            .expect(201).json
        let (main, cash) = (try await Till.main(desk), try await desk.get("/finances/payment-methods").json[0] ?? .null)
        let bodies: [JSONValue] = [
            ["type": "payment", "amount": 1, "date": "2026-05-01", "cashRegisterId": main["id"] ?? .null],
            ["type": "expense", "amount": 2, "date": "2026-05-02", "category": "Оренда", "description": "за травень"],
            ["type": "refund", "amount": 3, "date": "2026-05-03", "clientId": client["id"] ?? .null, "status": "pending"],
            [
                "type": "transfer", "amount": 4, "date": "2026-05-04", "cashRegisterId": main["id"] ?? .null,
                "toCashRegisterId": second["id"] ?? .null,
            ],
            [
                "type": "payment", "amount": 5, "date": "2026-05-05", "paymentMethodId": cash["id"] ?? .null,
                "documentNumber": "100%-A",
            ],
        ]
        for body in bodies { try await desk.post(path, body).expect(201) }
        func amounts(_ query: String) async throws -> [Int64] {
            try #require(try await desk.get("\(path)?\(query)").expect(200).json.array).compactMap { $0["amount"]?.int }
        }
        for (query, expected) in [
            ("", [5, 4, 3, 2, 1]), ("search=&type=&dateFrom=", [5, 4, 3, 2, 1]), ("dateFrom=2026-05-03", [5, 4, 3]),
            ("dateTo=2026-5-2", [2, 1]), ("dateFrom=2026-05-02&dateTo=2026-05-04", [4, 3, 2]), ("type=payment", [5, 1]),
            ("type=all&status=all&category=all", [5, 4, 3, 2, 1]), ("status=pending", [3]), ("category=Оренда", [2]),
            ("clientId=\(client.id)", [3]), ("cashRegisterId=\(main.id)", [4, 1]), ("cashRegisterId=\(second.id)", [4]),
            ("paymentMethodId=\(cash.id)", [5]), ("search=ТРАВ", [2]), ("search=100%25", [5]), ("search=мороз", [3]),
            ("search=0671112233", []), ("search=сейф", []), ("page=2&perPage=2", [3, 2]), ("limit=1&offset=4", [1]),
        ] as [(String, [Int64])] {
            let encoded = query.replacing("Оренда", with: "%D0%9E%D1%80%D0%B5%D0%BD%D0%B4%D0%B0")
                .replacing("ТРАВ", with: "%D0%A2%D0%A0%D0%90%D0%92").replacing("мороз", with: "%D0%BC%D0%BE%D1%80%D0%BE%D0%B7")
                .replacing("сейф", with: "%D1%81%D0%B5%D0%B9%D1%84")
            #expect(try await amounts(encoded) == expected, "\(query)")
        }
        #expect(try await desk.get("\(path)?page=1&perPage=2").header("x-total-count") == "5")
    }

    @Test("PUT changes what it names, null clears, and the whole object sent back changes nothing")
    func changes() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let reader = try await salon.login(.receptionist)
        var ears = try await Ears.open(reader, "finances", on: salon.deployment)
        let register = try await Till.main(desk)
        let made = try await desk.post(
            "/finances/operations",
            [
                "type": "payment", "amount": 100, "cashRegisterId": register["id"] ?? .null, "category": "товари",
                "client": "Пані Олена",
            ]
        ).expect(201).json
        let path = "/finances/operations/\(made.id)"
        func shown() async throws -> JSONValue { try await reader.get(path).expect(200).json }
        try await ears.expect("finance:register-updated", try await Till.main(reader))
        try await ears.expect("finance:operation-created", try await shown())
        #expect(try await desk.put(path, made).expect(200).json == made)
        let changed = try await desk.at(salon.deployment.b).put(path, ["amount": 40, "category": .null]).expect(200).json
        #expect(changed["amount"] == 40 && changed["category"] == nil && changed["client"] == "Пані Олена")
        #expect(try await ears.expect("finance:register-updated", try await Till.main(reader))["balance"] == 40)
        try await ears.expect("finance:operation-updated", try await shown())
        // What moves no money touches no register, and a date that is emptied stays.
        for date in ["2026-05-03", "", .null] as [JSONValue] {
            #expect(try await desk.put(path, ["date": date]).expect(200)["date"] == "2026-05-03")
        }
        try await ears.expect("finance:operation-updated", try await shown())
        try await desk.put(path, ["description": "x"]).expect(200)
        try await ears.expect("finance:operation-updated", try await shown())
        // A text of a page that sends the old id back beside it.
        let whole = try #require(try await shown().object)
        let renamed = try await desk.put(path, .object(whole.merging(["cashRegister": "Інша"]))).expect(200).json
        #expect(renamed["cashRegister"] == "Інша" && renamed["cashRegisterId"] == nil)
        #expect(try await ears.expect("finance:register-updated", try await Till.main(reader))["balance"] == 0)
        try await ears.expect("finance:operation-updated", renamed)
        try await desk.put(path, ["cashRegisterId": register["id"] ?? .null, "cashRegister": "Інша"]).expect(200)
        #expect(try await ears.expect("finance:register-updated")["balance"] == 40)
        try await ears.expect("finance:operation-updated")
        try await desk.put(path, ["cashRegisterId": .null]).expect(200)
        #expect(try await ears.expect("finance:register-updated")["balance"] == 0)
        #expect(try await ears.expect("finance:operation-updated")["cashRegister"] == "")
        try await desk.put(path, ["cashRegisterId": register["id"] ?? .null]).expect(200)
        #expect(try await ears.expect("finance:register-updated")["balance"] == 40)
        try await ears.expect("finance:operation-updated")
        try await desk.delete(path).expect(204)
        try await ears.expect("finance:operation-deleted", ["id": made["id"] ?? .null])
        #expect(try await ears.expect("finance:register-updated", try await Till.main(reader))["balance"] == 0)
        for answer in [try await desk.get(path), try await desk.put(path, [:]), try await desk.delete(path)] {
            answer.expectError(404, "NOT_FOUND")
        }
        try await ears.expectNothing()
        let entries = try await salon.audit("operation")
        #expect(
            entries.map { $0.prefix(8) } == [
                "created ", "updated ", "updated ", "updated ", "updated ", "updated ", "updated ", "updated ", "deleted ",
            ]
        )
        #expect(try await salon.audit("register") == [])
    }

    @Test("an id that is sent back stays, beside an empty text and beside the name that its row had before")
    func namesOfBefore() async throws {
        let (_, desk) = try await Salon.withDesk()
        let register = try await Till.main(desk)
        let client = try await desk.post("/clients", ["firstName": "Ганна", "lastName": "Бойко"]).expect(201).json
        let body: JSONValue = [
            "type": "payment", "amount": 500, "cashRegisterId": register["id"] ?? .null, "cashRegister": "",
            "clientId": client["id"] ?? .null, "client": "",
        ]
        let made = try await desk.post("/finances/operations", body).expect(201).json
        let path = "/finances/operations/\(made.id)"
        func expectKept(_ answer: HTTPAnswer) async throws {
            let changed = try answer.expect(200).json
            #expect(changed["cashRegisterId"] == register["id"] && changed["clientId"] == client["id"])
            #expect(try await Till.main(desk)["balance"] == 500)
            #expect(try await desk.get("/clients/\(client.id)").expect(200).json["totalSpent"] == 500)
        }
        try await expectKept(try await desk.put(path, body))
        try await expectKept(try await desk.put(path, body))
        try await desk.put("/clients/\(client.id)", ["lastName": "Бондар"]).expect(200)
        try await desk.put("/finances/cash-registers/\(register.id)", ["name": "Головна"]).expect(200)
        // As a page has it that was loaded before.
        let loaded = try #require(made.object)
        try await expectKept(try await desk.put(path, .object(loaded.merging(["description": "x"]))))
        try await expectKept(try await desk.put(path, ["client": "Ганна Бойко", "cashRegister": "Основна каса"]))
        #expect(try await desk.put(path, ["cashRegister": ""]).expect(200).json["cashRegisterId"] == nil)
    }

    @Test("a transfer moves from one register to the other, and what becomes of it moves both")
    func transfers() async throws {
        let (salon, desk) = try await Salon.withDesk()
        var ears = try await Ears.open(desk, "finances", on: salon.deployment)
        let safe = try await desk.post("/finances/cash-registers", ["name": "Сейф", "balance": 1_000]).expect(201).json
        try await ears.expect("finance:register-created", safe)
        let main = try await Till.main(desk)
        func balances() async throws -> [Int64?] {
            try #require(try await desk.get("/finances/cash-registers").json.array).map { $0["balance"]?.int }
        }
        let body: JSONValue = ["type": "transfer", "amount": 300, "cashRegister": "Сейф", "toCashRegister": "Основна каса"]
        let made = try await desk.post("/finances/operations", body).expect(201).json
        #expect(made["toCashRegisterId"] == main["id"] && made["toCashRegister"] == "Основна каса")
        #expect(try await balances() == [300, 700])
        #expect(try await ears.expect("finance:register-updated")["balance"] == 300)
        #expect(try await ears.expect("finance:register-updated")["balance"] == 700)
        try await ears.expect("finance:operation-created", made)
        let path = "/finances/operations/\(made.id)"
        for (change, expected) in [
            (["amount": 400], [400, 600]), (["status": "pending"], [0, 1_000]), (["status": "completed"], [400, 600]),
            // Turned around in one request.
            (["cashRegisterId": main["id"] ?? .null, "toCashRegisterId": safe["id"] ?? .null], [-400, 1_400]),
            (["type": "expense"], [-400, 1_000]), (["type": "transfer"], [-400, 1_000]),
        ] as [(JSONValue, [Int64?])] {
            let changed = try await desk.put(path, change).expect(200).json
            #expect(try await balances() == expected, "\(change.text)")
            if changed["type"] == "expense" { #expect(changed["toCashRegisterId"] == nil) }
        }
        try await desk.put(path, ["toCashRegister": "основна каса"])
            .expectError(422, "VALIDATION_ERROR", fields: ["toCashRegisterId"])
        try await desk.delete(path).expect(204)
        #expect(try await balances() == [0, 1_000])
    }

    @Test("a client's figures follow its operations, and only where these change them")
    func clientFigures() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let client = try await desk.post("/clients", ["firstName": "Ганна", "phone": "0671112233"]).expect(201).json
        let other = try await desk.post("/clients", ["firstName": "Інна", "phone": "0679998877"]).expect(201).json
        var ears = try await Ears.open(desk, "clients", on: salon.deployment)
        let made = try await desk.post("/finances/operations", ["type": "payment", "amount": 90, "client": "Ганна"]).expect(201)
            .json
        #expect(try await ears.expect("client:updated")["totalSpent"] == 90)
        let path = "/finances/operations/\(made.id)"
        try await desk.put(path, ["description": "x", "cashRegister": "Основна каса"]).expect(200)
        try await desk.put(path, ["amount": 80]).expect(200)
        #expect(try await ears.expect("client:updated")["totalSpent"] == 80)
        try await desk.put(path, ["clientId": other["id"] ?? .null]).expect(200)
        #expect(try await ears.expect("client:updated")["totalSpent"] == 0)
        #expect(try await ears.expect("client:updated")["totalSpent"] == 80)
        try await desk.put(path, ["status": "pending"]).expect(200)
        #expect(try await ears.expect("client:updated")["totalSpent"] == 0)
        try await desk.delete(path).expect(204)
        try await desk.post("/finances/operations", ["type": "deposit", "amount": 5, "clientId": client["id"] ?? .null]).expect(
            201
        )
        let refund: JSONValue = ["type": "refund", "amount": 5, "clientId": client["id"] ?? .null]
        let back = try await desk.post("/finances/operations", refund).expect(201).json
        #expect(try await ears.expect("client:updated")["totalSpent"] == -5)
        try await desk.delete("/finances/operations/\(back.id)").expect(204)
        #expect(try await ears.expect("client:updated")["totalSpent"] == 0)
        try await ears.expectNothing()
    }

    @Test("Idempotency-Key makes one operation of two requests")
    func idempotency() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let body: JSONValue = ["type": "payment", "amount": 10, "cashRegister": "Основна каса"]
        let first = try await desk.post("/finances/operations", body, [("Idempotency-Key", "k")]).expect(201).json
        let second = try await desk.at(salon.deployment.b).post("/finances/operations", body, [("Idempotency-Key", "k")])
            .expect(201).json
        #expect(first == second)
        #expect(try await Till.main(desk)["balance"] == 10)
    }

    @Test("an operation says who earned it: one of the salon's, also one who has left, in reports too")
    func earners() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let other = try await Salon.make(on: salon.deployment)
        let path = "/finances/operations"
        try await desk.post(path, ["type": "payment", "amount": 500, "date": "2026-05-03", "staffId": JSONValue(salon.olha)])
            .expect(201)
        let refund: JSONValue = ["type": "refund", "amount": 120, "date": "2026-05-04", "staffId": JSONValue(salon.olha)]
        let made = try await desk.post(path, refund).expect(201).json
        #expect(made["staffId"] == JSONValue(salon.olha))
        let report = try await desk.get("/reports/staff-performance?dateFrom=2026-05-01&dateTo=2026-05-31&staffId=\(salon.olha)")
        #expect(try report.expect(200).json[0]?["totalRevenue"] == 380)
        for id in [other.olha, 999_999_999] {
            try await desk.post(path, ["type": "payment", "amount": 1, "staffId": JSONValue(id)])
                .expectError(422, "VALIDATION_ERROR", fields: ["staffId"])
            try await desk.put("\(path)/\(made.id)", ["staffId": JSONValue(id)])
                .expectError(422, "VALIDATION_ERROR", fields: ["staffId"])
        }
        try await desk.delete("/staff/\(salon.olha)").expect(204)
        #expect(try await desk.put("\(path)/\(made.id)", made).expect(200).json == made)
        #expect(
            try await desk.put("\(path)/\(made.id)", ["staffId": JSONValue(salon.iryna)]).expect(200)["staffId"].int
                == salon.iryna
        )
        #expect(try await desk.put("\(path)/\(made.id)", ["staffId": .null]).expect(200).json["staffId"] == nil)
    }

    @Test("a word for a kind of payment is the salon's first active method of it, as for visits")
    func kindsOfPayment() async throws {
        let (_, desk) = try await Salon.withDesk()
        let path = "/finances/operations"
        for name in ["Подарунок", "Сертифікат"] {
            try await desk.post("/finances/payment-methods", ["name": .string(name), "type": "certificate"]).expect(201)
        }
        let methods = try #require(try await desk.get("/finances/payment-methods").json.array)
        let gift = try #require(methods.first { $0["name"] == "Подарунок" })
        func method(_ word: JSONValue) async throws -> JSONValue? {
            try await desk.post(path, ["type": "payment", "amount": 1, "paymentMethod": word]).expect(201).json["paymentMethod"]
        }
        for (word, name) in [("cash", "Готівка"), ("Card", "Картка"), ("certificate", "Подарунок"), ("bonus", "bonus")] {
            #expect(try await method(.string(word)) == .string(name))
        }
        try await desk.put("/finances/payment-methods/\(gift.id)", ["isActive": false]).expect(200)
        #expect(try await method("certificate") == "Сертифікат")
    }

    @Test("no operation is ever deleted from under its register")
    func kept() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let register = try await Till.main(desk)["id"] ?? .null
        try await desk.post("/finances/operations", ["type": "payment", "amount": 7, "cashRegisterId": register]).expect(201)
        await #expect(throws: PostgresError.self) {
            try await salon.deployment.database.client.query("DELETE FROM operations WHERE salon_id = \(salon.id)")
        }
        #expect(try await Till.main(desk)["balance"] == 7)
    }
}

/// The registers of a test's salon.
enum Till {
    /// The one that every salon begins with.
    static func main(_ desk: Desk) async throws -> JSONValue {
        try #require(try await desk.get("/finances/cash-registers").expect(200).json.array?.first)
    }

    /// Registers whose balance is not what they were opened with and what their operations have done to them.
    static func wrong(_ salon: Salon) async throws -> Int64 {
        try await salon.deployment.database.value(
            """
            SELECT count(*) FROM cash_registers r
            WHERE r.salon_id = \(salon.id) AND r.balance <> r.opening_balance + (
                SELECT coalesce(sum(e.change), 0) FROM operations o, register_effects(o.type, o.status, o.deleted_at, o.amount,
                    o.cash_register_id, o.to_register_id) AS e
                WHERE o.salon_id = r.salon_id AND e.register_id = r.id)
            """
        )
    }
}
