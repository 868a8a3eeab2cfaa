import Postgres

/// What a client has had: visits, and purchases that were no visit's, as one story with the newest first. A page of it has both.
enum ClientHistory {
    /// What of it is asked for.
    enum Kind: String, CaseIterable {
        case appointments, purchases, all
    }

    /// Reads `type`.
    static func kind(_ query: QueryParameters) throws(APIError) -> Kind {
        try query.word("type", of: Kind.allCases.map(\.rawValue)).flatMap(Kind.init) ?? .all
    }

    private static let purchase = SQL.object(
        """
        'id', o.id, 'type', o.type, 'status', o.status, 'amount', trim_scale(o.amount), 'category', o.category,
        'description', o.description, 'date', o.date, 'documentNumber', nullif(o.document_number, ''),
        'paymentMethod', nullif(coalesce(m.name, o.payment_method_name), ''), 'createdAt', iso8601(o.created_at)
        """
    )

    /// `{appointments, purchases, pagination}`. Whoever may not see the calendar sees no visits, whoever may not see
    /// the salon's money no purchases.
    ///
    /// - Throws: 404 for a client that is unknown, deleted, or of another salon
    static func read(
        _ reader: any Reader,
        user: CurrentUser,
        id: Int64,
        _ kind: Kind,
        page: Page
    ) async throws -> PostgresJSON {
        let hasVisits = kind != .purchases && user.may(.calendar, .view)
        let hasPurchases = kind != .appointments && user.may(.finances, .view)
        let rows = try await reader.query(
            """
            WITH entries AS (
                SELECT 1 AS kind, a.id, a.date, a.start_time FROM appointments a
                WHERE a.salon_id = \(user.salonID) AND a.client_id = \(id) AND a.deleted_at IS NULL AND \(hasVisits)
                UNION ALL
                SELECT 2, o.id, o.date, NULL FROM operations o
                WHERE o.salon_id = \(user.salonID) AND o.client_id = \(id) AND o.deleted_at IS NULL AND o.appointment_id IS NULL
                  AND o.type IN ('payment', 'income', 'refund') AND \(hasPurchases)
            ), page AS (
                SELECT *, row_number() OVER (ORDER BY date DESC, kind, start_time DESC, id DESC) AS place
                FROM entries ORDER BY place \(page.clause)
            ), total AS (SELECT count(*) AS rows FROM entries)
            SELECT jsonb_build_object(
                'appointments', (
                    SELECT coalesce(jsonb_agg(\(AppointmentRepository.projection(phones: user.seesPhones)) ORDER BY page.place), '[]')
                    FROM page JOIN appointments a ON a.id = page.id WHERE page.kind = 1),
                'purchases', (
                    SELECT coalesce(jsonb_agg(\(self.purchase) ORDER BY page.place), '[]')
                    FROM page JOIN operations o ON o.id = page.id LEFT JOIN payment_methods m ON m.id = o.payment_method_id
                    WHERE page.kind = 2),
                'pagination', \(page.meta(total: "total.rows"))) AS body
            FROM clients c, total
            WHERE c.salon_id = \(user.salonID) AND c.id = \(id) AND c.deleted_at IS NULL
            """
        )
        guard let row = rows.first else { throw APIError(.notFound) }
        return try row.get("body")
    }
}
