import JSON
import REST
import Support
import Testing

@Suite("Finances: the dashboard", .inTurn)
struct FinancesDashboardTests {
    @Test("revenue is payments and income less refunds, expenses are expenses, and nothing else counts")
    func sums() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let path = "/finances/operations"
        for (type, amount, day, more) in [
            ("income", "99.95", "03", [:]), ("refund", "0.05", "03", [:]), ("expense", "300", "05", ["category": "Оренда"]),
            ("expense", "20.5", "06", [:]), ("expense", "9.5", "06", ["category": "Оренда"]), ("deposit", "5000", "03", [:]),
            ("transfer", "5000", "03", [:]), ("withdrawal", "5000", "03", [:]), ("payment", "5000", "03", ["status": "pending"]),
            ("payment", "5000", "03", ["status": "cancelled"]), ("payment", "100", "31", ["paymentMethod": "Картка"]),
        ] as [(String, String, String, JSONObject)] {
            let body: JSONObject = [
                "type": .string(type), "amount": try JSONValue(parsing: amount), "date": .string("2026-05-\(day)"),
            ]
            try await desk.post(path, .object(body.merging(more))).expect(201)
        }
        for date in ["2026-04-30", "2026-06-01"] {
            try await desk.post(path, ["type": "payment", "amount": 5_000, "date": .string(date)]).expect(201)
        }
        try await desk.book(
            salon.visit(9, date: "2026-05-01", ["service": "Фарбування, Стрижка", "price": 800, "status": "completed"])
        )
        try await desk.book(salon.visit(12, date: "2026-05-03", ["price": 500, "status": "completed"]))
        try await desk.book(salon.visit(15, date: "2026-05-03", ["price": 500]))
        let other = try await Salon.make(on: salon.deployment)
        try await other.login(.admin).post(path, ["type": "payment", "amount": 1, "date": "2026-05-03"]).expect(201)

        let answer = try await desk.get("/finances/dashboard?dateFrom=2026-05-01&dateTo=2026-05-31").expect(200).json
        let errors = try SchemaChecker(files: try ProtocolFiles.shared.get()).errors(
            in: answer,
            against: "schemas/finance.yaml#/$defs/Dashboard"
        )
        #expect(errors == [])
        for (name, text) in [
            ("totalRevenue", "1499.9"), ("totalExpenses", "330"), ("netIncome", "1169.9"), ("profit", "1169.9"),
            ("profitMargin", "78"),
        ] {
            #expect(answer[name]?.number?.text == text, "\(name)")
        }
        let days = try #require(answer["revenueByDay"]?.array)
        #expect(days.count == 31 && days.first?["date"] == "2026-05-01" && days.last?["date"] == "2026-05-31")
        let busy = days.filter { $0["amount"] != 0 }.map { "\($0["date"]?.string ?? "") \($0["amount"]?.number?.text ?? "")" }
        #expect(busy == ["2026-05-01 800", "2026-05-03 599.9", "2026-05-31 100"])
        #expect(
            answer["expensesByCategory"] == [
                ["category": "Оренда", "amount": try JSONValue(parsing: "309.5")],
                ["category": "other", "amount": try JSONValue(parsing: "20.5")],
            ]
        )
        let split = try #require(answer["paymentMethodsSplit"]?.array)
        #expect(split.map { $0["method"] } == ["Готівка", "Картка", ""])
        #expect(split.map { $0["amount"]?.number?.text } == ["1300", "100", "99.9"])
        #expect(split.map { $0["count"] } == [2, 1, 2] && split[0]["type"] == "cash")
        let services = try #require(answer["topServices"]?.array)
        #expect(
            services.map { $0["name"] } == ["Стрижка", "Фарбування"]
                && services.map { $0["service"] } == services.map { $0["name"] }
        )
        #expect(services.map { $0["revenue"] } == [700, 600] && services.map { $0["count"] } == [2, 1])
    }

    @Test("a visit completed before there were operations counts as it does in reports, until it has one")
    func visitsOfBefore() async throws {
        let (salon, desk) = try await Salon.withDesk()
        for (day, price) in [("2026-05-01", "800.5"), ("2026-05-03", "0"), ("2026-06-01", "70")] {
            try await salon.deployment.database.client.query(
                """
                INSERT INTO appointments (salon_id, client_name, staff_id, date, start_time, end_time, status, price, payment_method,
                    precedes_operations)
                VALUES (\(salon.id), 'Олена', \(salon.olha), \(day), '10:00', '11:00', 'completed', \(price)::numeric, 'card', true)
                """
            )
        }
        try await desk.post("/finances/operations", ["type": "income", "amount": 30, "date": "2026-05-01"]).expect(201)
        let days = "dateFrom=2026-05-01&dateTo=2026-05-31"
        let dashboard = try await desk.get("/finances/dashboard?\(days)").expect(200).json
        let report = try await desk.get("/reports/revenue?\(days)").expect(200).json
        #expect(dashboard["totalRevenue"]?.number?.text == "830.5" && dashboard["netIncome"] == dashboard["totalRevenue"])
        #expect(dashboard["totalRevenue"] == report["totalRevenue"])
        #expect(dashboard["revenueByDay"]?.array?.filter { $0["amount"] != 0 } == report["revenueByDay"]?.array)
        let split = try #require(dashboard["paymentMethodsSplit"]?.array)
        #expect(split.count == 1 && split[0]["method"] == "" && split[0]["count"] == 2 && split[0]["percentage"] == 100)

        // A payment that somebody writes down for it stands in its place.
        try await salon.deployment.database.client.query(
            """
            INSERT INTO operations (salon_id, type, amount, date, appointment_id)
            SELECT a.salon_id, 'payment', 800.5, '2026-05-02', a.id FROM appointments a
            WHERE a.salon_id = \(salon.id) AND a.date = '2026-05-01'
            """
        )
        // Another period, since nobody is told of it: the answer to the first is kept for a moment.
        let paid = try await desk.get("/finances/dashboard?dateFrom=2026-05-01&dateTo=2026-05-30").expect(200).json
        #expect(paid["totalRevenue"] == dashboard["totalRevenue"])
        #expect(paid["revenueByDay"]?.array?.prefix(2).map { $0["amount"]?.number?.text } == ["30", "800.5"])
    }

    @Test("a period is the present month by default, has both its ends, and must not end before it begins")
    func periods() async throws {
        let (salon, desk) = try await Salon.withDesk()
        func period(_ query: String) async throws -> [JSONValue?] {
            let answer = try await desk.get("/finances/dashboard?\(query)").expect(200).json
            return [answer["dateFrom"], answer["dateTo"], JSONValue(Int64(answer["revenueByDay"]?.array?.count ?? -1))]
        }
        let month: [String] = try await salon.deployment.database.value(
            """
            SELECT ARRAY[first::text, (first + interval '1 month - 1 day')::date::text]
            FROM (SELECT date_trunc('month', now() AT TIME ZONE 'Europe/Kyiv')::date AS first) AS month
            """
        )
        #expect(try await period("").prefix(2) == month.map { .string($0) }[...])
        #expect(try await period("dateFrom=2024-02-10") == ["2024-02-10", "2024-02-29", 20])
        #expect(try await period("dateTo=2024-2-10") == ["2024-02-01", "2024-02-10", 10])
        #expect(try await period("dateFrom=2024-02-10&dateTo=2024-02-10") == ["2024-02-10", "2024-02-10", 1])
        #expect(try await period("dateFrom=2024-01-01&dateTo=2024-12-31")[2] == 366)
        try await desk.post("/finances/operations", ["type": "payment", "amount": 1, "date": "2024-03-01"]).expect(201)
        #expect(try await period("dateFrom=2023-12-31&dateTo=2024-12-31")[2] == 1)
        for query in ["dateFrom=2024-02-10&dateTo=2024-02-09", "dateFrom=2014-02-10&dateTo=2025-01-01", "dateTo=x"] {
            try await desk.get("/finances/dashboard?\(query)").expectError(422, "VALIDATION_ERROR", fields: ["dateTo"])
        }
    }
}
