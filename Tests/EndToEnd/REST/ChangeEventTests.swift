import JSON
import Postgres
import REST
import Support
import Testing

@Suite("What is changed is heard by every screen that may show it", .inTurn)
struct ChangeEventTests {
    /// The entries of a salon's audit log, oldest first: entity, action, author.
    private static func audit(_ salon: Salon, _ entity: String) async throws -> [String] {
        let rows = try await salon.deployment.database.client.query(
            "SELECT action || ' ' || entity_name AS entry FROM audit_log WHERE salon_id = \(salon.id) AND entity = \(entity) ORDER BY id"
        )
        return try rows.map { try $0.get("entry") }
    }

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
        func shown() async throws -> JSONValue { try await reader.get(path).expect(200).json }
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
            try await Self.audit(salon, "client") == [
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
            #expect(try await reader.get(path).expect(200).json == body)
            try await ears.expect("service:updated", body)
            return body
        }
        try await ears.expect("service:created", try await reader.get(path).json)
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
        #expect(try await Self.audit(salon, "service").count == 6)
    }
}
