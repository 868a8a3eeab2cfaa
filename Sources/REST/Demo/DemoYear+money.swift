import Outbox
import Postgres

/// The cash desk of a year: what visits and products brought, what was spent, and what each register holds after it.
extension DemoYear {
    func takeMoney(_ books: Books) async throws {
        try await self.openTills()
        try await self.paidVisits(books)
        _ = try await self.unit.query("ANALYZE operations")
        try await self.refunds(books)
        try await self.expenses(books)
        try await self.receipts(books)
    }

    private func openTills() async throws {
        _ = try await self.unit.query(
            """
            INSERT INTO cash_registers (salon_id, name, opening_balance, balance)
            VALUES (\(self.salonID), 'Термінал', 12000, 12000), (\(self.salonID), 'Рахунок у банку', 185000, 185000)
            ON CONFLICT DO NOTHING
            """
        )
        _ = try await self.unit.query(
            """
            INSERT INTO payment_methods (salon_id, name, type)
            VALUES (\(self.salonID), 'Онлайн', 'online'), (\(self.salonID), 'Подарунковий сертифікат', 'certificate'),
                   (\(self.salonID), 'Бонуси', 'bonus')
            ON CONFLICT DO NOTHING
            """
        )
        // By which method something was paid, and where that went.
        _ = try await self.unit.query(
            """
            CREATE TEMP TABLE demo_tills ON COMMIT DROP AS
            SELECT way.type, way.till,
                   (SELECT min(m.id) FROM payment_methods m WHERE m.salon_id = \(self.salonID)::int8 AND m.type = way.type) AS method_id,
                   (SELECT min(r.id) FROM cash_registers r WHERE r.salon_id = \(self.salonID)::int8 AND CASE way.type
                       WHEN 'cash' THEN r.name NOT IN ('Термінал', 'Рахунок у банку') ELSE r.name = way.till END) AS register_id
            FROM (VALUES ('cash', ''), ('card', 'Термінал'), ('online', 'Рахунок у банку')) AS way (type, till)
            """
        )
    }

    private func paidVisits(_ books: Books) async throws {
        _ = try await self.unit.query(
            """
            INSERT INTO operations (salon_id, type, amount, category, description, date, document_number, payment_method_id,
                cash_register_id, client_id, client_name, staff_id, appointment_id, author, created_by, created_at)
            SELECT a.salon_id, 'payment', a.price, 'services', a.service_name, a.date,
                   'К-' || to_char(a.date, 'YYMMDD') || '-' || row_number() OVER (PARTITION BY a.date ORDER BY a.end_time, a.id),
                   t.method_id, t.register_id, a.client_id, a.client_name, a.staff_id, a.id, \(books.owner)::text, \(books.ownerID),
                   a.completed_at
            FROM appointments a JOIN demo_tills t
                ON t.type = CASE a.payment_method WHEN 'card' THEN 'card' WHEN 'Онлайн' THEN 'online' ELSE 'cash' END
            WHERE a.salon_id = \(self.salonID) AND a.status = 'completed' AND a.deleted_at IS NULL AND a.price > 0
              AND a.date BETWEEN \(books.first)::text::date AND \(books.last)::text::date
              AND NOT EXISTS (SELECT 1 FROM operations o WHERE o.appointment_id = a.id AND o.type = 'payment')
            ORDER BY a.date, a.end_time, a.id
            """
        )
    }

    private func refunds(_ books: Books) async throws {
        _ = try await self.unit.query(
            """
            INSERT INTO operations (salon_id, type, amount, category, description, date, document_number, payment_method_id,
                cash_register_id, client_id, client_name, author, created_by, created_at)
            SELECT o.salon_id, 'refund', round(o.amount / (1 + pg_temp.demo_draw(o.id, 23, 2)), 2), 'Повернення', o.description, o.date,
                   o.document_number || '-П', o.payment_method_id, o.cash_register_id, o.client_id, o.client_name, o.author, o.created_by,
                   o.created_at + interval '20 minutes'
            FROM operations o
            WHERE o.salon_id = \(self.salonID) AND o.type = 'payment' AND pg_temp.demo_draw(o.id, 22, 95) = 0
              AND o.date BETWEEN \(books.first)::text::date AND \(books.last)::text::date
            """
        )
    }

    /// What is spent each day, the rent and wages of a month, and what goes from the till to the bank.
    private func expenses(_ books: Books) async throws {
        let (names, amounts) = (DemoContent.expenses.map(\.name), DemoContent.expenses.map { Int64($0.amount) })
        _ = try await self.unit.query(
            """
            WITH day AS (
                SELECT d::date AS date, d::date - date '2020-01-01' AS number
                FROM generate_series(\(books.first)::text::date, \(books.last)::text::date, interval '1 day') AS d),
            spent AS (
                SELECT d.date, 'expense' AS type, e.amount * (60 + pg_temp.demo_draw(d.number * 10 + i, 25, 80)) / 100 AS amount,
                       e.name AS category, '' AS description, 'cash' AS way, interval '11 hours' + i * interval '47 minutes' AS at
                FROM day d CROSS JOIN LATERAL generate_series(1, 4 + pg_temp.demo_draw(d.number, 24, 4)) AS i
                JOIN unnest(\(names)::text[], \(amounts)::int8[]) WITH ORDINALITY AS e (name, amount, place)
                    ON e.place = 1 + pg_temp.demo_draw(d.number * 10 + i, 26, \(Int64(names.count)))
                UNION ALL
                SELECT date, 'expense', 46000, 'Оренда', 'Оренда приміщення', 'online', interval '9 hours' FROM day
                WHERE extract(day FROM date) = 1
                UNION ALL
                SELECT d.date, 'expense', 8000 + 250 * pg_temp.demo_draw(s.id + d.number, 27, 20), 'Заробітна плата',
                       trim(s.first_name || ' ' || s.last_name), 'online', interval '17 hours'
                FROM day d JOIN staff s ON s.salon_id = \(self.salonID) AND s.is_active WHERE extract(day FROM d.date) IN (5, 20)
                UNION ALL
                SELECT date, 'deposit', 2000, 'Розмін', 'Розмін у касу', 'cash', interval '8 hours' FROM day WHERE extract(isodow FROM date) = 1
                UNION ALL
                SELECT date, 'withdrawal', 90000, 'Вилучення', 'Прибуток власника', 'online', interval '18 hours' FROM day
                WHERE extract(isodow FROM date) = 5
                UNION ALL
                SELECT o.date, 'transfer', floor(sum(o.amount) * CASE t.type WHEN 'cash' THEN 0.0102 ELSE 0.0128 END) * 100, 'Інкасація',
                       'Виручка за день', t.type, interval '21 hours'
                FROM operations o JOIN demo_tills t ON t.register_id = o.cash_register_id AND t.type IN ('cash', 'card')
                WHERE o.salon_id = \(self.salonID) AND o.type = 'payment'
                  AND o.date BETWEEN \(books.first)::text::date AND \(books.last)::text::date
                GROUP BY o.date, t.type)
            INSERT INTO operations (salon_id, type, amount, category, description, date, document_number, payment_method_id,
                cash_register_id, to_register_id, author, created_by, created_at)
            SELECT \(self.salonID), s.type, s.amount, s.category, nullif(s.description, ''), s.date,
                   'К-' || to_char(s.date, 'YYMMDD') || '-В' || row_number() OVER (PARTITION BY s.date ORDER BY s.at, s.way, s.description),
                   CASE WHEN s.type <> 'transfer' THEN t.method_id END, t.register_id,
                   CASE WHEN s.type = 'transfer' THEN (SELECT register_id FROM demo_tills WHERE type = 'online') END,
                   \(books.owner)::text, \(books.ownerID), (s.date + s.at) AT TIME ZONE salon.timezone
            FROM spent s JOIN demo_tills t ON t.type = s.way JOIN salons salon ON salon.id = \(self.salonID)
            WHERE s.amount > 0
            ORDER BY s.date, s.at, s.way, s.description
            """
        )
    }

    /// Every sixth client wants it on paper.
    private func receipts(_ books: Books) async throws {
        _ = try await self.unit.query(
            """
            WITH paper AS (
                INSERT INTO documents (salon_id, type, number, date, amount, content_type, services_count, counterparty, status, author,
                    created_by, created_at)
                SELECT o.salon_id, 'receipt', 'Ч' || substr(o.document_number, 2), o.date, o.amount, 'services', 1, o.client_name, 'paid',
                       o.author, o.created_by, o.created_at
                FROM operations o
                WHERE o.salon_id = \(self.salonID) AND o.type = 'payment' AND pg_temp.demo_draw(o.id, 28, 6) = 0
                  AND o.date BETWEEN \(books.first)::text::date AND \(books.last)::text::date
                ORDER BY o.date, o.id
                RETURNING id, salon_id, number)
            INSERT INTO document_items (salon_id, document_id, position, service_id, name, quantity, price)
            SELECT p.salon_id, p.id, 1, a.service_id, a.service_name, 1, a.price
            FROM paper p JOIN operations o ON o.salon_id = p.salon_id AND o.document_number = 'К' || substr(p.number, 2)
            JOIN appointments a ON a.id = o.appointment_id
            """
        )
    }

    /// Each register holds what it was opened with and what its operations did to it.
    func settle(_ books: Books) async throws {
        _ = try await self.unit.query(
            """
            UPDATE cash_registers r SET balance = r.opening_balance + coalesce((
                SELECT sum(register_effect(o.type, o.status, o.deleted_at, o.amount)) FROM operations o
                WHERE o.salon_id = r.salon_id AND o.cash_register_id = r.id), 0) + coalesce((
                SELECT sum(o.amount) FROM operations o
                WHERE o.salon_id = r.salon_id AND o.to_register_id = r.id AND o.type = 'transfer' AND o.status = 'completed'
                  AND o.deleted_at IS NULL), 0)
            WHERE r.salon_id = \(self.salonID)
            """
        )
    }
}
