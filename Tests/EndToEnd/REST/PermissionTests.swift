import JSON
import REST
import Support
import Testing

@Suite("Who may do what", .inTurn)
struct PermissionTests {
    @Test("rows of another salon are as good as none, whatever is done to them, and cannot be pointed to")
    func foreignIDs() async throws {
        let deployment = try await Deployment.standard.value
        let (salon, other) = (try await Salon.make(on: deployment), try await Salon.make(on: deployment))
        let (desk, owner) = (try await salon.login(.admin), try await other.login(.admin))
        let visit = try await owner.book(other.visit(9))
        let client = try await owner.post("/clients", ["firstName": "Ганна", "phone": "0671112233"]).expect(201).json
        let product = try await owner.post("/inventory/products", ["name": "Шампунь", "quantity": 5]).expect(201).json
        let path = "/appointments/\(visit.id)"
        try await desk.get(path).expectError(404, "NOT_FOUND")
        try await desk.put(path, ["notes": "x"]).expectError(404, "NOT_FOUND")
        try await desk.patch(path + "/status", ["status": "cancelled"]).expectError(404, "NOT_FOUND")
        try await desk.delete(path).expectError(404, "NOT_FOUND")
        try await owner.delete(path).expect(204)
        try await desk.post(path + "/restore").expectError(404, "NOT_FOUND")
        try await owner.post(path + "/restore").expect(200)
        let operation = try await owner.post("/finances/operations", ["type": "payment", "amount": 1]).expect(201).json
        let document = try await owner.post("/finances/receipts", [:]).expect(201).json
        let register = try await owner.get("/finances/cash-registers").expect(200).json[0] ?? .null
        let method = try await owner.get("/finances/payment-methods").expect(200).json[0] ?? .null
        let foreign = [
            "/finances/operations/\(operation.id)", "/finances/documents/\(document.id)",
            "/finances/cash-registers/\(register.id)",
            "/finances/payment-methods/\(method.id)",
            "/clients/\(client.id)", "/staff/\(other.olha)", "/services/\(other.haircut)",
            "/inventory/products/\(product.id)",
        ]
        for path in foreign {
            try await desk.get(path).expectError(404, "NOT_FOUND")
            try await desk.put(path, ["notes": "x", "description": "x", "middleName": "x"]).expectError(404, "NOT_FOUND")
            try await desk.delete(path + "?force=true").expectError(404, "NOT_FOUND")
            #expect(try await owner.get(path).expect(200).json["updatedAt"] == nil)
        }
        try await desk.get("/clients/\(client.id)/history").expectError(404, "NOT_FOUND")
        try await desk.get("/staff/\(other.olha)/schedule").expectError(404, "NOT_FOUND")
        try await desk.post("/staff/\(other.olha)/schedule", ["work_days": [:]]).expectError(404, "NOT_FOUND")
        try await desk.patch("/users/\(other.userID(.master))", ["is_active": false]).expectError(404, "NOT_FOUND")
        for (field, id) in [("staffId", other.olha), ("serviceId", other.haircut), ("clientId", client["id"]?.int ?? 0)] {
            let answer = try await desk.post("/appointments", salon.visit(9, [field: JSONValue(id)]))
            answer.expectError(422, "VALIDATION_ERROR", fields: [field])
        }
        try await desk.get("/inventory/products/\(product.id)/history").expectError(404, "NOT_FOUND")
        try await desk.post("/inventory/stock-movement", ["productId": product["id"] ?? .null, "type": "in", "quantity": 1])
            .expectError(404, "NOT_FOUND")
        for (field, id) in [
            ("clientId", client["id"]), ("cashRegisterId", register["id"]), ("toCashRegisterId", register["id"]),
            ("paymentMethodId", method["id"]),
        ] {
            try await desk.post("/finances/operations", ["type": "transfer", "amount": 1, field: id ?? .null])
                .expectError(422, "VALIDATION_ERROR", fields: [field])
        }
        try await desk.post("/finances/documents", ["type": "act", "items": [["serviceId": JSONValue(other.haircut)]]])
            .expectError(422, "VALIDATION_ERROR", fields: ["items"])
        for list in ["records", "reviews", "changes"] {
            #expect(try await desk.get("/overview/\(list)").expect(200)["data"] == [], "\(list)")
        }
        let own = try await desk.book(salon.visit(9))
        try await desk.put("/appointments/\(own.id)", ["staffId": JSONValue(other.olha)])
            .expectError(422, "VALIDATION_ERROR", fields: ["staffId"])
        for list in [
            "/appointments", "/clients", "/staff", "/services", "/inventory/products", "/users", "/finances/operations",
            "/finances/documents",
            "/finances/cash-registers", "/finances/payment-methods",
        ] {
            let ids = Set(try #require(try await desk.get(list).json.array).compactMap { $0["id"]?.int })
            let foreign = Set(try #require(try await owner.get(list).json.array).compactMap { $0["id"]?.int })
            #expect(ids.isDisjoint(with: foreign))
        }
        // A client's phone of one salon links nothing in another.
        #expect(try await desk.book(salon.visit(12, ["clientPhone": "0671112233"]))["clientId"] == nil)
    }

    @Test("a master sees visits and clients without phones, in conflicts and searches too")
    func masters() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let (admin, master) = (try await salon.login(.admin), try await salon.login(.master))
        let client = try await admin.post("/clients", ["firstName": "Ганна", "phone": "+380 67 123 45 67"]).expect(201).json
        let visit = try await admin.book(salon.visit(9))
        #expect(visit["clientId"] == client["id"])
        let review: JSONValue = ["rating": 5, "appointmentId": visit["id"] ?? .null]
        #expect(try await admin.post("/overview/reviews", review).expect(201).json["phone"] == "+380 67 123 45 67")
        for text in [
            try await master.get("/appointments").text, try await master.get("/appointments/\(visit.id)").text,
            try await master.get("/clients").text, try await master.get("/clients/\(client.id)").text,
            try await master.get("/clients/\(client.id)/history").text,
            try await master.get("/notifications").text, try await master.get("/appointments/calendar").text,
            try await master.get("/overview/records").text, try await master.get("/overview/reviews").text,
        ] {
            #expect(!text.contains("123 45 67"))
            #expect(!text.contains("1234567"))
        }
        for search in ["123", "067123", "0671234567", "%2B380"] {
            #expect(try await master.get("/clients?search=\(search)").json == [])
            #expect(try await admin.get("/clients?search=\(search)").json.array?.count == 1)
        }
    }
}
