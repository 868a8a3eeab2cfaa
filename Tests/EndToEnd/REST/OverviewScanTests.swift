import JSON
import Postgres
import REST
import Support
import Testing

@Suite("A salon of years", .inTurn)
struct OverviewScanTests {
    private static let tables = ["appointments", "audit_log", "operations", "stock_movements", "products", "reviews"]

    /// Fills a salon with what years leave behind, so that reading a whole table is the dearest way to a page of it.
    private func fill(_ salon: Salon) async throws {
        let client = salon.deployment.database.client
        let years: [SQL] = [
            """
            INSERT INTO appointments (salon_id, client_name, service_name, date, start_time, end_time, status, price, created_by)
            SELECT \(salon.id), 'Клієнтка ' || n % 3000, 'Стрижка', '2026-12-31'::date - n / 40, '09:00', '10:00', 'completed', 500,
                   \(salon.userID(.admin))
            FROM generate_series(0, 14999) AS n
            """,
            """
            INSERT INTO operations (salon_id, type, amount, date, appointment_id)
            SELECT salon_id, 'payment', 500, date, id FROM appointments WHERE salon_id = \(salon.id)
            """,
            """
            INSERT INTO audit_log (salon_id, user_id, author, entity, entity_id, entity_name, action, details, created_at)
            SELECT a.salon_id, a.created_by, 'Оксана', 'record', a.id, a.client_name, 'updated',
                   '{"status": {"from": "arrived", "to": "completed"}}', a.date + make_interval(mins => n)
            FROM appointments a, generate_series(1, 3) AS n WHERE a.salon_id = \(salon.id)
            """,
            """
            INSERT INTO products (salon_id, name, sku, quantity) SELECT \(salon.id), 'Товар ' || n, 'T-' || n, 1
            FROM generate_series(1, 2000) AS n
            """,
            """
            INSERT INTO stock_movements (salon_id, product_id, type, quantity, change, balance)
            SELECT salon_id, id, 'in', 1, 0, 1 FROM products, generate_series(1, 10) WHERE salon_id = \(salon.id)
            """,
            """
            INSERT INTO reviews (salon_id, client_name, rating, date)
            SELECT \(salon.id), 'Клієнтка', 1 + n % 5, '2026-12-31'::date - n / 10 FROM generate_series(0, 29999) AS n
            """,
        ]
        for statement in years { _ = try await client.query(statement) }
        for table in Self.tables { _ = try await client.query(SQL(unescaped: "VACUUM ANALYZE \(table)")) }
    }

    /// How often each table was read from one end to the other.
    private func scans(_ database: Database) async throws -> [String: Int64] {
        let rows = try await database.client.query(
            "SELECT relname::text AS name, seq_scan FROM pg_stat_user_tables WHERE relname = ANY(\(Self.tables)::text[])"
        )
        return try rows.reduce(into: [:]) { try $0[$1.get("name")] = $1.get("seq_scan", as: Int64.self) }
    }

    @Test("a page of a list reads no large table from one end to the other")
    func pages() async throws {
        let deployment = try await Deployment.start(nodes: 1)
        let database = deployment.database
        let salon = try await Salon.make(on: deployment)
        let desk = try await salon.login(.admin)
        try await self.fill(salon)
        try await deployment.stop()
        let visit: Int64 = try await database.value("SELECT max(id) FROM appointments")
        let product: Int64 = try await database.value("SELECT max(id) FROM products")
        let settings = Deployment.settings(database: database.url, redis: try await blocking { try PrivateRedis.sharedURL() })
        for path in [
            "/overview/records?limit=50", "/overview/records?limit=50&offset=5000",
            "/overview/records?dateFrom=2026-12-01&limit=50",
            "/overview/records?dateFrom=2026-12-01&paymentStatus=paid&limit=50", "/overview/changes?limit=50",
            "/overview/changes?dateFrom=2026-12-01&limit=50", "/overview/changes?entity=record&entityId=\(visit)&limit=50",
            "/overview/reviews?dateFrom=2026-12-01&limit=50", "/inventory/products?search=T-77&limit=50",
            "/inventory/products/\(product)/history?limit=5",
        ] {
            let before = try await self.scans(database)
            let node = try await Node.start(settings)
            for _ in 0..<7 { try await desk.at(node).get(path).expect(200) }
            // Its connections have counted what they did when they are gone.
            node.terminate()
            _ = try await node.exit(within: .seconds(30))
            try await poll("the node's connections are gone") {
                let others: Int64 = try await database.value(
                    """
                    SELECT count(*) FROM pg_stat_activity
                    WHERE datname = current_database() AND backend_type = 'client backend' AND application_name <> 'tests'
                    """
                )
                return others == 0 ? () : nil
            }
            #expect(try await self.scans(database) == before, "\(path)")
        }
    }
}
