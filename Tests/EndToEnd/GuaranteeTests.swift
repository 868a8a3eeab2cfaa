import JSON
import REST
import Support
import Testing

@Suite("What is promised of changes and events can be counted", .inTurn)
struct GuaranteeTests {
    /// What is done to a sound database, and the one line that has to tell.
    static let violations: [(what: String, done: String)] = [
        ("changes without an event", "UPDATE appointments SET version = version + 1"),
        ("events without a change", "UPDATE appointments SET version = version - 1"),
        ("events without an audit entry", "DELETE FROM audit_log WHERE entity = 'client'"),
        (
            "audit entries without an event",
            "INSERT INTO audit_log (salon_id, author, entity, entity_id, action) SELECT id, '', 'service', 1, 'updated' FROM salons"
        ),
        (
            "notifications without an event",
            "UPDATE notifications SET id = 1000000 + id WHERE id = (SELECT min(id) FROM notifications)"
        ),
        (
            "movements of stock without an event, or the reverse",
            #"UPDATE events SET data = data || '{"id": 1000000}' WHERE type = 'inventory:movement-created' AND data -> 'id' = '1'"#
        ),
        (
            "stocks that are not the sum of their movements",
            "UPDATE products SET quantity = quantity + 0.001"
        ),
        ("registers that do not hold what their operations make", "UPDATE cash_registers SET balance = balance + 0.01"),
        ("paid visits without their operation", "UPDATE operations SET appointment_id = NULL"),
        (
            "holes in seq",
            """
            WITH third AS (
                INSERT INTO events (topic, seq, type, data, created_at)
                SELECT topic, 3, 'x:y', '{}', now() FROM topic_heads WHERE topic LIKE '%/settings' RETURNING topic)
            UPDATE topic_heads h SET seq = 3 FROM third WHERE third.topic = h.topic
            """
        ),
        ("heads that differ from the last event", "UPDATE topic_heads SET seq = 7 WHERE topic LIKE '%/finances'"),
        (
            "keys that took effect twice",
            "UPDATE appointments SET notes = 'key' WHERE id = (SELECT max(id) FROM appointments)"
        ),
        ("kept answers without their change", #"UPDATE idempotency_keys SET body = '{"id":0}', key = 'other'"#),
    ]

    @Test("a salon at work breaks nothing of it, and each breach is found by its line and by no other")
    func breaches() async throws {
        let deployment = try await Deployment.start()
        let salon = try await Salon.make(on: deployment)
        let desk = try await salon.login(.admin)
        let visit = try await desk.post("/appointments", salon.visit(9, ["notes": "key"]), [("Idempotency-Key", "key")]).expect(
            201
        )
        let path = "/appointments/\(try visit.json.id)"
        try await desk.at(deployment.b).post("/appointments", salon.visit(9, ["notes": "key"]), [("Idempotency-Key", "key")])
            .expect(201)
        try await desk.put(path, ["startTime": "10:00", "endTime": "11:00"]).expect(200)
        try await desk.put(path, ["startTime": "10:00", "endTime": "11:00"]).expect(200)
        try await desk.patch(path + "/status", ["status": "confirmed"]).expect(200)
        try await desk.delete(path).expect(204)
        try await desk.post(path + "/restore").expect(200)
        try await desk.book(salon.visit(14))
        let client = try await desk.post("/clients", ["firstName": "Ганна", "phone": "0671112233"]).expect(201).json
        let done: JSONObject = ["clientId": client["id"] ?? .null, "clientPhone": .null, "status": "completed"]
        try await desk.book(salon.visit(16, done))
        try await desk.post("/staff", ["firstName": "Леся", "phone": ""]).expect(201)
        try await desk.post("/services", ["name": "Манікюр", "duration": 60, "price": 400]).expect(201)
        let product = try await desk.post("/inventory/products", ["name": "Шампунь", "quantity": 3, "minQuantity": 1]).expect(201)
            .json
        let out: JSONValue = ["productId": product["id"] ?? .null, "type": "out", "quantity": 2]
        try await desk.post("/inventory/stock-movement", out).expect(201)
        try await desk.put("/inventory/products/\(product.id)", ["quantity": 7, "price": 90]).expect(200)
        try await desk.post("/overview/reviews", ["rating": 5, "clientName": "Ганна"]).expect(201)
        let paid: JSONValue = ["type": "payment", "amount": 90, "cashRegister": "Основна каса", "client": "Ганна"]
        let operation = try await desk.post("/finances/operations", paid).expect(201).json
        try await desk.put("/finances/operations/\(operation.id)", ["amount": 80]).expect(200)
        try await desk.post("/finances/cash-registers", ["name": "Сейф", "balance": 10]).expect(201)
        try await desk.post("/finances/payment-methods", ["name": "Бонуси", "type": "bonus"]).expect(201)
        let sold: JSONValue = [
            "type": "receipt", "status": "paid", "items": [["productId": product["id"] ?? .null, "quantity": 2]],
        ]
        let document = try await desk.post("/finances/documents", sold).expect(201).json
        try await desk.delete("/finances/documents/\(document.id)").expect(204)
        try await desk.post("/auth/logout").expect(204)
        try await deployment.stop()
        let database = deployment.database
        let sound = try await Guarantee.count(database)
        #expect(sound.broken.isEmpty, "\(sound)")
        #expect(Set(sound.counts.keys) == Set(Self.violations.map(\.what)))
        for (what, done) in Self.violations {
            let counted = try await Guarantee.count(database, after: done)
            #expect(counted.broken.keys.sorted() == [what], "\(done): \(counted)")
        }
    }
}
