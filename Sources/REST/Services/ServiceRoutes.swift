import HTTPTypes
import JSON
import Outbox
import Postgres

extension RouteTable {
    /// The price list, as far as booking needs it.
    mutating func addServices() {
        self.add(.get, "/services", .permission(.services, .view)) { call in
            let user = try call.user
            var condition: SQL = "s.salon_id = \(user.salonID) AND s.deleted_at IS NULL"
            if let search = call.query["search"] {
                condition += " AND s.search LIKE search_key(\(SearchPattern.containing(search)))"
            }
            if let category = call.query["category"], category != "all" { condition += " AND s.category = \(category)" }
            if let isActive = try call.query.bool("isActive") { condition += " AND s.is_active = \(isActive)" }
            return try await Listing.read(
                call.backend.client,
                topic: Topic.salon(user.salonID, "services"),
                matching: """
                    SELECT s.id, row_number() OVER (ORDER BY s.name COLLATE ukrainian, s.id) AS place
                    FROM services s WHERE \(condition)
                    """,
                page: try Page(call.query),
                from: "services s",
                projection: ServiceRepository.projection
            ).answer
        }
        self.add(.get, "/services/categories", .permission(.services, .view)) { call in
            .json(try await ServiceRepository.categories(call.backend.client, salonID: try call.user.salonID))
        }
        self.add(.get, "/services/{id}", .permission(.services, .view)) { call in
            .json(try await ServiceRepository.get(call.backend.client, salonID: try call.user.salonID, id: try call.id()))
        }
        self.add(.post, "/services", .permission(.services, .create), honoursIdempotencyKey: true) { call in
            let (user, input) = (try call.user, try ServiceInput(try call.object()))
            return try await call.write { try await ServiceRepository.create($0, user: user, input) }
        }
    }
}

/// The body of `POST /services`.
struct ServiceInput: Sendable {
    var name: String
    var category: String
    var description: String?
    var duration: Int64
    var price: PostgresNumeric
    var color: String?
    var isActive: Bool

    init(_ object: JSONObject) throws(APIError) {
        var body = BodyReader(object)
        self.name = body.requiredText("name")
        self.category = body.text("category").value?.nonEmpty ?? "other"
        self.description = body.text("description", maximum: 2_000, multiline: true).value?.nonEmpty
        self.duration = body.integer("duration", in: 1...1_440).value ?? 0
        if self.duration == 0 { body.require("duration") }
        let price = body.money("price")
        if price.value == nil { body.require("price") }
        self.price = price.value ?? PostgresNumeric(0)
        self.color = body.text("color", maximum: 7).value?.nonEmpty
        if let color, !Self.isColor(color) { body.reject("color", "must be #rrggbb", "має бути #rrggbb") }
        let (isActive, status) = (body.bool("isActive").value, body.text("status").value)
        self.isActive = isActive ?? (status != "inactive")
        try body.finish()
    }

    private static func isColor(_ text: String) -> Bool {
        text.utf8.count == 7 && text.hasPrefix("#") && text.dropFirst().allSatisfy { $0.isHexDigit && $0.isASCII }
    }
}

enum ServiceRepository {
    /// A service as the API shows it: both `isActive` and `status`.
    static let projection = SQL.object(
        """
        'id', s.id, 'name', s.name, 'description', s.description, 'category', s.category, 'duration', s.duration,
        'price', trim_scale(s.price), 'color', s.color, 'isActive', s.is_active,
        'status', CASE WHEN s.is_active THEN 'active' ELSE 'inactive' END,
        'createdAt', iso8601(s.created_at), 'updatedAt', iso8601(s.updated_at)
        """
    )

    static func get(_ client: PostgresClient, salonID: Int64, id: Int64) async throws -> PostgresJSON {
        let rows = try await client.query(
            """
            SELECT \(self.projection) AS body FROM services s
            WHERE s.salon_id = \(salonID) AND s.id = \(id) AND s.deleted_at IS NULL
            """
        )
        guard let row = rows.first else { throw APIError(.notFound) }
        return try row.get("body")
    }

    static func categories(_ client: PostgresClient, salonID: Int64) async throws -> PostgresJSON {
        try await client.query(
            """
            SELECT coalesce(jsonb_agg(category ORDER BY category COLLATE ukrainian), '[]') AS body
            FROM (SELECT DISTINCT category FROM services WHERE salon_id = \(salonID) AND deleted_at IS NULL) AS known
            """
        ).only().get("body")
    }

    static func create(_ unit: UnitOfWork, user: CurrentUser, _ input: ServiceInput) async throws -> Answer {
        let row = try await unit.query(
            """
            WITH s AS (
                INSERT INTO services (salon_id, name, category, description, duration, price, color, is_active)
                VALUES (\(user.salonID), \(input.name), \(input.category), \(input.description), \(input.duration), \(input.price),
                    \(input.color), \(input.isActive))
                RETURNING *)
            SELECT s.id, \(self.projection) AS body FROM s
            """
        ).only()
        let body: PostgresJSON = try row.get("body")
        try await unit.audit(
            AuditEntry(entity: "service", entityID: try row.get("id"), entityName: input.name, action: .created),
            by: user,
            salonID: user.salonID
        )
        unit.emit(Topic.salon(user.salonID, "services"), "service:created", body)
        return .json(body, status: .created)
    }
}
