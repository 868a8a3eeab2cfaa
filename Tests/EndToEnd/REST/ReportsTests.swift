import JSON
import Postgres
import REST
import Support
import Testing

@Suite("Reports", .inTurn)
struct ReportsTests {
    private static func report(_ desk: Desk, _ name: String, _ query: String) async throws -> JSONValue {
        let schemas = [
            "revenue": "Revenue", "staff-performance": "StaffPerformance", "services-popularity": "ServicePopularity",
        ]
        let answer = try await desk.get("/reports/\(name)?\(query)").expect(200).json
        let checker = SchemaChecker(files: try ProtocolFiles.shared.get())
        for value in answer.array ?? [answer] {
            #expect(try checker.errors(in: value, against: "schemas/report.yaml#/$defs/\(schemas[name] ?? "")") == [])
        }
        return answer
    }

    private static func row(_ report: JSONValue, _ field: String, _ id: Int64) throws -> JSONValue {
        try #require(report.array?.first { $0[field] == .string("\(id)") })
    }

    /// A salon with visits of two members in May 2026, and one of June.
    private static func scene() async throws -> (salon: Salon, desk: Desk) {
        let (salon, desk) = try await Salon.withDesk(.manager)
        let visits: [(date: String, hour: Int, service: String, price: Int64?, status: String, staff: Int64?)] = [
            ("2026-05-04", 9, "Стрижка", 500, "completed", salon.olha),
            ("2026-05-04", 11, "Стрижка, Фарбування", 2_400, "completed", salon.olha),
            ("2026-05-12", 9, "Фарбування", 1_500, "completed", salon.iryna),
            ("2026-05-12", 12, "Стрижка", 500, "scheduled", salon.iryna),
            ("2026-05-13", 9, "Стрижка", 500, "cancelled", salon.iryna),
            ("2026-05-13", 9, "щось своє", 70, "completed", nil),
            ("2026-06-01", 9, "Стрижка", 500, "completed", salon.olha),
        ]
        for visit in visits {
            try await desk.book(
                salon.visit(
                    visit.hour,
                    date: visit.date,
                    [
                        "service": .string(visit.service), "price": JSONValue(visit.price), "status": .string(visit.status),
                        "staffId": JSONValue(visit.staff),
                    ]
                )
            )
        }
        return (salon, desk)
    }

    @Test("what the salon took, by day, service, member, and by week and month")
    func revenue() async throws {
        let (salon, desk) = try await Self.scene()
        try await salon.deployment.database.client.query(
            """
            INSERT INTO operations (salon_id, type, status, amount, date, staff_id)
            SELECT \(salon.id), type, status, amount, '2026-05-12', CASE type WHEN 'income' THEN \(salon.iryna)::int8 END
            FROM (VALUES ('income', 'completed', 30.5), ('refund', 'completed', 100), ('income', 'pending', 9),
                         ('expense', 'completed', 9), ('deposit', 'completed', 9)) AS o (type, status, amount)
            """
        )
        let report = try await Self.report(desk, "revenue", "dateFrom=2026-05-01&dateTo=2026-05-31")
        #expect(report["totalRevenue"]?.number?.text == "4400.5")
        #expect(
            report["revenueByDay"] == [
                ["date": "2026-05-04", "amount": 2_900], ["date": "2026-05-12", "amount": try JSONValue(parsing: "1430.5")],
                ["date": "2026-05-13", "amount": 70],
            ]
        )
        #expect(
            report["revenueByService"] == [
                ["service": "Фарбування", "serviceId": .string("\(salon.colouring)"), "amount": 3_300],
                ["service": "Стрижка", "serviceId": .string("\(salon.haircut)"), "amount": 1_100],
                ["service": "щось своє", "amount": 70],
            ]
        )
        #expect(
            report["revenueByStaff"] == [
                ["staff": "Ольга Коваль", "staffId": .string("\(salon.olha)"), "amount": 2_900],
                [
                    "staff": "Ірина Коваль", "staffId": .string("\(salon.iryna)"), "amount": try JSONValue(parsing: "1530.5"),
                ],
            ]
        )
        #expect(report["data"]?.array?.count == 31)
        #expect(report["data"]?[3] == ["date": "2026-05-04", "revenue": 2_900, "appointments": 2, "averageCheck": 1_450])
        #expect(report["data"]?[4] == ["date": "2026-05-05", "revenue": 0, "appointments": 0, "averageCheck": 0])
        let average = try JSONValue(parsing: "1100.13")
        #expect(report["totals"] == ["revenue": try JSONValue(parsing: "4400.5"), "appointments": 4, "averageCheck": average])
        let weeks = try await Self.report(desk, "revenue", "dateFrom=2026-05-01&dateTo=2026-05-31&groupBy=week")
        #expect(
            weeks["data"]?.array?.compactMap { $0["date"]?.string } == [
                "2026-04-27", "2026-05-04", "2026-05-11", "2026-05-18", "2026-05-25",
            ]
        )
        #expect(weeks["data"]?[1]?["revenue"] == 2_900 && weeks["totalRevenue"] == report["totalRevenue"])
        let months = try await Self.report(desk, "revenue", "dateFrom=2026-05-12&dateTo=2026-06-30&grouping=month")
        #expect(months["data"]?.array?.compactMap { $0["date"]?.string } == ["2026-05-01", "2026-06-01"])
        #expect(months["data"]?[1] == ["date": "2026-06-01", "revenue": 500, "appointments": 1, "averageCheck": 500])
    }

    @Test("a member or a service alone: their own part of it, and nothing of another salon's")
    func filters() async throws {
        let (salon, desk) = try await Self.scene()
        let days = "dateFrom=2026-05-01&dateTo=2026-05-31"
        let olha = try await Self.report(desk, "revenue", "\(days)&staffId=\(salon.olha)")
        #expect(olha["totalRevenue"] == 2_900 && olha["revenueByStaff"]?.array?.count == 1)
        #expect(olha["revenueByService"]?.array?.compactMap { $0["amount"]?.int } == [1_800, 1_100])
        let cut = try await Self.report(desk, "revenue", "\(days)&serviceId=\(salon.haircut)")
        #expect(cut["totalRevenue"] == 1_100 && cut["totals"]?["appointments"] == 2)
        #expect(cut["revenueByStaff"]?[0]?["amount"] == 1_100)
        let both = try await Self.report(desk, "revenue", "\(days)&serviceId=\(salon.haircut)&staffId=\(salon.iryna)")
        #expect(both["totalRevenue"] == 0 && both["revenueByDay"] == [])
        let one = try await Self.report(desk, "staff-performance", "\(days)&staffId=\(salon.iryna)&serviceId=\(salon.haircut)")
        #expect(one.array?.count == 1 && one[0]?["totalAppointments"] == 1 && one[0]?["totalRevenue"] == 0)
        let popular = try await Self.report(
            desk,
            "services-popularity",
            "\(days)&staffId=\(salon.olha)&serviceId=\(salon.haircut)"
        )
        #expect(popular.array?.count == 1 && popular[0]?["totalBookings"] == 2)
        let (other, owner) = try await Salon.withDesk()
        let foreign = try await Self.report(owner, "revenue", "\(days)&staffId=\(salon.olha)")
        #expect(foreign["totalRevenue"] == 0)
        #expect(try await Self.report(owner, "staff-performance", "\(days)&staffId=\(salon.olha)") == [])
        #expect(try await Self.report(owner, "services-popularity", days).array?.count == 2)
        #expect(try await Self.report(owner, "staff-performance", days).array?.count == 2, "\(other.id)")
    }

    @Test("occupancy is booked time of working time: of the member's week, days off, breaks, else the salon's hours")
    func performance() async throws {
        let (salon, desk) = try await Self.scene()
        let database = salon.deployment.database
        let admin = try await salon.login(.admin)
        // Monday 2026-05-04 alone: 9 to 14 with a break of an hour is 4 hours, of which the two visits took 2.
        let week: JSONValue = [
            "mon": ["enabled": true, "from": "09:00", "to": "14:00", "breaks": [["from": "13:00", "to": "14:00"]]]
        ]
        let off: JSONValue = ["date": "2026-05-11", "type": "vacation"]
        try await admin.post("/staff/\(salon.olha)/schedule", ["work_days": week, "exceptions": [off]]).expect(200)
        try await database.client.query(
            """
            INSERT INTO reviews (salon_id, staff_id, rating, date)
            SELECT \(salon.id), \(salon.olha), rating, date::date
            FROM (VALUES (5, '2026-05-04'), (4, '2026-05-05'), (4, '2026-05-06'), (1, '2026-04-01')) AS r (rating, date)
            """
        )
        let days = "dateFrom=2026-05-04&dateTo=2026-05-17"
        func performance(_ id: Int64) async throws -> JSONValue {
            try Self.row(try await Self.report(desk, "staff-performance", days), "staffId", id)
        }
        let olha = try await performance(salon.olha)
        #expect(olha["staffName"] == "Ольга Коваль")
        #expect(olha["totalAppointments"] == 2 && olha["completedAppointments"] == 2 && olha["totalRevenue"] == 2_900)
        #expect(olha["bookedMinutes"] == 120 && olha["availableMinutes"] == 240 && olha["occupancyRate"] == 50)
        #expect(olha["rating"]?.number?.text == "4.3" && olha["reviews"] == 3)
        // No week of her own and none of the salon's: what she did is all there is.
        let before = try await performance(salon.iryna)
        #expect(before["totalAppointments"] == 2 && before["cancelledAppointments"] == 1 && before["rating"] == 0)
        #expect(before["bookedMinutes"] == 120 && before["availableMinutes"] == 0 && before["occupancyRate"] == 100)
        let hours: JSONValue = ["tue": ["start": "10:00", "end": "18:00", "isOpen": true], "wed": ["isOpen": false]]
        try await admin.put("/settings/salon", ["workingHours": hours]).expect(200)
        let iryna = try await performance(salon.iryna)
        #expect(iryna["availableMinutes"] == 960 && iryna["occupancyRate"]?.number?.text == "12.5")
        // Hired on the second Tuesday.
        try await admin.put("/staff/\(salon.iryna)", ["hireDate": "2026-05-12"]).expect(200)
        #expect(try await performance(salon.iryna)["occupancyRate"] == 25)
        // Who has left is shown for the time in which they worked.
        try await admin.delete("/staff/\(salon.iryna)?force=true").expect(204)
        #expect(try await performance(salon.iryna)["completedAppointments"] == 1)
        let later = try await Self.report(desk, "staff-performance", "dateFrom=2026-07-01&dateTo=2026-07-02")
        #expect(later.array?.compactMap { $0["staffId"]?.string } == ["\(salon.olha)"])
    }

    @Test("popularity counts lines of visits that were not cancelled, and compares with as many days before")
    func popularity() async throws {
        let (salon, desk) = try await Self.scene()
        func popularity(_ from: String, _ to: String) async throws -> JSONValue {
            try await Self.report(desk, "services-popularity", "dateFrom=\(from)&dateTo=\(to)")
        }
        let may = try await popularity("2026-05-01", "2026-05-31")
        let cut = try Self.row(may, "serviceId", salon.haircut)
        #expect(may[0] == cut)
        #expect(cut["serviceName"] == "Стрижка" && cut["totalBookings"] == 3 && cut["totalRevenue"] == 1_100)
        #expect(cut["previousBookings"] == 0 && cut["growth"] == 100)
        let second = try await popularity("2026-05-11", "2026-05-17")
        #expect(try Self.row(second, "serviceId", salon.haircut)["growth"] == -50)
        #expect(try Self.row(second, "serviceId", salon.colouring)["growth"] == 0)
        let third = try await popularity("2026-05-18", "2026-05-24")
        #expect(try Self.row(third, "serviceId", salon.haircut)["growth"] == -100)
        let nothing = try await popularity("2027-01-01", "2027-01-02")
        #expect(nothing.array?.count == 2 && nothing[0]?["growth"] == 0)
        let admin = try await salon.login(.admin)
        try await admin.delete("/services/\(salon.colouring)?force=true").expect(204)
        #expect(try await popularity("2026-05-01", "2026-05-31").array?.count == 2)
        #expect(try await popularity("2027-01-01", "2027-01-02").array?.count == 1)
    }

    @Test("one service and one member have statistics of all time")
    func statistics() async throws {
        let (salon, desk) = try await Self.scene()
        try await salon.deployment.database.client.query(
            "INSERT INTO reviews (salon_id, staff_id, rating, date) VALUES (\(salon.id), \(salon.olha), 4, '2026-05-04')"
        )
        let service = try await desk.get("/services/\(salon.haircut)").expect(200).json
        #expect(
            service["statistics"] == [
                "totalBookings": 4, "completedBookings": 3, "totalRevenue": 1_600, "lastBooking": "2026-06-01",
            ]
        )
        let staff = try await desk.get("/staff/\(salon.olha)").expect(200).json
        #expect(
            staff["statistics"] == [
                "totalAppointments": 3, "completedAppointments": 3, "cancelledAppointments": 0, "clients": 0,
                "lastAppointment": "2026-06-01", "totalRevenue": 3_400, "rating": 4, "reviews": 1,
            ]
        )
        #expect(try await desk.get("/staff/\(salon.iryna)")["statistics"]["cancelledAppointments"] == 1)
        let checker = SchemaChecker(files: try ProtocolFiles.shared.get())
        #expect(try checker.errors(in: service, against: "schemas/service.yaml#/$defs/ServiceDetails") == [])
        #expect(try checker.errors(in: staff, against: "schemas/staff.yaml#/$defs/StaffDetails") == [])
    }

    @Test(
        "days are asked for, in order and within five years; other parameters are checked",
        arguments: [
            "revenue", "staff-performance", "services-popularity",
        ]
    )
    func parameters(_ name: String) async throws {
        let (_, desk) = try await Salon.withDesk(.manager)
        func refused(_ query: String, _ fields: Set<String>) async throws {
            try await desk.get("/reports/\(name)?\(query)").expectError(422, "VALIDATION_ERROR", fields: fields)
        }
        try await refused("", ["dateFrom", "dateTo"])
        try await refused("dateFrom=2026-05-01", ["dateTo"])
        try await refused("dateFrom=&dateTo=2026-05-01", ["dateFrom"])
        try await refused("dateFrom=2026-05-02&dateTo=2026-05-01", ["dateTo"])
        try await refused("dateFrom=2026-05-02&dateTo=2026-02-30", ["dateTo"])
        try await refused("dateFrom=2021-05-01&dateTo=2026-05-02", ["dateTo"])
        try await refused("dateFrom=2026-05-01&dateTo=2026-05-02&staffId=x", ["staffId"])
        try await refused("dateFrom=2026-05-01&dateTo=2026-05-02&serviceId=0", ["serviceId"])
        try await refused("dateFrom=2026-05-01&dateTo=2026-05-02&groupBy=year", ["groupBy"])
        _ = try await Self.report(desk, name, "dateFrom=2021-05-01&dateTo=2026-05-01")
    }
}
