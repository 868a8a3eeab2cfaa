import Postgres

extension Reports {
    static let review = Reports(word: "review", topic: "clients", events: [.created: "review:created"])
}

extension Entity {
    static let review = Entity(
        reports: .review,
        table: "reviews",
        source: "reviews r",
        alias: "r",
        projection: Reviews.projection(phones: true),
        naming: ["clientName"],
        unaudited: ["phone"]
    )
}

/// What clients say.
enum Reviews {
    /// - Parameter phones: whether the reader's role sees clients' phones
    static func projection(phones: Bool) -> SQL {
        let phone: SQL = phones ? "r.phone" : "''"
        return SQL.object(
            """
            'id', r.id::text, 'author', r.client_name, 'clientName', r.client_name, 'clientId', r.client_id, 'phone', \(phone),
            'employee', \(self.employee), 'staffId', r.staff_id, 'appointmentId', r.appointment_id, 'rating', r.rating,
            'type', \(self.type), 'comment', r.text, 'text', r.text, 'date', r.date, 'createdAt', iso8601(r.created_at)
            """
        )
    }

    private static let employee: SQL = """
        coalesce((SELECT trim(s.first_name || ' ' || s.last_name) FROM staff s WHERE s.id = r.staff_id), r.staff_name)
        """
    private static let type: SQL = "CASE WHEN r.rating >= 4 THEN 'positive' WHEN r.rating = 3 THEN 'neutral' ELSE 'negative' END"

    static func list(_ query: QueryParameters, for user: CurrentUser) throws(APIError) -> OverviewList {
        let filter = OverviewFilter(query: query, salonID: user.salonID)
        var condition: SQL = "r.salon_id = \(user.salonID) AND r.deleted_at IS NULL"
        condition += try filter.dates("r.date", "dateFrom", "dateTo")
        if let rating = try filter.query.word("rating", of: ["1", "2", "3", "4", "5"]) {
            condition += " AND r.rating = \(Int32(rating) ?? 0)"
        }
        if let type = try filter.query.word("type", of: ["positive", "neutral", "negative"]) {
            condition += " AND \(self.type) = \(type)"
        }
        condition += filter.person("employee", id: "r.staff_id", named: self.employee)
        condition += filter.person("client", id: "r.client_id", named: "r.client_name")
        if let search = query["search"] { condition += " AND \(filter.contains("r.client_name || ' ' || r.text", search))" }
        return OverviewList(
            table: "reviews",
            alias: "r",
            condition: condition,
            order: "r.date DESC, r.id DESC",
            joins: "",
            projection: self.projection(phones: user.seesPhones),
            more: """
                , 'statistics', (
                    SELECT jsonb_build_object(
                        'total', count(*), 'averageRating', coalesce(trim_scale(round(avg(r.rating), 2)), 0),
                        'ratings', jsonb_build_object(
                            '1', count(*) FILTER (WHERE r.rating = 1), '2', count(*) FILTER (WHERE r.rating = 2),
                            '3', count(*) FILTER (WHERE r.rating = 3), '4', count(*) FILTER (WHERE r.rating = 4),
                            '5', count(*) FILTER (WHERE r.rating = 5)))
                    FROM reviews r WHERE \(condition))
                """
        )
    }
}
