import Postgres

/// Visits as the overview shows them: who, what, when, whether it is paid for, and what was done with them.
enum VisitRecords {
    /// The words of ``record_status``, and what each stands for.
    private static let statuses = [
        "pending": ["scheduled"], "confirmed": ["confirmed", "arrived"], "completed": ["completed"],
        "cancelled": ["cancelled", "no-show"],
    ]
    /// Every visit is booked at a desk so far.
    private static let source = "admin"
    private static let sources = ["online", "phone", "admin", "walk-in"]

    /// What came in for visit `a`, as all figures count it.
    private static let paid: SQL = "(SELECT coalesce(sum(t.amount), 0) FROM takings t WHERE t.appointment_id = a.id)"

    private static let joins: SQL = """
        JOIN salons z ON z.id = a.salon_id
        LEFT JOIN staff s ON s.id = a.staff_id
        LEFT JOIN users creator ON creator.id = a.created_by
        LEFT JOIN users closer ON closer.id = a.completed_by
        CROSS JOIN LATERAL (SELECT \(paid) AS amount) AS paid
        LEFT JOIN LATERAL (
            SELECT CASE WHEN m.type = 'cash' THEN 'cash' WHEN m.type IN ('card', 'online') THEN 'card' END AS kind
            FROM operations o JOIN payment_methods m ON m.id = o.payment_method_id
            WHERE o.appointment_id = a.id AND o.deleted_at IS NULL AND o.status = 'completed') AS method ON true
        """

    /// - Parameters:
    ///   - user: whose role sees clients' phones and what was paid, or does not
    ///   - words: how the reader calls the fields that were changed
    private static func projection(for user: CurrentUser, words: PostgresJSON) -> SQL {
        let money: SQL =
            user.may(.finances, .view)
            ? """
            , 'paidAmount', trim_scale(paid.amount), 'paymentMethod',
            coalesce(method.kind, CASE WHEN a.payment_method IN ('cash', 'card', 'mixed') THEN a.payment_method END)
            """ : ""
        let phone: SQL = user.seesPhones ? "coalesce(a.client_phone, '')" : "''"
        return SQL.object(
            """
            'id', a.id::text, 'title', concat_ws(', ', nullif(a.client_name, ''), nullif(a.service_name, '')),
            'description', coalesce(a.notes, ''), 'date', a.date, 'type', a.type,
            'employee', coalesce(trim(s.first_name || ' ' || s.last_name), ''), 'staffId', a.staff_id,
            'service', a.service_name, 'client', a.client_name, 'clientId', a.client_id, 'phone', \(phone),
            'visitTime', iso8601((a.date + a.start_time) AT TIME ZONE z.timezone), 'createdAt', iso8601(a.created_at),
            'createdBy', \(self.name("creator")), 'status', record_status(a.status),
            'paymentStatus', payment_status(a.status, a.price, paid.amount), 'source', \(self.source)::text,
            'amount', trim_scale(a.price)\(money),
            'actualStartTime', iso8601((
                SELECT min(l.created_at) FROM audit_log l WHERE l.salon_id = a.salon_id AND l.entity = 'record'
                AND l.entity_id = a.id AND l.details -> 'status' ->> 'to' = 'arrived')),
            'actualEndTime', iso8601(a.completed_at), 'closedAt', iso8601(a.completed_at),
            'closedBy', CASE WHEN closer.id IS NOT NULL THEN \(self.name("closer")) END,
            'internalNotes', a.notes, 'photos', '[]'::jsonb,
            'history', (
                SELECT coalesce(jsonb_agg(jsonb_build_object(
                    'date', iso8601(l.created_at), 'author', l.author, 'action', l.action,
                    'details', details_text(\(ChangeLog.details(for: user)), \(words))) ORDER BY l.id), '[]')
                FROM audit_log l WHERE l.salon_id = a.salon_id AND l.entity = 'record' AND l.entity_id = a.id)
            """
        )
    }

    private static func name(_ user: SQL) -> SQL {
        "coalesce(nullif(trim(\(user).first_name || ' ' || \(user).last_name), ''), \(user).email, '')"
    }

    static func list(_ query: QueryParameters, for user: CurrentUser, in language: Language) throws(APIError) -> OverviewList {
        let filter = OverviewFilter(query: query, salonID: user.salonID)
        var condition: SQL = "a.salon_id = \(user.salonID) AND a.deleted_at IS NULL"
        condition += try filter.dates("a.date", "dateFrom", "dateTo")
        condition += try filter.dates("a.date", "visitFrom", "visitTo")
        condition += try filter.moments("a.created_at", "createdFrom", "createdTo")
        condition += filter.person(
            "employee",
            id: "a.staff_id",
            named: "(SELECT e.first_name || ' ' || e.last_name FROM staff e WHERE e.id = a.staff_id)"
        )
        condition += filter.person("client", id: "a.client_id", named: "a.client_name")
        if let category = query["serviceCategory"], category != "all" {
            condition += """
                 AND EXISTS (SELECT 1 FROM appointment_lines l JOIN services v ON v.id = l.service_id
                 WHERE l.appointment_id = a.id AND v.category = \(category))
                """
        }
        for name in ["visitStatus", "status"] {
            guard let status = try filter.query.word(name, of: self.statuses.keys.sorted()) else { continue }
            condition += " AND a.status = ANY(\(self.statuses[status] ?? [])::text[])"
        }
        if let status = try filter.query.word("paymentStatus", of: ["paid", "unpaid", "partial"]) {
            condition += " AND payment_status(a.status, a.price, \(self.paid)) = \(status)"
        }
        if let source = try filter.query.word("source", of: self.sources), source != self.source { condition += " AND false" }
        return OverviewList(
            table: "appointments",
            alias: "a",
            condition: condition,
            order: "a.date DESC, a.start_time DESC, a.id DESC",
            joins: self.joins,
            projection: self.projection(for: user, words: ChangeWords.fields(in: language))
        )
    }
}
