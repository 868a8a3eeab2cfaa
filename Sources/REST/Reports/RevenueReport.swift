import Postgres

/// What the salon took: by day, service and member, and by day, week or month beside the visits that brought it.
enum RevenueReport {
    static func statement(_ question: ReportQuestion) -> SQL {
        let unit = question.grouping.rawValue
        func group(_ date: SQL) -> SQL { "date_trunc(\(unit)::text, \(date)::timestamp)::date" }
        return """
            WITH taken AS MATERIALIZED (\(question.taken)),
            visits AS MATERIALIZED (
                SELECT a.date FROM appointments a
                WHERE \(question.days(of: "a")) AND a.deleted_at IS NULL AND a.status = 'completed'
                  AND \(question.isOfStaff("a.staff_id")) AND \(question.hasService)
            ),
            total AS (
                SELECT coalesce(sum(amount), 0) AS amount, (SELECT count(*) FROM visits) AS visits FROM taken
            ),
            groups AS (
                SELECT g.date, coalesce(t.amount, 0) AS amount, coalesce(v.visits, 0) AS visits
                FROM (SELECT DISTINCT \(group("moment")) AS date
                      FROM generate_series(\(question.first)::timestamp, \(question.last)::timestamp, interval '1 day') AS moment) AS g
                LEFT JOIN (SELECT \(group("date")) AS date, sum(amount) AS amount FROM taken GROUP BY 1) AS t USING (date)
                LEFT JOIN (SELECT \(group("date")) AS date, count(*) AS visits FROM visits GROUP BY 1) AS v USING (date)
            )
            SELECT jsonb_build_object(
                'totalRevenue', trim_scale(total.amount),
                'revenueByDay', \(Takings.byDay("taken")),
                'revenueByService', (
                    SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                        'service', d.name, 'serviceId', d.id::text, 'amount', trim_scale(d.amount)))
                        ORDER BY d.amount DESC, d.name COLLATE ukrainian, d.id), '[]')
                    FROM (SELECT coalesce(s.name, l.name) AS name, s.id, sum(l.price) AS amount FROM \(question.sold)
                          GROUP BY 1, 2 HAVING sum(l.price) <> 0) AS d),
                'revenueByStaff', (
                    SELECT coalesce(jsonb_agg(jsonb_build_object(
                        'staff', trim(m.first_name || ' ' || m.last_name), 'staffId', m.id::text, 'amount', trim_scale(d.amount))
                        ORDER BY d.amount DESC, m.first_name COLLATE ukrainian, m.id), '[]')
                    FROM (SELECT staff_id, sum(amount) AS amount FROM taken GROUP BY staff_id) AS d
                    JOIN staff m ON m.salon_id = \(question.salonID) AND m.id = d.staff_id),
                'groupBy', \(unit)::text,
                'data', (
                    SELECT jsonb_agg(jsonb_build_object(
                        'date', g.date, 'revenue', trim_scale(g.amount), 'appointments', g.visits,
                        'averageCheck', \(Self.averageCheck("g"))) ORDER BY g.date)
                    FROM groups g),
                'totals', jsonb_build_object(
                    'revenue', trim_scale(total.amount), 'appointments', total.visits,
                    'averageCheck', \(Self.averageCheck("total")))) AS body
            FROM total
            """
    }

    private static func averageCheck(_ row: SQL) -> SQL {
        "CASE WHEN \(row).visits = 0 THEN 0 ELSE trim_scale(round(\(row).amount / \(row).visits, 2)) END"
    }
}
