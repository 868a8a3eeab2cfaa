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

    static func categories(_ client: PostgresClient, salonID: Int64) async throws -> PostgresJSON {
        try await client.query(
            """
            SELECT coalesce(jsonb_agg(category ORDER BY category COLLATE ukrainian), '[]') AS body
            FROM (SELECT DISTINCT category FROM services WHERE salon_id = \(salonID) AND deleted_at IS NULL) AS known
            """
        ).only().get("body")
    }
}
