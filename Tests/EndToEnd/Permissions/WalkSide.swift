import Foundation
import JSON
import Postgres
import REST

/// One of the two salons of a walk: makes the rows that it asks for.
struct WalkSide: Sendable {
    let salon: Salon
    let admin: Desk
    /// Stands in the rows that it makes, and nowhere else.
    let marker = "walk\(UUID().uuidString.prefix(8).lowercased())"

    init(on deployment: Deployment) async throws {
        self.salon = try await Salon.make(on: deployment)
        self.admin = try await self.salon.login(.admin)
    }

    /// How each kind of row is made. A new kind is one line.
    private static let makers: [String: @Sendable (WalkSide, Role) async throws -> JSONValue] = [
        "client": { side, _ in try await side.post("/clients", ["firstName": .string(side.marker)]) },
        "staff": { side, _ in try await side.post("/staff", ["firstName": .string(side.marker)]) },
        "service": { side, _ in
            try await side.post("/services", ["name": .string(side.marker), "price": 500, "duration": 60])
        },
        "product": { side, _ in try await side.post("/inventory/products", ["name": .string(side.marker), "quantity": 3]) },
        "operation": { side, _ in
            try await side.post("/finances/operations", ["type": "payment", "amount": 1, "description": .string(side.marker)])
        },
        "document": { side, _ in try await side.post("/finances/documents", ["type": "act", "comment": .string(side.marker)]) },
        "register": { side, _ in try await side.post("/finances/cash-registers", ["name": .string(side.uniqueName)]) },
        "method": { side, _ in try await side.post("/finances/payment-methods", ["name": .string(side.uniqueName)]) },
        "user": { side, _ in try await side.user() },
        "visit": { side, _ in try await side.visit() },
        "deletedVisit": { side, _ in
            let visit = try await side.visit()
            try await side.admin.delete("/appointments/\(visit.id)").expect(204)
            return visit
        },
        "notification": { side, role in try await side.notification(role) },
    ]

    private var uniqueName: String { "\(self.marker) \(UUID().uuidString)" }

    private func post(_ path: String, _ body: JSONValue) async throws -> JSONValue {
        try await self.admin.post(path, body).expect(201).json
    }

    private func visit() async throws -> JSONValue {
        try await self.admin.book(self.salon.visit(9, ["staffId": .null, "clientName": .string(self.marker)]))
    }

    private func user() async throws -> JSONValue {
        let email = "\(UUID().uuidString.lowercased())@walk.test"
        return try await self.post(
            "/users",
            ["email": .string(email), "password": "walking along", "first_name": .string(self.marker), "role": "master"]
        )
    }

    private func notification(_ role: Role) async throws -> JSONValue {
        let id: Int64 = try await self.salon.deployment.database.value(
            """
            INSERT INTO notifications (salon_id, user_id, type, title, message)
            VALUES (\(self.salon.id), \(self.salon.userID(role)), 'info', \(self.marker), '') RETURNING id
            """
        )
        return ["id": JSONValue(id)]
    }

    /// Makes the rows that a text names, and puts their ids into it: a number where the name is a whole string of JSON.
    func filled(_ text: String, for role: Role) async throws -> String {
        var text = text.replacing("{unique}", with: UUID().uuidString.lowercased())
        while let name = text.firstMatch(of: /\{([a-zA-Z]+)\}/)?.1 {
            let id = try await Self.makers[String(name)]?(self, role).id ?? "no \(name)"
            let placeholder = "{\(name)}"
            text = text.replacing("\"\(placeholder)\"", with: id, maxReplacements: 1)
                .replacing(placeholder, with: id, maxReplacements: 1)
        }
        return text
    }

    /// A sum over all rows of the salon for each table that has some, whatever tables there are.
    func fingerprint() async throws -> [String: String] {
        let rows = try await self.salon.deployment.database.client.query(
            """
            SELECT table_name::text AS name,
                   query_to_xml(
                       format($$ SELECT md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM %I t WHERE salon_id = %s $$,
                              table_name, \(self.salon.id)::int8), true, true, '')::text AS sum
            FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
            WHERE column_name = 'salon_id' AND table_schema = 'public' AND table_type = 'BASE TABLE'
            """
        )
        return Dictionary(uniqueKeysWithValues: try rows.map { (try $0.get("name"), try $0.get("sum")) })
    }
}
