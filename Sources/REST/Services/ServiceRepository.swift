import Postgres

/// The rows of `services`.
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

    /// `archived` is the page's own word for a service that is switched off.
    static let statuses = ["active", "inactive", "archived"]

    /// What one service has beside: how often it was booked, and what it brought.
    ///
    /// - Parameter money: whether the reader's role sees finances
    static func details(money: Bool) -> SQL {
        let revenue: SQL =
            money ? ", 'totalRevenue', trim_scale(coalesce(sum(l.price) FILTER (WHERE a.status = 'completed'), 0))" : ""
        return """
            jsonb_build_object('statistics', (
                SELECT jsonb_strip_nulls(jsonb_build_object(
                    'totalBookings', count(*), 'completedBookings', count(*) FILTER (WHERE a.status = 'completed')\(revenue),
                    'lastBooking', max(a.date)))
                FROM appointment_lines l JOIN appointments a ON a.id = l.appointment_id
                WHERE l.service_id = s.id AND a.salon_id = s.salon_id AND a.deleted_at IS NULL
                  AND a.status NOT IN ('cancelled', 'no-show')))
            """
    }

    /// `search` looks into name and description; `status` is another word for `isActive`.
    static func filter(_ query: QueryParameters) throws(APIError) -> SQL {
        var condition: SQL = "true"
        if let search = query["search"] {
            condition += " AND s.search LIKE search_key(\(SearchPattern.containing(search)))"
        }
        if let category = query["category"], category != "all" { condition += " AND s.category = \(category)" }
        if let isActive = try query.bool("isActive") { condition += " AND s.is_active = \(isActive)" }
        if let status = try query.word("status", of: self.statuses) { condition += " AND s.is_active = \(status == "active")" }
        return condition
    }

    static func categories(_ reader: any Reader, salonID: Int64) async throws -> PostgresJSON {
        try await reader.query(
            """
            SELECT coalesce(jsonb_agg(category ORDER BY category COLLATE ukrainian), '[]') AS body
            FROM (SELECT DISTINCT category FROM services WHERE salon_id = \(salonID) AND deleted_at IS NULL) AS known
            """
        ).only().get("body")
    }
}
