import Postgres

/// The rows of `staff`.
enum StaffRepository {
    /// A staff member as the API shows it; `salary` and `commission` are numbers or absent, never null.
    static let projection = SQL.object(
        """
        'id', s.id, 'firstName', s.first_name, 'lastName', s.last_name, 'middleName', s.middle_name, 'gender', s.gender,
        'phone', s.phone, 'email', s.email, 'position', s.position, 'role', s.position, 'specializations', s.specializations,
        'hireDate', s.hire_date, 'salary', trim_scale(s.salary), 'commission', trim_scale(s.commission), 'avatar', s.avatar,
        'services', s.services, 'schedule', s.schedule, 'exceptions', (
            SELECT jsonb_agg(jsonb_build_object('date', x.date, 'type', x.type, 'reason', x.reason) ORDER BY x.date)
            FROM staff_exceptions x WHERE x.staff_id = s.id),
        'isActive', s.is_active, 'status', CASE WHEN s.is_active THEN 'active' ELSE 'fired' END,
        'userId', s.user_id, 'createdAt', iso8601(s.created_at), 'updatedAt', iso8601(s.updated_at)
        """
    )

    /// What one member has beside: what they did, and what clients say of it.
    ///
    /// - Parameter money: whether the reader's role sees finances
    private static func details(money: Bool) -> SQL {
        let revenue: SQL = money ? ", 'totalRevenue', trim_scale(coalesce(takings.amount, 0))" : ""
        return """
            jsonb_build_object('statistics', jsonb_strip_nulls(visits.figures || jsonb_build_object(
                'rating', trim_scale(round(reviews.rating, 1)), 'reviews', reviews.count\(revenue))))
            """
    }

    private static let detailed: SQL = """
        staff s
        CROSS JOIN LATERAL (
            SELECT jsonb_build_object(
                'totalAppointments', count(*) FILTER (WHERE a.live),
                'completedAppointments', count(*) FILTER (WHERE a.status = 'completed'),
                'cancelledAppointments', count(*) FILTER (WHERE NOT a.live),
                'clients', count(DISTINCT a.client_id) FILTER (WHERE a.status = 'completed'),
                'lastAppointment', max(a.date) FILTER (WHERE a.status = 'completed')) AS figures
            FROM appointments a WHERE a.staff_id = s.id AND a.salon_id = s.salon_id AND a.deleted_at IS NULL) AS visits
        CROSS JOIN LATERAL (
            SELECT sum(t.amount) AS amount FROM takings t WHERE t.salon_id = s.salon_id AND t.staff_id = s.id) AS takings
        CROSS JOIN LATERAL (
            SELECT avg(r.rating) AS rating, count(*) AS count FROM reviews r
            WHERE r.staff_id = s.id AND r.salon_id = s.salon_id AND r.deleted_at IS NULL) AS reviews
        """

    static func get(_ reader: any Reader, for user: CurrentUser, id: Int64) async throws -> PostgresJSON {
        let rows = try await reader.query(
            """
            SELECT \(self.projection) || \(self.details(money: user.may(.finances, .view))) AS body FROM \(self.detailed)
            WHERE s.salon_id = \(user.salonID) AND s.id = \(id)
            """
        )
        guard let row = rows.first else { throw APIError(.notFound) }
        return try row.get("body")
    }
}
