import Postgres

/// What a period came to. One statement: takings are summed up by day and method, expenses by category, and everything else is
/// made of these few sums.
struct FinanceDashboard: Sendable {
    /// How many services are named.
    private static let topServices: Int64 = 10
    /// Of so many days at most each is named, also those on which nothing came in.
    private static let mostDays: Int32 = 366
    /// How long a period may be, in years.
    private static let mostYears = 10

    private let from: LocalDate?
    private let to: LocalDate?

    /// Reads `dateFrom` and `dateTo`, both included. Without both it is the present month; without one of them it begins or ends
    /// with the other's month.
    ///
    /// - Throws: 422 for an end before the beginning, and for a period that is too long
    init(_ query: QueryParameters) throws(APIError) {
        (self.from, self.to) = (try query.date("dateFrom"), try query.date("dateTo"))
        guard let from, let to else { return }
        guard from <= to else {
            throw APIError.invalid("dateTo", LocalizedText("must not be before dateFrom", "не може бути раніше за dateFrom"))
        }
        guard to.year - from.year <= Self.mostYears else {
            throw APIError.invalid(
                "dateTo",
                LocalizedText("must be within ten years of dateFrom", "має бути не далі ніж за десять років від dateFrom")
            )
        }
    }

    /// Of a salon, as one JSON object.
    func statement(salonID: Int64) -> SQL {
        let (from, to) = (self.from?.text, self.to?.text)
        let period: StaticString = "BETWEEN (SELECT first FROM period) AND (SELECT last FROM period)"
        return """
            WITH period AS MATERIALIZED (
                SELECT coalesce(\(from)::text::date, date_trunc('month', coalesce(\(to)::text::date, today)::timestamp)::date) AS first,
                       coalesce(\(to)::text::date, (date_trunc('month', coalesce(\(from)::text::date, today)::timestamp)
                                                    + interval '1 month - 1 day')::date) AS last
                FROM (SELECT (now() AT TIME ZONE s.timezone)::date AS today FROM salons s WHERE s.id = \(salonID)) AS salon
            ), taken AS MATERIALIZED (
                SELECT t.date, t.payment_method_id, t.payment_method_name, sum(t.amount) AS amount, count(*) AS count
                FROM takings t WHERE t.salon_id = \(salonID) AND t.date \(unescaped: period)
                GROUP BY t.date, t.payment_method_id, t.payment_method_name
            ), spent AS (
                SELECT coalesce(category, 'other') AS category, sum(amount) AS amount FROM operations
                WHERE salon_id = \(salonID) AND date \(unescaped: period) AND deleted_at IS NULL AND status = 'completed' AND type = 'expense'
                GROUP BY coalesce(category, 'other')
            ), totals AS MATERIALIZED (
                SELECT (SELECT coalesce(sum(amount), 0) FROM taken) AS revenue, (SELECT coalesce(sum(amount), 0) FROM spent) AS expenses
            ), days AS (
                SELECT day::date AS date, 0 AS amount FROM period, generate_series(first::timestamp, last::timestamp, '1 day') AS day
                WHERE last - first < \(Self.mostDays)
                UNION ALL SELECT date, amount FROM taken
            ), by_method AS (
                SELECT m.id, coalesce(m.name, k.payment_method_name) AS name, m.type, sum(k.amount) AS amount, sum(k.count) AS count
                FROM taken k LEFT JOIN payment_methods m ON m.id = k.payment_method_id
                GROUP BY m.id, coalesce(m.name, k.payment_method_name), m.type
            ), by_service AS (
                SELECT l.service_id, CASE WHEN l.service_id IS NULL THEN l.name END AS name, coalesce(sum(l.price), 0) AS revenue,
                       count(*) AS count
                FROM appointments a JOIN appointment_lines l ON l.appointment_id = a.id
                WHERE a.salon_id = \(salonID) AND a.date \(unescaped: period) AND a.deleted_at IS NULL AND a.status = 'completed'
                GROUP BY l.service_id, CASE WHEN l.service_id IS NULL THEN l.name END
                ORDER BY revenue DESC, count DESC LIMIT \(Self.topServices)
            )
            SELECT jsonb_build_object(
                'dateFrom', p.first, 'dateTo', p.last, 'totalRevenue', trim_scale(t.revenue), 'totalExpenses', trim_scale(t.expenses),
                'netIncome', trim_scale(t.revenue - t.expenses), 'profit', trim_scale(t.revenue - t.expenses),
                'profitMargin', CASE WHEN t.revenue > 0 THEN trim_scale(round(100 * (t.revenue - t.expenses) / t.revenue, 2)) ELSE 0 END,
                'revenueByDay', \(Takings.byDay("days")),
                'expensesByCategory', (
                    SELECT coalesce(jsonb_agg(jsonb_build_object('category', category, 'amount', trim_scale(amount))
                                              ORDER BY amount DESC, category), '[]')
                    FROM spent),
                'paymentMethodsSplit', (
                    SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                        'paymentMethodId', id, 'method', name, 'type', type, 'amount', trim_scale(amount), 'count', count,
                        'percentage', CASE WHEN t.revenue > 0 THEN trim_scale(round(100 * amount / t.revenue, 2)) ELSE 0 END))
                        ORDER BY amount DESC, name), '[]')
                    FROM by_method),
                'topServices', (
                    SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                        'serviceId', b.service_id, 'name', coalesce(s.name, b.name), 'service', coalesce(s.name, b.name),
                        'revenue', trim_scale(b.revenue), 'count', b.count))
                        ORDER BY b.revenue DESC, b.count DESC, coalesce(s.name, b.name)), '[]')
                    FROM by_service b LEFT JOIN services s ON s.id = b.service_id)
            ) AS body
            FROM period p, totals t
            """
    }
}
