import Postgres

/// How often each service was booked in some days, what it brought, and whether that is more than in as many days before.
enum ServicePopularity {
    /// The services that are there, and those that are deleted as far as they were booked in these days.
    static func statement(_ question: ReportQuestion) -> SQL {
        """
        WITH counted AS (
            SELECT l.service_id, count(*) FILTER (WHERE a.date >= \(question.first)) AS bookings,
                   count(*) FILTER (WHERE a.date < \(question.first)) AS former,
                   sum(l.price) FILTER (WHERE a.date >= \(question.first) AND a.status = 'completed') AS revenue
            FROM \(ReportQuestion.lines)
            WHERE \(question.days(of: "a", from: question.formerFirst)) AND a.deleted_at IS NULL
              AND a.status NOT IN ('cancelled', 'no-show') AND l.service_id IS NOT NULL
              AND \(question.isOfStaff("a.staff_id")) AND \(question.isOfService("l.service_id"))
            GROUP BY l.service_id
        )
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'serviceId', s.id::text, 'serviceName', s.name, 'category', s.category,
            'totalBookings', coalesce(c.bookings, 0), 'previousBookings', coalesce(c.former, 0),
            'totalRevenue', trim_scale(coalesce(c.revenue, 0)),
            'growth', CASE
                WHEN coalesce(c.former, 0) > 0 THEN trim_scale(round(100.0 * (c.bookings - c.former) / c.former, 1))
                WHEN coalesce(c.bookings, 0) > 0 THEN 100 ELSE 0 END)
            ORDER BY coalesce(c.bookings, 0) DESC, coalesce(c.revenue, 0) DESC, s.name COLLATE ukrainian, s.id), '[]') AS body
        FROM services s LEFT JOIN counted c ON c.service_id = s.id
        WHERE s.salon_id = \(question.salonID) AND \(question.isOfService("s.id"))
          AND (s.deleted_at IS NULL OR c.bookings > 0)
        """
    }
}
