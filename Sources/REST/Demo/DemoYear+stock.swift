import Outbox
import Postgres

/// The shelves of a year: what was bought at the beginning of each month, and what was sold or used up. What is there is
/// always the sum of its movements, and never below nothing: a month's purchase is what the month takes.
extension DemoYear {
    func moveStock(_ books: Books) async throws {
        try await self.products()
        try await self.sales(books)
        try await self.movements(books)
        try await self.purchases(books)
        try await self.shelve(books)
    }

    private func products() async throws {
        let list = DemoContent.products
        let (names, categories, units) = (list.map(\.name), list.map(\.category), list.map(\.unit))
        _ = try await self.unit.query(
            """
            INSERT INTO products (salon_id, name, sku, category, unit, price, cost_price, min_quantity)
            SELECT \(self.salonID), p.name, 'ADL-' || lpad(p.place::text, 4, '0'), p.category, p.unit, p.price, round(p.price * 0.58, 2),
                   CASE p.category WHEN 'retail' THEN 3 WHEN 'equipment' THEN 0 WHEN 'consumables' THEN 50
                                   ELSE CASE WHEN p.unit = 'ml' THEN 100 WHEN p.unit IN ('l', 'kg') THEN 0.5 ELSE 4 END END
            FROM unnest(\(names)::text[], \(categories)::text[], \(units)::text[], \(list.map { Int64($0.price) })::int8[])
                WITH ORDINALITY AS p (name, category, unit, price, place)
            WHERE NOT EXISTS (SELECT 1 FROM products WHERE salon_id = \(self.salonID))
            ORDER BY p.place
            """
        )
    }

    private func sales(_ books: Books) async throws {
        _ = try await self.unit.query(
            """
            CREATE TEMP TABLE demo_sales ON COMMIT DROP AS
            WITH ware AS (
                SELECT id, name, price, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS total
                FROM products WHERE salon_id = \(self.salonID)::int8 AND category = 'retail' AND deleted_at IS NULL),
            guest AS (
                SELECT date, client_id, client_name, row_number() OVER (PARTITION BY date ORDER BY start_time, id) AS place
                FROM appointments WHERE salon_id = \(self.salonID)::int8 AND status = 'completed')
            SELECT d::date AS date, 'К-' || to_char(d, 'YYMMDD') || '-Т' || i AS document_number, w.id AS product_id, w.name,
                   w.price, (1 + (pg_temp.demo_draw(key, 42, 8) = 0)::int)::numeric AS quantity, g.client_id,
                   coalesce(g.client_name, '') AS client_name,
                   (ARRAY['cash', 'card', 'online'])[1 + pg_temp.demo_draw(key, 43, 2)] AS way,
                   (d::date + interval '10 hours' + i * interval '33 minutes') AT TIME ZONE salon.timezone AS at
            FROM salons salon
            CROSS JOIN generate_series(\(books.first)::text::date, \(books.last)::text::date, interval '1 day') AS d
            CROSS JOIN LATERAL generate_series(1, 13 + pg_temp.demo_draw(d::date - date '2020-01-01', 41, 6)) AS i
            CROSS JOIN LATERAL (SELECT (d::date - date '2020-01-01') * 100 + i AS key) AS keys
            JOIN ware w ON w.place = pg_temp.demo_draw(key, 44, w.total)
            LEFT JOIN guest g ON g.date = d::date AND g.place = 2 * i
            WHERE salon.id = \(self.salonID)::int8
            """
        )
        _ = try await self.unit.query(
            """
            INSERT INTO operations (salon_id, type, amount, category, description, date, document_number, payment_method_id,
                cash_register_id, client_id, client_name, author, created_by, created_at)
            SELECT \(self.salonID), 'income', s.price * s.quantity, 'Продаж товарів', s.name, s.date, s.document_number, t.method_id,
                   t.register_id, s.client_id, s.client_name, \(books.owner)::text, \(books.ownerID), s.at
            FROM demo_sales s JOIN demo_tills t ON t.type = s.way ORDER BY s.at
            """
        )
    }

    /// What moves, before it is written: sales, what work takes, the purchases of each month, and what was there at first.
    private func movements(_ books: Books) async throws {
        _ = try await self.unit.query(
            """
            CREATE TEMP TABLE demo_moves ON COMMIT DROP AS
            WITH ware AS (
                SELECT p.*, salon.timezone, row_number() OVER (ORDER BY p.id) - 1 AS place,
                       NOT EXISTS (SELECT 1 FROM stock_movements m WHERE m.product_id = p.id) AS is_new
                FROM products p JOIN salons salon ON salon.id = p.salon_id
                WHERE p.salon_id = \(self.salonID)::int8 AND p.deleted_at IS NULL),
            taken AS (
                SELECT product_id, date, at, quantity, 'Продаж' AS reason, document_number FROM demo_sales
                UNION ALL
                SELECT w.id, d::date, (d::date + interval '20 hours') AT TIME ZONE w.timezone,
                       (1 + pg_temp.demo_draw(w.id + number, 46, 3)) * CASE WHEN w.unit IN ('l', 'kg') THEN 0.05
                           WHEN w.unit = 'ml' THEN 15 WHEN w.category = 'consumables' THEN 9 ELSE 1 END,
                       'Використано в роботі', NULL
                FROM ware w CROSS JOIN generate_series(\(books.first)::text::date, \(books.last)::text::date, interval '1 day') AS d
                CROSS JOIN LATERAL (SELECT (d::date - date '2020-01-01') * 1000 AS number) AS days
                WHERE w.category IN ('professional', 'consumables') AND pg_temp.demo_draw(w.id + number, 45, 5) = 0),
            bought AS (
                SELECT t.product_id, greatest(date_trunc('month', t.date)::date, \(books.first)::text::date) AS date,
                       sum(t.quantity) AS quantity
                FROM taken t GROUP BY 1, 2)
            SELECT 'out' AS type, product_id, at, quantity, reason, document_number, NULL::bigint AS document_id FROM taken
            UNION ALL
            SELECT 'in', w.id, (b.date + interval '8 hours') AT TIME ZONE w.timezone, b.quantity, 'Закупівля',
                   'ПН-' || to_char(b.date, 'YYMMDD') || '-' || (1 + w.place % 3), NULL
            FROM bought b JOIN ware w ON w.id = b.product_id
            UNION ALL
            SELECT 'in', w.id, (\(books.first)::text::date + interval '7 hours') AT TIME ZONE w.timezone, r.quantity, 'Початковий залишок',
                   NULL, NULL
            FROM ware w CROSS JOIN LATERAL (
                SELECT CASE WHEN w.place % 11 = 4 THEN 0 WHEN w.place % 6 = 2 THEN w.min_quantity
                            ELSE w.min_quantity * 2 + 2 + pg_temp.demo_draw(w.id, 47, 9) END AS quantity) AS r
            WHERE w.is_new AND r.quantity > 0
            """
        )
    }

    /// A document for each supplier and month, and the money for it.
    private func purchases(_ books: Books) async throws {
        let suppliers = DemoContent.suppliers
        _ = try await self.unit.query(
            """
            INSERT INTO documents (salon_id, type, number, date, amount, content_type, products_count, counterparty, status,
                author, created_by, created_at)
            SELECT \(self.salonID), 'expense', m.document_number, min(m.at)::date, sum(round(m.quantity * p.cost_price, 2)), 'products',
                   count(*), (\(suppliers)::text[])[right(m.document_number, 1)::int], 'paid', \(books.owner)::text, \(books.ownerID),
                   min(m.at)
            FROM demo_moves m JOIN products p ON p.id = m.product_id
            WHERE m.reason = 'Закупівля' GROUP BY m.document_number ORDER BY min(m.at), m.document_number
            """
        )
        _ = try await self.unit.query(
            """
            UPDATE demo_moves m SET document_id = d.id FROM documents d
            WHERE m.reason = 'Закупівля' AND d.salon_id = \(self.salonID) AND d.number = m.document_number AND d.type = 'expense'
            """
        )
        _ = try await self.unit.query(
            """
            INSERT INTO document_items (salon_id, document_id, position, product_id, name, quantity, price)
            SELECT p.salon_id, m.document_id, row_number() OVER (PARTITION BY m.document_id ORDER BY p.id), p.id, p.name, m.quantity, p.cost_price
            FROM demo_moves m JOIN products p ON p.id = m.product_id WHERE m.document_id IS NOT NULL
            """
        )
        _ = try await self.unit.query(
            """
            INSERT INTO operations (salon_id, type, amount, category, date, document_number, payment_method_id, cash_register_id,
                client_name, author, created_by, created_at)
            SELECT d.salon_id, 'expense', d.amount, 'Закупівля товарів', d.date, d.number, t.method_id, t.register_id, d.counterparty, d.author,
                   d.created_by, d.created_at
            FROM documents d JOIN demo_tills t ON t.type = 'online'
            WHERE d.id IN (SELECT document_id FROM demo_moves) AND d.amount > 0 ORDER BY d.id
            """
        )
    }

    private func shelve(_ books: Books) async throws {
        _ = try await self.unit.query(
            """
            INSERT INTO stock_movements (salon_id, product_id, type, quantity, change, balance, reason, document_number, document_id, author,
                created_by, created_at)
            SELECT p.salon_id, m.product_id, m.type, m.quantity, c.change,
                   p.quantity + sum(c.change) OVER (PARTITION BY m.product_id ORDER BY m.at, m.type, m.document_number
                       ROWS UNBOUNDED PRECEDING),
                   m.reason, m.document_number, m.document_id, \(books.owner)::text, \(books.ownerID), m.at
            FROM demo_moves m JOIN products p ON p.id = m.product_id
            CROSS JOIN LATERAL (SELECT CASE m.type WHEN 'in' THEN m.quantity ELSE -m.quantity END AS change) AS c
            ORDER BY m.at, m.type, m.document_number
            """
        )
        _ = try await self.unit.query(
            """
            UPDATE products p SET quantity = p.quantity + moved.change, last_restock_date = coalesce(moved.restocked, p.last_restock_date)
            FROM (SELECT product_id, sum(CASE type WHEN 'in' THEN quantity ELSE -quantity END) AS change,
                         max(at) FILTER (WHERE type = 'in')::date AS restocked
                  FROM demo_moves GROUP BY product_id) AS moved
            WHERE p.id = moved.product_id
            """
        )
    }
}
