import Outbox
import Postgres

/// What a salon has after a year, beside its visits: more people, money, stock, and what was said of it. Set-based statements,
/// whose figures follow from ids and days: nothing here is random.
struct DemoYear: Sendable {
    let unit: UnitOfWork
    let salonID: Int64

    /// The days that are written, and who writes.
    struct Books: Sendable {
        /// The first day without books, and yesterday.
        var first: String
        var last: String
        var ownerID: Int64
        var owner: String
    }

    // MARK: People and services

    /// The masters, services and clients that the salon gained.
    func hire(_ content: DemoContent.Salon) async throws {
        try await self.makeDraw()
        for master in content.grown?.masters ?? [] {
            let present = try await self.unit.query(
                "SELECT 1 FROM staff WHERE salon_id = \(self.salonID) AND first_name = \(master.firstName) AND last_name = \(master.lastName)"
            )
            if present.isEmpty { _ = try await DemoData.insert(self.unit, salonID: self.salonID, master) }
        }
        for service in content.grown?.services ?? [] {
            let present = try await self.unit.query(
                "SELECT 1 FROM services WHERE salon_id = \(self.salonID) AND name = \(service.name)"
            )
            if present.isEmpty { try await DemoData.insert(self.unit, salonID: self.salonID, service) }
        }
        _ = try await self.unit.query(
            """
            UPDATE staff SET hire_date = current_date - (400 + id * 97 % 1500)::int, salary = 9000 + id % 7 * 500, commission = 30 + id % 4 * 5,
                phone = '+380 44 555 ' || lpad((id % 100)::text, 2, '0') || ' ' || lpad((id * 7 % 100)::text, 2, '0')
            WHERE salon_id = \(self.salonID) AND hire_date IS NULL
            """
        )
        try await self.holidays()
        try await self.clients()
    }

    private func holidays() async throws {
        let days = DemoData.Span.year.days
        _ = try await self.unit.query(
            """
            INSERT INTO staff_exceptions (salon_id, staff_id, date, type)
            SELECT s.salon_id, s.id, day::date, 'vacation'
            FROM (SELECT s.*, row_number() OVER (ORDER BY id) - 1 AS place FROM staff s WHERE salon_id = \(self.salonID) AND is_active) AS s,
                 generate_series(current_date - \(days.before)::int, current_date + \(days.after)::int, interval '1 day') AS day
            WHERE ((day::date - '2020-01-01'::date) + s.place * 37) % 365 < 10
            ON CONFLICT DO NOTHING
            """
        )
    }

    /// Fills the list up. New ones had to be there before they came: see ``DemoClientele``.
    private func clients() async throws {
        let (women, men, families) = (DemoContent.womensNames, DemoContent.mensNames, DemoContent.familyNames)
        let (total, days) = (DemoData.Span.year.clients, DemoData.Span.year.days)
        _ = try await self.unit.query(
            """
            WITH client AS (
                SELECT n, pg_temp.demo_draw(n, 1, 5) = 0 AS is_man, (3.0 * n / \(total)::int8 - 1) / 2 AS progress,
                       (ARRAY['50', '63', '66', '68', '73', '93', '95', '96', '97', '98', '99'])[1 + n % 11] AS code,
                       lpad((n * 7368787 % 10000000)::text, 7, '0') AS number
                FROM generate_series(
                    (SELECT count(*) FROM clients WHERE salon_id = \(self.salonID)) + 1, \(total)::int8) AS n)
            INSERT INTO clients (salon_id, first_name, last_name, phone, phone_key, email, birth_date, gender, source, discount,
                bonus_balance, card_number, notes, created_at)
            SELECT \(self.salonID),
                CASE WHEN is_man THEN (\(men)::text[])[1 + pg_temp.demo_draw(n, 2, \(Int64(men.count)))]
                     ELSE (\(women)::text[])[1 + pg_temp.demo_draw(n, 2, \(Int64(women.count)))] END,
                (\(families)::text[])[1 + pg_temp.demo_draw(n, 3, \(Int64(families.count)))],
                CASE n % 4
                    WHEN 0 THEN '+380 ' || code || ' ' || left(number, 3) || ' ' || substr(number, 4, 2) || ' ' || right(number, 2)
                    WHEN 1 THEN '0' || code || number
                    WHEN 2 THEN '+380 (' || code || ') ' || left(number, 3) || '-' || substr(number, 4, 2) || '-' || right(number, 2)
                    ELSE '+380' || code || number END,
                '380' || code || number,
                CASE WHEN pg_temp.demo_draw(n, 4, 3) = 0 THEN 'client' || n || '@example.com' END,
                CASE WHEN pg_temp.demo_draw(n, 5, 3) > 0 THEN date '1958-01-01' + pg_temp.demo_draw(n, 6, 18000)::int END,
                CASE WHEN is_man THEN 'male' ELSE 'female' END,
                (ARRAY['regular', 'new', 'vip', 'regular', 'inactive'])[1 + pg_temp.demo_draw(n, 7, 5)],
                CASE WHEN pg_temp.demo_draw(n, 8, 6) = 0 THEN 5 + 5 * pg_temp.demo_draw(n, 9, 2) ELSE 0 END,
                CASE WHEN pg_temp.demo_draw(n, 10, 4) = 0 THEN 25 * pg_temp.demo_draw(n, 11, 40) ELSE 0 END,
                CASE WHEN pg_temp.demo_draw(n, 12, 5) = 0 THEN 'AD' || lpad(n::text, 6, '0') END,
                CASE WHEN pg_temp.demo_draw(n, 13, 20) = 0 THEN 'Алергія на аміак' END,
                least(now() - interval '1 hour',
                      current_date + interval '7 hours' - \(days.before)::int * interval '1 day'
                      + (CASE WHEN progress > 0 THEN progress * \(days.before + days.after)::int ELSE -1 - pg_temp.demo_draw(n, 14, 700) END)
                        * interval '1 day')
            FROM client ORDER BY n
            ON CONFLICT DO NOTHING
            """
        )
    }

    // MARK: Its books

    /// Money, stock, reviews and the audit log of the days up to yesterday that have none yet.
    func account() async throws {
        guard let books = try await self.books() else { return }
        _ = try await self.unit.query("ANALYZE appointments, appointment_lines, clients, staff, services")
        // Nobody is booked before they are known.
        _ = try await self.unit.query(
            """
            UPDATE clients c SET created_at = a.first - interval '5 minutes'
            FROM (SELECT client_id, min(created_at) AS first FROM appointments WHERE salon_id = \(self.salonID) GROUP BY client_id) AS a
            WHERE c.salon_id = \(self.salonID) AND c.id = a.client_id AND c.created_at > a.first
            """
        )
        try await self.takeMoney(books)
        try await self.moveStock(books)
        try await self.settle(books)
        try await self.speak(books)
    }

    private func books() async throws -> Books? {
        let row = try await self.unit.query(
            """
            SELECT u.id, trim(u.first_name || ' ' || u.last_name) AS name, days.first::text AS first, days.last::text AS last,
                   days.first <= days.last AS is_behind
            FROM users u JOIN salons s ON s.id = u.salon_id CROSS JOIN LATERAL (
                SELECT coalesce((SELECT max(o.date) + 1 FROM operations o WHERE o.salon_id = s.id AND o.document_number LIKE 'К-%'),
                                (now() AT TIME ZONE s.timezone)::date - \(DemoData.Span.year.days.before)::int) AS first,
                       (now() AT TIME ZONE s.timezone)::date - 1 AS last) AS days
            WHERE u.salon_id = \(self.salonID) ORDER BY u.id LIMIT 1
            """
        ).only()
        guard try row.get("is_behind") else { return nil }
        return Books(
            first: try row.get("first"),
            last: try row.get("last"),
            ownerID: try row.get("id"),
            owner: try row.get("name")
        )
    }

    /// What clients said, what the audit log kept, and what the desks were told last.
    private func speak(_ books: Books) async throws {
        let (ratings, texts) = (DemoContent.reviews.map { Int64($0.rating) }, DemoContent.reviews.map(\.text))
        _ = try await self.unit.query(
            """
            INSERT INTO reviews (salon_id, client_id, client_name, phone, staff_id, appointment_id, rating, text, date, created_at)
            SELECT a.salon_id, a.client_id, a.client_name, coalesce(a.client_phone, ''), a.staff_id, a.id, said.rating, said.text, a.date,
                   a.completed_at + interval '3 hours'
            FROM appointments a JOIN unnest(\(ratings)::int8[], \(texts)::text[]) WITH ORDINALITY AS said (rating, text, place)
                ON said.place = 1 + pg_temp.demo_draw(a.id, 32, \(Int64(texts.count)))
            WHERE a.salon_id = \(self.salonID) AND a.status = 'completed' AND pg_temp.demo_draw(a.id, 31, 22) = 0
              AND a.date BETWEEN \(books.first)::text::date AND \(books.last)::text::date
            ORDER BY a.date, a.id
            """
        )
        _ = try await self.unit.query(
            """
            INSERT INTO audit_log (salon_id, user_id, author, entity, entity_id, entity_name, action, details, created_at)
            SELECT a.salon_id, \(books.ownerID), \(books.owner)::text, 'record', a.id, a.client_name || ', ' || a.service_name,
                   entry.action, entry.details, entry.at
            FROM appointments a CROSS JOIN LATERAL (
                VALUES ('created', '{}'::jsonb, a.created_at),
                       ('updated', '{"status": {"from": "confirmed", "to": "completed"}}', a.completed_at)) AS entry (action, details, at)
            WHERE a.salon_id = \(self.salonID) AND entry.at IS NOT NULL
              AND a.date BETWEEN \(books.first)::text::date AND \(books.last)::text::date
            ORDER BY entry.at
            """
        )
        _ = try await self.unit.query(
            """
            INSERT INTO notifications (salon_id, user_id, type, title, message, link, read, created_at)
            SELECT u.salon_id, u.id, 'info', 'Новий запис', a.client_name || ', ' || a.service_name || ': '
                       || to_char(a.date, 'DD.MM.YYYY') || ' ' || to_char(a.start_time, 'HH24:MI') || '–' || to_char(a.end_time, 'HH24:MI'),
                   '/appointments/' || a.id || '?date=' || a.date, a.place > 5, a.created_at
            FROM users u CROSS JOIN LATERAL (
                SELECT v.*, row_number() OVER (ORDER BY v.created_at DESC) AS place FROM appointments v
                WHERE v.salon_id = u.salon_id AND v.date > current_date AND v.deleted_at IS NULL
                ORDER BY v.created_at DESC LIMIT 40) AS a
            WHERE u.salon_id = \(self.salonID) AND u.role <> 'master'
              AND NOT EXISTS (SELECT 1 FROM notifications n WHERE n.user_id = u.id)
            ORDER BY a.created_at
            """
        )
    }

    /// Chooses one of `n` for a row, by its id and what is chosen: always the same.
    private func makeDraw() async throws {
        _ = try await self.unit.query(
            """
            CREATE OR REPLACE FUNCTION pg_temp.demo_draw(id bigint, what bigint, n bigint) RETURNS bigint
                LANGUAGE sql IMMUTABLE PARALLEL SAFE
                RETURN mod(hashint8extended(id, what) & 9223372036854775807, n)
            """
        )
    }
}
