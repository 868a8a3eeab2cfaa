import Foundation
import JSON
import Support
import Testing

@Suite("Query plans", .alone)
struct QueryPlanTests {
    /// What people look at all day, and what adds a year up.
    private struct Route {
        let title: String
        let path: String
    }

    /// Each is asked so often that a prepared statement has its plan for good, too.
    private static let runs = 8

    private static func routes(today: String, monthStart: String, appointment: Int64, client: Int64, product: Int64) -> [Route] {
        let month = "dateFrom=\(monthStart)&dateTo=\(today)"
        return [
            Route(title: "a day's appointments", path: "/appointments?dateFrom=\(today)&dateTo=\(today)"),
            Route(title: "a day's appointments of one master", path: "/appointments?date=\(today)&staffId=1"),
            Route(title: "a month's appointments", path: "/appointments?\(month)"),
            Route(title: "a client's appointments", path: "/appointments?clientId=\(client)"),
            Route(title: "one appointment", path: "/appointments/\(appointment)"),
            Route(title: "the calendar's frame", path: "/appointments/calendar"),
            Route(title: "clients by a part of a name", path: "/clients?search=%D0%BE%D0%BB%D0%B5%D0%BD&page=1&perPage=25"),
            Route(title: "clients by a part of a phone", path: "/clients?search=0671&page=1&perPage=25"),
            Route(title: "clients, page 1", path: "/clients?page=1&perPage=25"),
            Route(title: "one client", path: "/clients/\(client)"),
            Route(title: "the price list", path: "/services"),
            Route(title: "the staff", path: "/staff"),
            Route(title: "notifications, page 1", path: "/notifications?page=1&perPage=20"),
            Route(title: "products", path: "/inventory/products"),
            Route(
                title: "products by a part of a name",
                path: "/inventory/products?search=%D1%88%D0%B0%D0%BC%D0%BF&page=1&perPage=25"
            ),
            Route(title: "a product's movements", path: "/inventory/products/\(product)/history?page=1&perPage=50"),
            Route(title: "a month's operations", path: "/finances/operations?\(month)&page=1&perPage=50"),
            Route(
                title: "operations by a part of a word",
                path: "/finances/operations?search=%D0%BC%D0%B5%D0%BB%D1%8C&page=1&perPage=50"
            ),
            Route(title: "a month's documents", path: "/finances/documents?\(month)&page=1&perPage=50"),
            Route(title: "dashboard of a month", path: "/finances/dashboard?\(month)"),
            Route(title: "revenue of a month", path: "/reports/revenue?\(month)"),
            Route(title: "the staff's month", path: "/reports/staff-performance?\(month)"),
            Route(title: "records, page 1", path: "/overview/records?limit=25"),
            Route(title: "changes, page 1", path: "/overview/changes?limit=25"),
            Route(title: "the services' month", path: "/reports/services-popularity?\(month)"),
        ]
    }

    @Test("no hot route reads a large table from end to end, with a year of six salons in the database")
    func indexes() async throws {
        let server = try await ExplainedServer.start()
        for table in ["appointments", "appointment_lines", "clients", "operations", "stock_movements", "audit_log"] {
            #expect(server.largeTables.contains(table), "\(table) is small: nothing would be shown")
        }
        let desk = try await self.login(server.node)
        let today: String = try await server.database.value("SELECT (now() AT TIME ZONE 'Europe/Kyiv')::date::text")
        let routes = Self.routes(
            today: today,
            monthStart: try await server.database.value("SELECT ((now() AT TIME ZONE 'Europe/Kyiv')::date - 30)::text"),
            appointment: try await server.database.value(
                "SELECT max(id) FROM appointments WHERE salon_id = 1 AND status = 'completed'"
            ),
            client: try await server.database.value("SELECT min(id) FROM clients WHERE salon_id = 1"),
            product: try await server.database.value("SELECT min(id) FROM products WHERE salon_id = 1")
        )
        try await self.expectScansToBeSeen(server)
        var document = PlanDocument()
        for route in routes {
            let plans = try await server.plans {
                for _ in 0..<Self.runs {
                    try await server.node.http.request(
                        "GET",
                        "/api/v1\(route.path)",
                        headers: [("Authorization", "Bearer \(desk)")]
                    ).expect(200)
                }
            }
            #expect(plans.count >= Self.runs, "\(route.title): what it asks was not seen")
            for plan in plans {
                let scanned = plan.scannedTables.intersection(server.largeTables)
                #expect(
                    scanned.isEmpty,
                    "\(route.title): \(scanned.sorted()) from end to end by \(plan.statement)\n\(plan.summary)"
                )
            }
            document.add(route.title, path: route.path, plans, runs: Self.runs)
        }
        try document.writeIfWanted()
        server.node.terminate()
        try await blocking { try server.postgres.remove() }
    }

    private func expectScansToBeSeen(_ server: ExplainedServer) async throws {
        let plans = try await server.plans {
            try await blocking {
                let statement = "SELECT count(*) FROM appointments WHERE notes = 'nothing'"
                try Shell.run(["psql", "--no-psqlrc", "--quiet", "--dbname", server.url, "--command", statement])
            }
        }
        #expect(plans.contains { $0.scannedTables == ["appointments"] })
    }

    private func login(_ node: Node) async throws -> String {
        let answer = try await node.http.request(
            "POST",
            "/api/v1/auth/login",
            json: ["email": "owner@demo.adelante", "password": "adelante-demo"]
        ).expect(200)
        return answer["access_token"].string ?? ""
    }
}
