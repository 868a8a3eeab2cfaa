import Postgres
import REST
import Support
import Testing

@Suite("Demo data", .inTurn)
struct DemoTests {
    @Test("it is made, and filled up by every further run; a salon of somebody's own is refused by a status of its own")
    func refusal() async throws {
        let database = try await Database.fresh()
        let settings = Deployment.settings(database: database.url, redis: "redis://127.0.0.1:1/0")
        for _ in 0..<2 {
            let made = try await Node.run(["demo", "--week"], settings)
            #expect(made.exit == .status(0), "\(made.output)")
        }
        _ = try await database.value("INSERT INTO salons (name) VALUES ('Салон') RETURNING id", as: Int64.self)
        let refused = try await Node.run(["demo"], settings)
        #expect(refused.exit == .status(3))
        let lines = refused.output.split(separator: "\n")
        #expect(lines.count == 1, "\(refused.output)")
        #expect(lines.first?.hasPrefix("adelante: the database has a salon") == true, "\(refused.output)")
    }

    @Test(
        "a year of it is one salon's whole life: its people, money and stock, all adding up, and a further run adds nothing twice"
    )
    func year() async throws {
        let database = try await Database.fresh()
        let settings = Deployment.settings(database: database.url, redis: "redis://127.0.0.1:1/0")
        // A week of it grows into a year.
        for arguments in [["demo", "--week"], ["demo"], ["demo"]] {
            let made = try await Node.run(arguments, settings)
            #expect(made.exit == .status(0), "\(made.output)")
        }
        let salon: SQL = "(SELECT min(id) FROM salons)"
        for (table, least) in [
            ("staff", 10), ("services", 40), ("clients", 3_000), ("appointments", 15_000), ("operations", 19_500),
            ("products", 40),
            ("stock_movements", 5_000), ("documents", 1_000), ("reviews", 300),
        ] {
            let count: Int64 = try await database.value("SELECT count(*) FROM \(SQL(unescaped: table)) WHERE salon_id = \(salon)")
            #expect(count >= Int64(least), "\(table)")
        }
        let astray: Int64 = try await database.value(Self.registersAstray)
        #expect(astray == 0, "a register holds something else than its operations say")
        let miscounted: Int64 = try await database.value(Self.stockAstray)
        #expect(miscounted == 0, "a product's stock is not what its movements say")
        let unpaid: Int64 = try await database.value(
            """
            SELECT count(*) FROM appointments a WHERE a.salon_id = \(salon) AND a.status = 'completed'
              AND 1 <> (SELECT count(*) FROM operations o WHERE o.appointment_id = a.id AND o.type = 'payment' AND o.amount = a.price)
            """
        )
        #expect(unpaid == 0, "a completed visit is paid for once")
        let outside: Int64 = try await database.value(Self.visitsOutsideHours)
        #expect(outside == 0, "a visit is outside its master's hours")
        let today: Int64 = try await database.value(
            "SELECT count(*) FROM appointments WHERE salon_id = \(salon) AND date = (now() AT TIME ZONE 'Europe/Kyiv')::date"
        )
        #expect((10...70).contains(today), "today fits on a page: \(today)")
    }

    private static let registersAstray: SQL = """
        SELECT count(*) FROM cash_registers r WHERE balance <> opening_balance
            + coalesce((SELECT sum(register_effect(o.type, o.status, o.deleted_at, o.amount)) FROM operations o
                WHERE o.cash_register_id = r.id), 0)
            + coalesce((SELECT sum(o.amount) FROM operations o WHERE o.to_register_id = r.id AND o.type = 'transfer'), 0)
            OR balance < 0
        """

    private static let stockAstray: SQL = """
        SELECT count(*) FROM products p WHERE quantity
            <> coalesce((SELECT sum(m.change) FROM stock_movements m WHERE m.product_id = p.id), 0)
            OR quantity <> coalesce((SELECT m.balance FROM stock_movements m WHERE m.product_id = p.id ORDER BY m.id DESC LIMIT 1), 0)
        """

    private static let visitsOutsideHours: SQL = """
        SELECT count(*) FROM appointments a JOIN staff s ON s.id = a.staff_id
        CROSS JOIN LATERAL (
            SELECT s.schedule -> (ARRAY['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])[extract(isodow FROM a.date)::int] AS hours) AS day
        WHERE NOT coalesce((hours ->> 'enabled')::bool, false)
           OR a.start_time < (hours ->> 'from')::time OR a.end_time > (hours ->> 'to')::time
        """
}
