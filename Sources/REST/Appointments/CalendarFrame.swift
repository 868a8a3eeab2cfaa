import Postgres

/// What a calendar is drawn in, for every role that may see it: the salon's zone and hours, and the masters' columns.
///
/// The staff list itself is not open to masters; this says only what the columns need.
enum CalendarFrame {
    static func read(_ reader: any Reader, salonID: Int64) async throws -> PostgresJSON {
        try await reader.query(
            """
            SELECT jsonb_build_object(
                'salon', jsonb_build_object(
                    'id', salon.id, 'name', salon.name, 'timezone', salon.timezone, 'currency', salon.currency,
                    'language', salon.language, 'workingHours', salon.working_hours, 'strictHours', salon.strict_hours),
                'staff', (SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                        'id', s.id, 'firstName', s.first_name, 'lastName', s.last_name, 'position', s.position,
                        'schedule', s.schedule, 'userId', s.user_id, 'isActive', s.is_active))
                        ORDER BY s.first_name COLLATE ukrainian, s.last_name COLLATE ukrainian, s.id), '[]')
                    FROM staff s WHERE s.salon_id = salon.id AND s.is_active)) AS body
            FROM salons salon WHERE salon.id = \(salonID)
            """
        ).only().get("body")
    }
}
