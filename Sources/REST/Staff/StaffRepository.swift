import Postgres

/// The rows of `staff`.
enum StaffRepository {
    /// A staff member as the API shows it; `salary` and `commission` are numbers or absent, never null.
    static let projection = SQL.object(
        """
        'id', s.id, 'firstName', s.first_name, 'lastName', s.last_name, 'middleName', s.middle_name, 'gender', s.gender,
        'phone', s.phone, 'email', s.email, 'position', s.position, 'role', s.position, 'specializations', s.specializations,
        'hireDate', s.hire_date, 'salary', trim_scale(s.salary), 'commission', trim_scale(s.commission), 'avatar', s.avatar,
        'schedule', s.schedule, 'exceptions', (
            SELECT jsonb_agg(jsonb_build_object('date', x.date, 'type', x.type, 'reason', x.reason) ORDER BY x.date)
            FROM staff_exceptions x WHERE x.staff_id = s.id),
        'isActive', s.is_active, 'status', CASE WHEN s.is_active THEN 'active' ELSE 'fired' END,
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
}
