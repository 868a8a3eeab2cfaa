import HTTPTypes
import JSON
import Outbox
import Postgres

extension RouteTable {
    /// The salon's people, as far as booking needs them.
    mutating func addStaff() {
        self.add(.get, "/staff", .permission(.staff, .view)) { call in
            let user = try call.user
            var condition: SQL = "s.salon_id = \(user.salonID)"
            if let search = call.query["search"] {
                condition += " AND s.search LIKE search_key(\(SearchPattern.containing(search)))"
            }
            if let position = call.query["position"] ?? call.query["role"] { condition += " AND s.position = \(position)" }
            if let isActive = try call.query.bool("isActive") { condition += " AND s.is_active = \(isActive)" }
            switch call.query["status"] {
            case nil: break
            case "active": condition += " AND s.is_active"
            case "fired": condition += " AND NOT s.is_active"
            default:
                throw APIError.invalid(
                    "status",
                    LocalizedText("must be one of: active, fired", "має бути одним із: active, fired")
                )
            }
            return try await Listing.read(
                call.backend.client,
                topic: Topic.salon(user.salonID, "staff"),
                matching: """
                    SELECT s.id, row_number() OVER (ORDER BY s.first_name COLLATE ukrainian, s.last_name COLLATE ukrainian, s.id)
                        AS place
                    FROM staff s WHERE \(condition)
                    """,
                page: try Page(call.query),
                from: "staff s",
                projection: StaffRepository.projection
            ).answer
        }
        self.add(.get, "/staff/{id}", .permission(.staff, .view)) { call in
            .json(try await StaffRepository.get(call.backend.client, salonID: try call.user.salonID, id: try call.id()))
        }
        self.add(.post, "/staff", .permission(.staff, .create), honoursIdempotencyKey: true) { call in
            let (user, input) = (try call.user, try StaffInput(try call.object()))
            return try await call.write { try await StaffRepository.create($0, user: user, input) }
        }
    }
}

/// The body of `POST /staff`.
struct StaffInput: Sendable {
    var firstName: String
    var lastName: String
    var middleName: String?
    var gender: String?
    var phone: String
    var email: String?
    var position: String
    var specializations: [String]
    var hireDate: LocalDate?
    var salary: PostgresNumeric?
    var commission: PostgresNumeric?

    init(_ object: JSONObject) throws(APIError) {
        var body = BodyReader(object)
        self.firstName = body.requiredText("firstName")
        self.lastName = body.text("lastName").value ?? ""
        self.middleName = body.text("middleName").value?.nonEmpty
        self.gender = body.word("gender", of: ["male", "female", "other"]).value
        self.phone = body.text("phone", maximum: 50).value ?? ""
        self.email = body.email("email").value
        let (position, role) = (body.text("position").value?.nonEmpty, body.text("role").value?.nonEmpty)
        self.position = position ?? role ?? "master"
        let (list, single) = (body.strings("specializations").value, body.text("specialization").value?.nonEmpty)
        self.specializations = list ?? single.map { [$0] } ?? []
        self.hireDate = body.date("hireDate").value
        self.salary = body.money("salary").value
        self.commission = body.money("commission").value
        try body.finish()
    }
}

enum StaffRepository {
    /// A staff member as the API shows it; `salary` and `commission` are numbers or absent, never null.
    static let projection = SQL.object(
        """
        'id', s.id, 'firstName', s.first_name, 'lastName', s.last_name, 'middleName', s.middle_name, 'gender', s.gender,
        'phone', s.phone, 'email', s.email, 'position', s.position, 'role', s.position, 'specializations', s.specializations,
        'hireDate', s.hire_date, 'salary', trim_scale(s.salary), 'commission', trim_scale(s.commission), 'avatar', s.avatar,
        'schedule', s.schedule, 'isActive', s.is_active, 'status', CASE WHEN s.is_active THEN 'active' ELSE 'fired' END,
        'userId', s.user_id, 'createdAt', iso8601(s.created_at), 'updatedAt', iso8601(s.updated_at)
        """
    )

    static func get(_ client: PostgresClient, salonID: Int64, id: Int64) async throws -> PostgresJSON {
        let rows = try await client.query(
            "SELECT \(self.projection) AS body FROM staff s WHERE s.salon_id = \(salonID) AND s.id = \(id)"
        )
        guard let row = rows.first else { throw APIError(.notFound) }
        return try row.get("body")
    }

    /// A member with an e-mail is invited: within seven days they may set a first password (`/auth/setup`).
    static func create(_ unit: UnitOfWork, user: CurrentUser, _ input: StaffInput) async throws -> Answer {
        let id = try await self.insert(unit, user: user, input)
        if let email = input.email {
            _ = try await unit.query(
                "INSERT INTO staff_invitations (salon_id, staff_id, email) VALUES (\(user.salonID), \(id), \(email))"
            )
        }
        let body: PostgresJSON = try await unit.query("SELECT \(self.projection) AS body FROM staff s WHERE s.id = \(id)")
            .only().get("body")
        try await unit.audit(
            AuditEntry(
                entity: "employee",
                entityID: id,
                entityName: "\(input.firstName) \(input.lastName)".trimmed,
                action: .created
            ),
            by: user,
            salonID: user.salonID
        )
        unit.emit(Topic.salon(user.salonID, "staff"), "staff:created", body)
        return .json(body, status: .created)
    }

    private static func insert(_ unit: UnitOfWork, user: CurrentUser, _ input: StaffInput) async throws -> Int64 {
        let rows = try await unit.query(
            """
            INSERT INTO staff (salon_id, first_name, last_name, middle_name, gender, phone, email, position, specializations,
                hire_date, salary, commission)
            VALUES (\(user.salonID), \(input.firstName), \(input.lastName), \(input.middleName), \(input.gender), \(input.phone),
                \(input.email), \(input.position), \(input.specializations)::text[], \(input.hireDate?.text)::text::date,
                \(input.salary), \(input.commission))
            ON CONFLICT (salon_id, lower(email)) WHERE email IS NOT NULL DO NOTHING
            RETURNING id
            """
        )
        guard let row = rows.first else { throw APIError(.emailTaken) }
        return try row.get("id")
    }
}
