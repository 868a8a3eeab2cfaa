import Postgres

/// A list of the overview: `{data, meta}`, the latest first.
struct OverviewList: Sendable {
    /// Its rows' table, and how they are called in what follows.
    let table: SQL
    let alias: SQL
    /// Which of them match.
    let condition: SQL
    /// As an index has it, so that a page is read and not the whole.
    let order: SQL
    /// What is joined to a page's rows for their JSON.
    let joins: SQL
    let projection: SQL
    /// More members of the answer, of all rows that match.
    var more: SQL = ""

    func statement(_ page: Page) -> SQL {
        """
        WITH page AS MATERIALIZED (
            SELECT \(self.alias).id FROM \(self.table) \(self.alias) WHERE \(self.condition) ORDER BY \(self.order) \(page.clause)
        ), total AS (SELECT count(*) AS rows FROM \(self.table) \(self.alias) WHERE \(self.condition))
        SELECT jsonb_build_object(
            'data', (SELECT coalesce(jsonb_agg(\(self.projection) ORDER BY \(self.order)), '[]')
                     FROM page JOIN \(self.table) \(self.alias) ON \(self.alias).id = page.id \(self.joins)),
            'meta', \(page.meta(total: "total.rows")) || jsonb_build_object(
                'limit', coalesce(\(page.limit)::int8, total.rows), 'offset', \(page.offset)::int8)\(self.more)) AS body,
            total.rows AS total
        FROM total
        """
    }

    /// Without a limit it is the largest page.
    ///
    /// - Parameter topic: whose events change the list; its head is read with it
    func answer(_ reader: any Reader, _ page: Page, topic: String? = nil) async throws -> Answer {
        let rows = try await reader.query(
            """
            SELECT list.body, list.total, h.seq, h.epoch FROM (\(self.statement(page.bounded))) AS list
            LEFT JOIN topic_heads h ON h.topic = \(topic)::text
            """
        )
        let row = try rows.only()
        var answer = Answer.json(try row.get("body", as: PostgresJSON.self))
            .with(.totalCount, String(try row.get("total", as: Int64.self)))
        if let seq = try row.get("seq", as: Int64?.self), let epoch = try row.get("epoch", as: String?.self) {
            answer = answer.with(.topicSeq, String(seq)).with(.topicEpoch, epoch)
        }
        return answer
    }
}

/// What the lists of the overview are asked for, each condition beginning with `AND`. `all` is as good as nothing.
struct OverviewFilter: Sendable {
    let query: QueryParameters
    let salonID: Int64

    /// Between two dates of the salon's calendar, both of them in.
    func dates(_ column: SQL, _ from: String, _ to: String) throws(APIError) -> SQL {
        var condition: SQL = ""
        if let date = try self.query.date(from) { condition += " AND \(column) >= \(date.text)::text::date" }
        if let date = try self.query.date(to) { condition += " AND \(column) <= \(date.text)::text::date" }
        return condition
    }

    /// In the days from one to another by the salon's clock, both of them in.
    func moments(_ column: SQL, _ from: String, _ to: String) throws(APIError) -> SQL {
        func midnight(_ date: LocalDate, _ days: Int64) -> SQL {
            """
            (SELECT (\(date.text)::text::date + \(days)::int4)::timestamp AT TIME ZONE z.timezone
             FROM salons z WHERE z.id = \(self.salonID))
            """
        }
        var condition: SQL = ""
        if let date = try self.query.date(from) { condition += " AND \(column) >= \(midnight(date, 0))" }
        if let date = try self.query.date(to) { condition += " AND \(column) < \(midnight(date, 1))" }
        return condition
    }

    /// A row by its id, or by a part of its name.
    func person(_ name: String, id column: SQL, named text: SQL) -> SQL {
        guard let person = self.query[name], person != "all" else { return "" }
        if let id = Int64(person) { return " AND \(column) = \(id)" }
        return " AND \(self.contains(text, person))"
    }

    /// Letters' case and the kinds of apostrophe do not matter.
    func contains(_ text: SQL, _ part: String) -> SQL {
        "search_key(\(text)) LIKE search_key(\(SearchPattern.containing(part)))"
    }
}
