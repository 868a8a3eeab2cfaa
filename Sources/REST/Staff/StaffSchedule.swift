import JSON
import Outbox
import Postgres

/// When a member works: the base week, and the days on which it does not hold.
enum StaffSchedule {
    /// Which days are asked for: a week from the salon's today on, unless the query says otherwise.
    struct Days: Sendable {
        private static let maximum = 366

        let from: LocalDate?
        let to: LocalDate?

        /// Reads `dateFrom` and `dateTo`.
        init(_ query: QueryParameters) throws(APIError) {
            self.from = try query.date("dateFrom")
            self.to = try query.date("dateTo")
            if let from, let to, to < from {
                throw APIError.invalid("dateTo", LocalizedText("is before dateFrom", "раніше за dateFrom"))
            }
            if let from, let to, to.days(since: from) >= Self.maximum {
                let text = LocalizedText("at most \(Self.maximum) days are shown", "показуємо щонайбільше \(Self.maximum) днів")
                throw APIError.invalid("dateTo", text)
            }
        }

        fileprivate var first: SQL {
            if let from { return "\(from.text)::text::date" }
            if let to { return "\(to.text)::text::date - 6" }
            return "(now() AT TIME ZONE salon.timezone)::date"
        }

        fileprivate var last: SQL { self.to.map { "\($0.text)::text::date" } ?? self.first + " + 6" }
    }

    /// Each day as `{date, dayOfWeek, isWorkingDay, workFrom, workTo, breaks}`, and what it follows from.
    static func read(_ reader: any Reader, salonID: Int64, id: Int64, _ days: Days) async throws -> PostgresJSON {
        let rows = try await reader.query(
            """
            SELECT jsonb_build_object(
                'schedule', (
                    SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                        'date', day.date, 'dayOfWeek', day.name,
                        'isWorkingDay', x.date IS NULL AND (s.schedule IS NULL OR coalesce((day.plan -> 'enabled')::boolean, false)),
                        'workFrom', CASE WHEN x.date IS NULL THEN day.plan -> 'from' END,
                        'workTo', CASE WHEN x.date IS NULL THEN day.plan -> 'to' END,
                        'breaks', CASE WHEN x.date IS NULL THEN day.plan -> 'breaks' END,
                        'exception', x.type, 'reason', x.reason)) ORDER BY day.date), '[]')
                    FROM generate_series(\(days.first), \(days.last), interval '1 day') AS moment
                    CROSS JOIN LATERAL (SELECT moment::date AS date, \(Self.dayName(of: "moment")) AS name) AS named
                    CROSS JOIN LATERAL (SELECT named.date, named.name, s.schedule -> named.name AS plan) AS day
                    LEFT JOIN staff_exceptions x ON x.staff_id = s.id AND x.date = day.date),
                'workDays', coalesce(s.schedule, '{}'),
                'exceptions', (
                    SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                        'date', x.date, 'type', x.type, 'reason', x.reason)) ORDER BY x.date), '[]')
                    FROM staff_exceptions x WHERE x.staff_id = s.id)) AS body
            FROM staff s JOIN salons salon ON salon.id = s.salon_id
            WHERE s.salon_id = \(salonID) AND s.id = \(id)
            """
        )
        guard let row = rows.first else { throw APIError(.notFound) }
        return try row.get("body")
    }

    /// `mon` … `sun`, the names under which a week has its days.
    static func dayName(of date: SQL) -> SQL { self.dayName(number: "extract(isodow FROM \(date))::int") }

    /// - Parameter number: from 1, a Monday
    static func dayName(number: SQL) -> SQL {
        "(ARRAY['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])[\(number)]"
    }

    /// - Returns: whether anything changed
    static func write(_ unit: UnitOfWork, salonID: Int64, id: Int64, _ input: ScheduleInput) async throws -> Bool {
        var columns = ColumnChanges()
        columns.set("schedule", input.week.map { PostgresJSON(text: JSONValue.object($0).text) })
        var isChanged = try await columns.write(unit, to: "staff", where: "salon_id = \(salonID) AND id = \(id)")
        guard let exceptions = input.exceptions else { return isChanged }
        let (dates, types) = (exceptions.map(\.date.text), exceptions.map(\.type))
        let reasons = exceptions.map(\.reason)
        let given: SQL = "unnest(\(dates)::text[]::date[], \(types)::text[], \(reasons)::text[]) AS w (date, type, reason)"
        let removed = try await unit.query(
            """
            DELETE FROM staff_exceptions x WHERE x.salon_id = \(salonID) AND x.staff_id = \(id)
              AND NOT EXISTS (SELECT 1 FROM \(given) WHERE w.date = x.date) RETURNING 1
            """
        )
        let written = try await unit.query(
            """
            INSERT INTO staff_exceptions AS x (salon_id, staff_id, date, type, reason)
            SELECT \(salonID), \(id), w.date, w.type, w.reason FROM \(given)
            ON CONFLICT (staff_id, date) DO UPDATE SET type = excluded.type, reason = excluded.reason
                WHERE (x.type, x.reason) IS DISTINCT FROM (excluded.type, excluded.reason)
            RETURNING 1
            """
        )
        if !removed.isEmpty || !written.isEmpty { isChanged = true }
        return isChanged
    }
}
