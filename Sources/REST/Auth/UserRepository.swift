import JSON
import Outbox
import Postgres

/// The rows of `users`, `sessions` and what makes them.
enum UserRepository {
    /// A user as `/auth/*` shows it (snake_case).
    static let projection: SQL = """
        jsonb_strip_nulls(jsonb_build_object(
            'id', u.id, 'email', u.email, 'first_name', u.first_name, 'last_name', u.last_name, 'phone', u.phone, 'role', u.role,
            'avatar', u.avatar, 'is_active', u.is_active, 'is_verified', u.is_verified, 'salon_id', u.salon_id,
            'created_at', iso8601(u.created_at)
        )) || jsonb_build_object('telegram_id', u.telegram_id, 'telegram_username', u.telegram_username)
        """

    /// Which accounts a list is asked for: `search` looks into name, e-mail and phone.
    static func condition(salonID: Int64, _ query: QueryParameters) throws(APIError) -> SQL {
        var condition: SQL = "u.salon_id = \(salonID)"
        if let search = query["search"] {
            condition += """
                 AND search_key(u.first_name || ' ' || u.last_name || ' ' || u.email || ' ' || coalesce(u.phone, '')) LIKE \
                search_key(\(SearchPattern.containing(search)))
                """
        }
        if let role = try query.word("role", of: Role.allCases.map(\.rawValue)) { condition += " AND u.role = \(role)" }
        let (snake, camel) = (try query.bool("is_active"), try query.bool("isActive"))
        if let isActive = snake ?? camel { condition += " AND u.is_active = \(isActive)" }
        return condition
    }

    /// The active users of a role.
    static func active(_ unit: UnitOfWork, salonID: Int64, role: Role) async throws -> [Int64] {
        try await unit.query(
            "SELECT id FROM users WHERE salon_id = \(salonID) AND role = \(role.rawValue) AND is_active ORDER BY id"
        ).map { try $0.get("id") }
    }

    /// What logging in needs to know of an account.
    struct Credentials: Sendable {
        var id: Int64
        var salonID: Int64
        var hash: String?
        var isActive: Bool
        var isDemo: Bool
    }

    static func credentials(_ client: PostgresClient, email: String) async throws -> Credentials? {
        let rows = try await client.query(
            """
            SELECT u.id, u.salon_id, u.hashed_password, u.is_active, s.demo
            FROM users u JOIN salons s ON s.id = u.salon_id WHERE u.email = \(email)
            """
        )
        guard let row = rows.first else { return nil }
        return Credentials(
            id: try row.get("id"),
            salonID: try row.get("salon_id"),
            hash: try row.get("hashed_password", as: String?.self),
            isActive: try row.get("is_active"),
            isDemo: try row.get("demo")
        )
    }

    /// What a new account is made of.
    struct NewUser: Sendable {
        var salonID: Int64
        var email: String
        var hash: String?
        var firstName: String
        var lastName: String
        var phone: String?
        var role: Role
    }

    /// - Throws: 409 `EMAIL_TAKEN`
    static func insert(_ unit: UnitOfWork, _ user: NewUser) async throws -> Int64 {
        // Without an error, which would fail the whole transaction.
        let rows = try await unit.query(
            """
            INSERT INTO users (salon_id, email, hashed_password, first_name, last_name, phone, role)
            VALUES (\(user.salonID), \(user.email), \(user.hash), \(user.firstName), \(user.lastName), \(user.phone), \(user.role.rawValue))
            ON CONFLICT (email) DO NOTHING RETURNING id
            """
        )
        guard let row = rows.first else { throw APIError(.emailTaken) }
        return try row.get("id")
    }

    /// A salon as it is when it has just been made.
    static func insertSalon(_ unit: UnitOfWork, name: String, email: String, phone: String) async throws -> Int64 {
        let day = #"{"start":"09:00","end":"20:00","isOpen":true}"#
        let week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].map { "\"\($0)\":\(day)" }.joined(separator: ",")
        return try await unit.query(
            """
            INSERT INTO salons (name, email, phone, working_hours)
            VALUES (\(name), \(email), \(phone), \(PostgresJSON(text: "{\(week)}"))) RETURNING id
            """
        ).only().get("id")
    }

    /// Starts a login session.
    ///
    /// - Returns: its id; the refresh token's hash is stored afterwards, since the token carries the id
    static func insertSession(_ unit: UnitOfWork, userID: Int64, salonID: Int64, seconds: Int64) async throws -> Int64 {
        try await unit.query(
            """
            INSERT INTO sessions (salon_id, user_id, expires_at)
            VALUES (\(salonID), \(userID), now() + make_interval(secs => \(Double(seconds)))) RETURNING id
            """
        ).only().get("id")
    }

    static func setRefreshHash(_ unit: UnitOfWork, sessionID: Int64, _ hash: [UInt8]) async throws {
        _ = try await unit.query("UPDATE sessions SET refresh_hash = \(hash) WHERE id = \(sessionID)")
    }

    /// Ends all of a user's sessions, as ``endSession(_:salonID:sessionID:)`` ends one.
    static func endSessions(_ unit: UnitOfWork, salonID: Int64, userID: Int64) async throws {
        let newest: Int64? = try await unit.query(
            """
            WITH ended AS (
                UPDATE sessions SET ended_at = now(), refresh_hash = NULL
                WHERE salon_id = \(salonID) AND user_id = \(userID) AND ended_at IS NULL RETURNING id)
            SELECT max(id) AS newest FROM ended
            """
        ).only().get("newest")
        guard let newest else { return }
        let data = PostgresJSON(text: #"{"userId":\#(userID),"sessionId":\#(newest)}"#)
        unit.emit(Topic.access(salonID), "user:ended", data)
    }

    /// Ends a session, on REST by its row and on sockets by an event; nothing happens to one that has ended.
    static func endSession(_ unit: UnitOfWork, salonID: Int64, sessionID: Int64) async throws {
        let rows = try await unit.query(
            """
            UPDATE sessions SET ended_at = now(), refresh_hash = NULL
            WHERE salon_id = \(salonID) AND id = \(sessionID) AND ended_at IS NULL RETURNING id
            """
        )
        guard !rows.isEmpty else { return }
        unit.emit(Topic.access(salonID), "session:ended", PostgresJSON(text: #"{"sessionId":\#(sessionID)}"#))
    }
}
