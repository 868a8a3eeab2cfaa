import HTTPTypes
import JSON
import Logging
import Outbox
import Postgres
import Telegram

extension RouteTable {
    /// Accounts, as apart from staff cards.
    mutating func addUsers() {
        self.add(.patch, "/users/{id}", .admin) { call in
            let (id, change) = (try call.id(), try UserChange(try call.object()))
            let answer = try await call.write { unit in
                try await UserChange.apply(unit, change, to: id, by: try call.user)
            }
            if change.isActive == true { await call.completeLogin(of: id) }
            return answer
        }
    }
}

/// The body of `PATCH /users/{id}`.
struct UserChange: Sendable {
    var isActive: Bool?
    var role: Role?

    init(_ object: JSONObject) throws(APIError) {
        var body = BodyReader(object)
        let (isActive, role) = (body.bool("is_active"), body.word("role", of: Role.allCases.map(\.rawValue)))
        if case .clear = isActive { body.reject("is_active", "must be true or false", "має бути true або false") }
        if case .clear = role { body.require("role") }
        try body.finish()
        self.isActive = isActive.value
        self.role = role.value.flatMap(Role.init)
    }

    /// Switches an account on or off, gives it another role, and tells its sockets. The salon's last admin stays one.
    static func apply(_ unit: UnitOfWork, _ change: UserChange, to id: Int64, by admin: CurrentUser) async throws -> Answer {
        let admins = try await unit.query(
            """
            SELECT id FROM users WHERE salon_id = \(admin.salonID) AND role = 'admin' AND is_active ORDER BY id FOR NO KEY UPDATE
            """
        )
        let rows = try await unit.query(
            """
            SELECT role, is_active, trim(first_name || ' ' || last_name) AS name FROM users
            WHERE salon_id = \(admin.salonID) AND id = \(id) FOR NO KEY UPDATE
            """
        )
        guard let row = rows.first else { throw APIError(.notFound) }
        let (oldRole, wasActive): (String, Bool) = (try row.get("role"), try row.get("is_active"))
        let (role, isActive) = (change.role?.rawValue ?? oldRole, change.isActive ?? wasActive)
        let isLastAdmin = wasActive && oldRole == Role.admin.rawValue && admins.count == 1
        if isLastAdmin, !isActive || role != Role.admin.rawValue { throw APIError(.lastAdmin) }
        if role != oldRole || isActive != wasActive {
            _ = try await unit.query(
                "UPDATE users SET role = \(role), is_active = \(isActive), updated_at = now() WHERE id = \(id)"
            )
            try await unit.audit(
                AuditEntry(
                    entity: "user",
                    entityID: id,
                    entityName: try row.get("name"),
                    action: .updated,
                    details: ["role": .string(role), "is_active": .bool(isActive)]
                ),
                by: admin,
                salonID: admin.salonID
            )
        }
        if wasActive, !isActive { try await UserRepository.endSessions(unit, salonID: admin.salonID, userID: id) }
        if role != oldRole, isActive, let role = Role(rawValue: role) {
            RoleRights.announce(unit, role, of: id, admin.salonID)
        }
        let body: PostgresJSON = try await unit.query(
            "SELECT \(UserRepository.projection) AS body FROM users u WHERE u.id = \(id)"
        ).only().get("body")
        return .json(body)
    }
}

extension Call {
    /// Whoever has registered through Telegram may just be waiting for this. The account is switched on whether or not.
    fileprivate func completeLogin(of userID: Int64) async {
        do throws(TelegramError) {
            try await self.backend.telegram?.approved(userID: userID)
        } catch {
            self.logger.warning("a login that waits was not completed", metadata: ["error": "\(error)"])
        }
    }
}
