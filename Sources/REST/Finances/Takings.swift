import Postgres

/// What a salon took: the view `takings`, of which the dashboard, the reports and the figures of clients and staff are made.
enum Takings {
    /// Revenue by day as JSON: `[{date, amount}]`, the earliest first.
    ///
    /// - Parameter rows: a table with `date` and `amount`
    static func byDay(_ rows: SQL) -> SQL {
        """
        (SELECT coalesce(jsonb_agg(jsonb_build_object('date', d.date, 'amount', trim_scale(d.amount)) ORDER BY d.date), '[]')
         FROM (SELECT date, sum(amount) AS amount FROM \(rows) GROUP BY date) AS d)
        """
    }
}
