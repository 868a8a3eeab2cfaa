import JSON
import Outbox
import Postgres

/// What the roles of a salon may do: what was set there, else what the role matrix says. The row is PostgreSQL's, the nodes'
/// sockets hear of it on the access topic.
enum RoleRights {
    /// To be joined to `users u`: gives ``permissions(_:role:)`` its column.
    static let join: SQL = "LEFT JOIN role_permissions rights ON rights.salon_id = u.salon_id AND rights.role = u.role"
    static let column: SQL = "rights.permissions"

    /// What a user of a row with ``column`` may do; nothing for a role that is none.
    static func permissions(_ row: PostgresRow, role: String) throws(PostgresError) -> Permissions {
        guard let role = Role(rawValue: role) else { return .none }
        return self.permissions(of: role, set: try row.get("permissions", as: [String]?.self))
    }

    /// - Parameter words: what was set for it, if anything was
    static func permissions(of role: Role, set words: [String]?) -> Permissions {
        words.map { Permissions(words: $0) } ?? RoleMatrix.permissions(of: role)
    }

    /// The words of a role, with those that only clients know.
    static func words(_ unit: UnitOfWork, salonID: Int64, role: Role) async throws -> [String] {
        let rows = try await unit.query(
            "SELECT permissions FROM role_permissions WHERE salon_id = \(salonID) AND role = \(role.rawValue)"
        )
        return try rows.first?.get("permissions", as: [String].self) ?? RoleMatrix.permissions(of: role).words
    }

    /// Tells every node that a user has another role, and what it may do.
    static func announce(_ unit: UnitOfWork, _ role: Role, of userID: Int64, _ salonID: Int64) {
        self.announce(unit, role, salonID, "role:changed", ["userId": JSONValue(userID)])
    }

    /// Tells every node that a role may do something else from here on.
    static func announce(_ unit: UnitOfWork, _ role: Role, _ salonID: Int64) {
        self.announce(unit, role, salonID, "permissions:changed", [:])
    }

    /// The words are read under the lock of the topic's head: the last event is always the present state, whoever else changes
    /// the same role at the same time.
    private static func announce(_ unit: UnitOfWork, _ role: Role, _ salonID: Int64, _ type: String, _ more: JSONObject) {
        let topic = Topic.access(salonID)
        unit.emit(on: [topic]) { unit in
            let words = try await self.words(unit, salonID: salonID, role: role)
            let data: JSONObject = ["role": .string(role.rawValue), "permissions": .array(words.map { .string($0) })]
            return [.init(topic, type, PostgresJSON(text: JSONValue.object(more.merging(data)).text))]
        }
    }
}
