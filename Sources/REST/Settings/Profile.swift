import JSON
import Outbox
import Postgres

/// The caller's own account, as the settings page shows it.
enum Profile {
    /// The preferences stand beside the rest: nulls in them are the owner's.
    private static let projection =
        SQL.object(
            """
            'id', u.id::text, 'email', u.email, 'name', trim(u.first_name || ' ' || u.last_name), 'firstName', u.first_name,
            'lastName', u.last_name, 'phone', u.phone, 'role', u.role, 'avatar', u.avatar, 'language', u.language,
            'birthDate', u.profile -> 'birthDate', 'address', u.profile -> 'address',
            'emergencyContact', u.profile -> 'emergencyContact', 'emergencyPhone', u.profile -> 'emergencyPhone'
            """
        )
            + """
             || CASE WHEN u.profile ? 'preferences' THEN jsonb_build_object('preferences', u.profile -> 'preferences') ELSE '{}' END
            """

    private static func statement(salonID: Int64, id: Int64) -> SQL {
        "SELECT \(self.projection) AS body FROM users u WHERE u.salon_id = \(salonID) AND u.id = \(id)"
    }

    static func read(_ reader: any Reader, salonID: Int64, id: Int64) async throws -> PostgresJSON {
        try await reader.query(self.statement(salonID: salonID, id: id)).only().get("body")
    }

    /// Changes what accounts' lists show too, so it is reported to those as any change of an account.
    ///
    /// - Returns: the whole profile
    static func update(_ unit: UnitOfWork, user: CurrentUser, _ input: ProfileInput) async throws -> PostgresJSON {
        _ = try await unit.change(.user, user.id, input.columns, by: user)
        return try await unit.query(self.statement(salonID: user.salonID, id: user.id)).only().get("body")
    }
}
