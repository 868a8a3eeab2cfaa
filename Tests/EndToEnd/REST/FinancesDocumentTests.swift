import JSON
import REST
import Support
import Testing

@Suite("Finances: documents", .inTurn)
struct FinancesDocumentTests {
    private static let path = "/finances/documents"

    @Test("the page's form, and a number that is made up where none is given, each once, by type")
    func numbers() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let form: JSONValue = [
            "number": "17/А", "date": "2026-05-03", "type": "invoice", "contentType": "mixed",
            "amount": try JSONValue(parsing: "99.9"), "servicesCount": 2, "productsCount": 1, "counterparty": "ФОП Мороз",
            "comment": "терміново", "author": "Світлана", "status": "issued",
        ]
        let made = try await desk.post(Self.path, form).expect(201).json
        let sent = try #require(form.object)
        for (name, value) in sent { #expect(made[name] == value, "\(name)") }
        #expect(made["items"] == [] && made["createdBy"] == JSONValue(salon.userID(.admin)))
        let errors = try SchemaChecker(files: try ProtocolFiles.shared.get()).errors(
            in: made,
            against: "schemas/finance.yaml#/$defs/Document"
        )
        #expect(errors == [])
        #expect(try await desk.get("\(Self.path)/\(made.id)").expect(200).json == made)
        #expect(try await desk.put("\(Self.path)/\(made.id)", made).expect(200).json == made)
        #expect(try await desk.put("\(Self.path)/\(made.id)", ["number": "", "amount": .null]).expect(200)["number"] == "17/А")

        // A number that somebody has typed is passed over.
        try await desk.post(Self.path, ["type": "receipt", "number": "R-000002"]).expect(201)
        var numbers: [String] = []
        for type in ["receipt", "receipt", "invoice", "expense", "income", "act"] {
            let made = try await desk.post(Self.path, ["type": .string(type), "number": "", "counterparty": ""]).expect(201).json
            #expect(made["status"] == "draft" && made["amount"] == 0 && made["contentType"] == "services")
            #expect(made["author"] == "Оксана admin" && made["counterparty"] == nil)
            numbers.append(made["number"]?.string ?? "")
        }
        #expect(numbers == ["R-000001", "R-000003", "INV-000001", "E-000001", "I-000001", "A-000001"])
        let racing = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<20 {
                let desk = desk.at(salon.deployment.nodes[number % 2])
                group.addTask { try await desk.post(Self.path, ["type": "act"]).expect(201)["number"].string ?? "" }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(racing.count == 20)
    }

    @Test("lists, all of them and receipts, by every parameter")
    func lists() async throws {
        let (_, desk) = try await Salon.withDesk()
        let bodies: [JSONValue] = [
            ["type": "receipt", "amount": 1, "date": "2026-05-01", "status": "paid", "number": "РЦ-77"],
            ["type": "invoice", "amount": 2, "date": "2026-05-02", "contentType": "products", "status": "cancelled"],
            ["type": "act", "amount": 3, "date": "2026-05-03", "counterparty": "ТОВ Папір", "status": "completed"],
        ]
        for body in bodies { try await desk.post(Self.path, body).expect(201) }
        // Whatever type it says.
        let receipt = try await desk.post("/finances/receipts", ["type": "act", "amount": 4, "date": "2026-05-04"]).expect(201)
            .json
        #expect(receipt["type"] == "receipt")
        func amounts(_ list: String) async throws -> [Int64] {
            try #require(try await desk.get("/finances/\(list)").expect(200).json.array).compactMap { $0["amount"]?.int }
        }
        for (list, expected) in [
            ("documents", [4, 3, 2, 1]), ("documents?type=act", [3]), ("documents?type=all&status=", [4, 3, 2, 1]),
            ("documents?status=draft", [4]), ("documents?dateFrom=2026-05-02&dateTo=2026-05-03", [3, 2]),
            ("documents?contentType=products", [2]), ("documents?search=%D1%80%D1%86-7", [1]),
            ("documents?search=%D0%BF%D0%B0%D0%BF", [3]), ("documents?page=2&limit=3", [1]),
            ("receipts", [4, 1]), ("receipts?status=paid", [1]), ("receipts?dateFrom=2026-05-04", [4]),
        ] as [(String, [Int64])] {
            #expect(try await amounts(list) == expected, "\(list)")
        }
        try await desk.get("/finances/documents?type=bill").expectError(422, "VALIDATION_ERROR", fields: ["type"])
        try await desk.post(
            Self.path,
            [
                "type": "bill", "amount": -1, "status": "lost", "contentType": "air", "date": "x", "servicesCount": -1,
                "items": [["quantity": 0]],
            ]
        ).expectError(
            422,
            "VALIDATION_ERROR",
            fields: ["type", "amount", "status", "contentType", "date", "servicesCount", "items"]
        )
        try await desk.post(Self.path, ["type": "act", "items": [["name": "x", "quantity": 999_999_999, "price": 9_999_999]]])
            .expectError(422, "VALIDATION_ERROR", fields: ["items"])
    }

    @Test("items say what a document is, and move stock once, and back once")
    func stock() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let product = try await desk.post("/inventory/products", ["name": "Шампунь", "sku": "Ш1", "quantity": 10, "price": 250])
            .expect(201).json
        let mask = try await desk.post("/inventory/products", ["name": "Маска", "sku": "М1", "quantity": 5]).expect(201).json
        func quantities() async throws -> [String?] {
            var texts: [String?] = []
            for row in [product, mask] {
                texts.append(try await desk.get("/inventory/products/\(row.id)").json["quantity"]?.number?.text)
            }
            return texts
        }
        var ears = try await Ears.open(desk, "finances", on: salon.deployment)
        let items: JSONValue = [
            ["productId": product["id"] ?? .null, "quantity": try JSONValue(parsing: "2.5"), "price": 250],
            ["serviceId": JSONValue(salon.haircut), "price": try JSONValue(parsing: "499.99")], ["name": "Пакет", "price": 1],
            ["productId": product["id"] ?? .null, "quantity": try JSONValue(parsing: "0.5"), "price": 0],
        ]
        let draft = try await desk.post(Self.path, ["type": "receipt", "items": items, "servicesCount": 9]).expect(201).json
        #expect(draft["contentType"] == "mixed" && draft["servicesCount"] == 2 && draft["productsCount"] == 2)
        #expect(draft["amount"]?.number?.text == "1125.99")
        #expect(draft["items"]?.array?.map { $0["name"] } == ["Шампунь", "Стрижка", "Пакет", "Шампунь"])
        #expect(draft["items"]?[1]?["quantity"] == 1)
        try await ears.expect("finance:document-created", draft)
        #expect(try await quantities() == ["10", "5"])
        let path = "\(Self.path)/\(draft.id)"
        #expect(try await desk.put(path, draft).expect(200).json == draft)
        for (change, expected) in [
            (["status": "issued"], ["7", "5"]), (["status": "paid"], ["7", "5"]), (["status": "completed"], ["7", "5"]),
            (["comment": "x"], ["7", "5"]), (["status": "draft"], ["10", "5"]), (["status": "paid"], ["7", "5"]),
            (["items": [["productId": mask["id"] ?? .null, "quantity": 2]]], ["10", "3"]),
            (["type": "expense"], ["10", "7"]), (["type": "act"], ["10", "3"]), (["status": "cancelled"], ["10", "5"]),
            (["status": "cancelled", "comment": "y"], ["10", "5"]), (["status": "issued"], ["10", "3"]),
        ] as [(JSONValue, [String?])] {
            try await desk.put(path, change).expect(200)
            #expect(try await quantities() == expected, "\(change.text)")
        }
        // More than there is: nothing changes.
        try await desk.put(path, ["items": [["productId": product["id"] ?? .null, "quantity": 11]], "comment": "z"])
            .expectError(409, "INSUFFICIENT_STOCK")
        #expect(try await desk.get(path).expect(200)["comment"] == "y")
        #expect(try await quantities() == ["10", "3"])
        try await desk.post(
            Self.path,
            ["type": "invoice", "status": "paid", "items": [["productId": mask["id"] ?? .null, "quantity": 4]]]
        )
        .expectError(409, "INSUFFICIENT_STOCK")
        try await desk.delete(path).expect(204)
        #expect(try await quantities() == ["10", "5"])
        try await desk.get(path).expectError(404, "NOT_FOUND")
        let history = try await desk.get("/inventory/products/\(mask.id)/history").expect(200).json
        #expect(history[0]?["documentNumber"] == draft["number"])
        for row in [["productId": 999_999_999], ["serviceId": 999_999_999], [:]] as [JSONValue] {
            try await desk.post(Self.path, ["type": "act", "items": [row]]).expectError(
                422,
                "VALIDATION_ERROR",
                fields: ["items"]
            )
        }
        #expect(try await salon.audit("document").first == "created R-000001")
    }

    @Test("a document that brought in what is gone by now stays until it is there again")
    func goneGoods() async throws {
        let (_, desk) = try await Salon.withDesk()
        let mask = try await desk.post("/inventory/products", ["name": "Маска", "sku": "М1", "quantity": 5]).expect(201).json
        func make(_ type: String, _ quantity: Int64) async throws -> String {
            let items: JSONValue = [["productId": mask["id"] ?? .null, "quantity": JSONValue(quantity)]]
            let made = try await desk.post(Self.path, ["type": .string(type), "status": "paid", "items": items]).expect(201)
            return "\(Self.path)/\(try made.json.id)"
        }
        let (brought, taken) = (try await make("expense", 4), try await make("invoice", 6))
        try await desk.delete(brought).expectError(409, "INSUFFICIENT_STOCK")
        try await desk.get(brought).expect(200)
        #expect(try await desk.get("/inventory/products/\(mask.id)")["quantity"] == 3)
        for path in [taken, brought] { try await desk.delete(path).expect(204) }
        #expect(try await desk.get("/inventory/products/\(mask.id)")["quantity"] == 5)
    }

    @Test("documents of the same products at once, in either order, leave stock exact")
    func concurrency() async throws {
        let (salon, desk) = try await Salon.withDesk()
        var products: [JSONValue] = []
        for name in ["А", "Б"] {
            products.append(
                try await desk.post("/inventory/products", ["name": .string(name), "sku": .string(name), "quantity": 100]).expect(
                    201
                )
                .json["id"] ?? .null
            )
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                let desk = desk.at(salon.deployment.nodes[number % 2])
                let lines = products.map { ["productId": $0, "quantity": 1] as JSONValue }
                let items = JSONValue.array(number % 3 == 0 ? lines : lines.reversed())
                let type: JSONValue = number % 4 == 0 ? "expense" : "receipt"
                group.addTask { try await desk.post(Self.path, ["type": type, "status": "paid", "items": items]).expect(201) }
            }
            try await group.waitForAll()
        }
        for product in products {
            #expect(try await desk.get("/inventory/products/\(product.int ?? 0)")["quantity"] == 80)
        }
    }

    @Test("whoever may not move stock writes documents that move none; what a sale gives back is no delivery")
    func stockRights() async throws {
        let (salon, admin) = try await Salon.withDesk()
        try await admin.put(
            "/settings/roles/receptionist",
            ["permissions": ["finances.view", "finances.create", "finances.edit", "finances.delete", "inventory.view"]]
        )
        .expect(200)
        let desk = try await salon.login(.receptionist)
        let product = try await admin.post("/inventory/products", ["name": "Шампунь", "quantity": 5]).expect(201).json
        _ = try await salon.deployment.database.client.query(
            "UPDATE products SET last_restock_date = '2020-01-01' WHERE salon_id = \(salon.id)"
        )
        func stock() async throws -> JSONValue { try await admin.get("/inventory/products/\(product.id)").expect(200).json }
        let items: JSONValue = [["productId": product["id"] ?? .null, "quantity": 2]]
        let draft = try await desk.post(Self.path, ["type": "receipt", "items": items]).expect(201).json
        let path = "\(Self.path)/\(draft.id)"
        try await desk.put(path, ["status": "paid"]).expectError(403, "FORBIDDEN")
        try await desk.post(Self.path, ["type": "receipt", "status": "paid", "items": items]).expectError(403, "FORBIDDEN")
        #expect(try await desk.get(path).expect(200)["status"] == "draft")
        #expect(try await stock()["quantity"] == 5)
        try await admin.put(path, ["status": "paid"]).expect(200)
        try await desk.put(path, ["comment": "дякуємо"]).expect(200)
        try await desk.delete(path).expectError(403, "FORBIDDEN")
        try await admin.put(path, ["status": "cancelled"]).expect(200)
        let back = try await stock()
        #expect(back["quantity"] == 5 && back["lastRestockDate"] == "2020-01-01")
        try await admin.post(Self.path, ["type": "expense", "status": "paid", "items": items]).expect(201)
        let bought = try await stock()
        #expect(bought["quantity"] == 7 && bought["lastRestockDate"] != "2020-01-01")
    }

    @Test("a document whose items are all taken away counts none, unless somebody says so")
    func emptied() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let items: JSONValue = [["serviceId": JSONValue(salon.haircut), "price": 5], ["name": "Пакет", "price": 1]]
        let made = try await desk.post(Self.path, ["type": "act", "items": items]).expect(201).json
        #expect(made["servicesCount"] == 2)
        let path = "\(Self.path)/\(made.id)"
        let bare = try await desk.put(path, ["items": []]).expect(200).json
        #expect(bare["items"] == [] && bare["servicesCount"] == 0 && bare["productsCount"] == 0)
        let said = try await desk.put(path, ["items": [], "servicesCount": 3]).expect(200).json
        #expect(said["servicesCount"] == 3 && said["productsCount"] == 0)
    }

    @Test("what a document lists stays what it says, whatever the form sends beside it")
    func contradicted() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let items: JSONValue = [["serviceId": JSONValue(salon.haircut), "price": 5], ["name": "Пакет", "price": 1]]
        let made = try await desk.post(Self.path, ["type": "act", "items": items]).expect(201).json
        let path = "\(Self.path)/\(made.id)"
        let form: JSONValue = ["contentType": "products", "servicesCount": 0, "productsCount": 7, "comment": "x"]
        let kept = try await desk.put(path, form).expect(200).json
        #expect(kept["contentType"] == "services" && kept["servicesCount"] == 2 && kept["productsCount"] == 0)
        #expect(kept["amount"] == 6 && kept["comment"] == "x" && kept["items"] == made["items"])
        let agreed = try await desk.put(path, ["amount": 4]).expect(200).json
        #expect(agreed["amount"] == 4 && agreed["servicesCount"] == 2)
        #expect(try await desk.put(path, ["contentType": "mixed"]).expect(200).json["amount"] == 4)
        let summed = try await desk.put(path, ["amount": .null]).expect(200).json
        #expect(summed["amount"] == 6)
        // It has a date, and so stays of its day.
        for date in ["2026-05-03", "", .null] as [JSONValue] {
            #expect(try await desk.put(path, ["date": date]).expect(200).json["date"] == "2026-05-03")
        }
    }
}
