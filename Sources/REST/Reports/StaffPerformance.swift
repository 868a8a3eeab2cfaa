import Postgres

/// What each member did in some days, how much of their working time was booked, and what clients say of them.
enum StaffPerformance {
    /// The members who work here, and those who have left as far as they did something in these days.
    static func statement(_ question: ReportQuestion) -> SQL {
        """
        WITH members AS MATERIALIZED (
            SELECT s.id, s.first_name, s.last_name, s.is_active, s.hire_date, s.schedule, salon.working_hours
            FROM staff s JOIN salons salon ON salon.id = s.salon_id
            WHERE s.salon_id = \(question.salonID) AND \(question.isOfStaff("s.id"))
        ),
        \(Self.availability(question)),
        booked AS (
            SELECT a.staff_id, sum(extract(epoch FROM upper(a.period) - lower(a.period)) / 60) AS minutes
            FROM appointments a
            WHERE \(question.days(of: "a")) AND a.deleted_at IS NULL AND a.live AND \(question.isOfStaff("a.staff_id"))
            GROUP BY a.staff_id
        ),
        visits AS (
            SELECT a.staff_id, count(*) FILTER (WHERE a.live) AS total, count(*) FILTER (WHERE a.status = 'completed') AS completed,
                   count(*) FILTER (WHERE NOT a.live) AS cancelled
            FROM appointments a
            WHERE \(question.days(of: "a")) AND a.deleted_at IS NULL AND \(question.isOfStaff("a.staff_id"))
              AND \(question.hasService)
            GROUP BY a.staff_id
        ),
        taken AS (SELECT staff_id, sum(amount) AS amount FROM (\(question.taken)) AS t GROUP BY staff_id),
        rated AS (
            SELECT r.staff_id, round(avg(r.rating), 1) AS rating, count(*) AS reviews FROM reviews r
            WHERE \(question.days(of: "r")) AND r.deleted_at IS NULL AND \(question.isOfStaff("r.staff_id"))
            GROUP BY r.staff_id
        )
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'staffId', m.id::text, 'staffName', trim(m.first_name || ' ' || m.last_name),
            'totalAppointments', coalesce(v.total, 0), 'completedAppointments', coalesce(v.completed, 0),
            'cancelledAppointments', coalesce(v.cancelled, 0), 'totalRevenue', trim_scale(coalesce(t.amount, 0)),
            'occupancyRate', CASE
                WHEN coalesce(b.minutes, 0) = 0 THEN 0 WHEN coalesce(w.minutes, 0) = 0 THEN 100
                ELSE trim_scale(least(100, round(100 * b.minutes / w.minutes, 1))) END,
            'bookedMinutes', round(coalesce(b.minutes, 0)), 'availableMinutes', round(coalesce(w.minutes, 0)),
            'rating', trim_scale(coalesce(r.rating, 0)), 'reviews', coalesce(r.reviews, 0))
            ORDER BY m.first_name COLLATE ukrainian, m.last_name COLLATE ukrainian, m.id), '[]') AS body
        FROM members m
        LEFT JOIN visits v ON v.staff_id = m.id LEFT JOIN booked b ON b.staff_id = m.id
        LEFT JOIN available w ON w.staff_id = m.id LEFT JOIN taken t ON t.staff_id = m.id
        LEFT JOIN rated r ON r.staff_id = m.id
        WHERE m.is_active OR coalesce(v.total, 0) > 0 OR coalesce(t.amount, 0) <> 0
        """
    }

    /// `available`: the minutes for which each member was at work, by their own week, else by the salon's hours; not before they
    /// were hired, and not on days off.
    private static func availability(_ question: ReportQuestion) -> SQL {
        """
        week AS MATERIALIZED (
            SELECT m.id, day.number, CASE WHEN coalesce(plan ->> 'enabled', plan ->> 'isOpen') = 'true' THEN greatest(0,
                extract(epoch FROM coalesce(plan ->> 'to', plan ->> 'end')::time - coalesce(plan ->> 'from', plan ->> 'start')::time)
                - coalesce((
                    SELECT sum(extract(epoch FROM (pause ->> 'to')::time - (pause ->> 'from')::time))
                    FROM jsonb_array_elements(plan -> 'breaks') AS pause), 0)) / 60 ELSE 0 END AS minutes
            FROM members m
            CROSS JOIN LATERAL (SELECT n AS number, \(StaffSchedule.dayName(number: "n")) AS name FROM generate_series(1, 7) AS n) AS day
            CROSS JOIN LATERAL (SELECT coalesce(m.schedule, m.working_hours) -> day.name AS plan) AS planned
        ),
        available AS (
            SELECT m.id AS staff_id, sum(week.minutes) AS minutes
            FROM members m
            JOIN generate_series(\(question.first)::timestamp, \(question.last)::timestamp, interval '1 day') AS moment
                ON m.hire_date IS NULL OR moment >= m.hire_date
            JOIN week ON week.id = m.id AND week.number = extract(isodow FROM moment)
            WHERE NOT EXISTS (SELECT 1 FROM staff_exceptions x WHERE x.staff_id = m.id AND x.date = moment::date)
            GROUP BY m.id
        )
        """
    }
}
