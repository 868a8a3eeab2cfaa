import Postgres

/// The audit log as the overview shows it.
enum ChangeLog {
    /// The words of the audit log, by the module whose `view` permission shows the rows that they stand for. A word that is not
    /// here, and what became of accounts, only administrators are told.
    static let words: [Module: [String]] = [
        .calendar: ["record"], .clients: ["client", "review"], .staff: ["employee"], .services: ["service"],
        .inventory: ["product"], .finances: ["operation", "document", "register", "method"], .settings: ["settings", "role"],
    ]

    /// What an entry keeps of a change, as far as somebody may see it: how a visit was paid for is the finances'.
    static func details(for user: CurrentUser) -> SQL {
        user.may(.finances, .view)
            ? "l.details" : "CASE WHEN l.entity = 'record' THEN l.details - 'paymentMethod' ELSE l.details END"
    }

    private static func projection(for user: CurrentUser, _ words: PostgresJSON) -> SQL {
        let details = self.details(for: user)
        let fields = SQL.object(
            """
            'id', l.id::text, 'entity', l.entity, 'entityId', l.entity_id::text, 'entityName', l.entity_name, 'action', l.action,
            'user', l.author, 'author', l.author, 'timestamp', iso8601(l.created_at), 'date', iso8601(l.created_at)
            """
        )
        return """
            (\(fields) || jsonb_build_object(
                'details', coalesce(details_text(\(details), \(words)), ''), 'changes', \(details)))
            """
    }

    static func list(_ query: QueryParameters, for user: CurrentUser, in language: Language) throws(APIError) -> OverviewList {
        let filter = OverviewFilter(query: query, salonID: user.salonID)
        var condition: SQL = "l.salon_id = \(user.salonID)"
        if user.role != .admin {
            let visible = self.words.filter { user.may($0.key, .view) }.flatMap(\.value).sorted()
            condition += " AND l.entity = ANY(\(visible)::text[])"
        }
        condition += try filter.moments("l.created_at", "dateFrom", "dateTo")
        if let entity = query["entity"], entity != "all" { condition += " AND l.entity = \(entity)" }
        if let id = try query.id("entityId") { condition += " AND l.entity_id = \(id)" }
        if let action = try filter.query.word("action", of: ["created", "updated", "deleted"]) {
            condition += " AND l.action = \(action)"
        }
        condition += filter.person("author", id: "l.user_id", named: "l.author")
        return OverviewList(
            table: "audit_log",
            alias: "l",
            condition: condition,
            order: "l.created_at DESC, l.id DESC",
            joins: "",
            projection: self.projection(for: user, ChangeWords.fields(in: language))
        )
    }
}
