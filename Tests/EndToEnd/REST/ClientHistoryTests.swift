import JSON
import Postgres
import REST
import Support
import Testing

@Suite("Clients: what they add up to, and what they have had", .inTurn)
struct ClientHistoryTests {
    private static func checked(_ value: JSONValue, _ schema: String) throws -> JSONValue {
        let errors = try SchemaChecker(files: try ProtocolFiles.shared.get()).errors(in: value, against: schema)
        #expect(errors == [])
        return value
    }

    private static func details(_ desk: Desk, _ client: JSONValue) async throws -> JSONValue {
        let answer = try await desk.get("/clients/\(client.id)").expect(200).json
        return try self.checked(answer, "schemas/client.yaml#/$defs/ClientDetails")
    }

    private static func history(_ desk: Desk, _ client: JSONValue, _ query: String = "") async throws -> JSONValue {
        let answer = try await desk.get("/clients/\(client.id)/history\(query)").expect(200).json
        return try self.checked(answer, "schemas/client.yaml#/$defs/ClientHistory")
    }

    /// Writes an operation of a client as it is in the database.
    private static func operation(
        _ salon: Salon,
        _ client: JSONValue,
        _ type: String,
        _ amount: Int64,
        date: String = "2026-05-20",
        status: String = "completed",
        visit: JSONValue? = nil
    ) async throws {
        try await salon.deployment.database.client.query(
            """
            INSERT INTO operations (salon_id, type, status, amount, date, client_id, appointment_id, description)
            VALUES (\(salon.id), \(type), \(status), \(amount)::int8, \(date)::text::date, \(client["id"]?.int),
                    \(visit?["id"]?.int), \("\(type) \(amount)")::text)
            ON CONFLICT (appointment_id) WHERE appointment_id IS NOT NULL
            DO UPDATE SET amount = excluded.amount, status = excluded.status
            """
        )
    }

    @Test("one client has statistics and its last visits, the list and events have neither")
    func details() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let client = try await desk.post("/clients", ["firstName": "Ганна", "phone": "0671234567", "bonusBalance": 15]).expect(
            201
        )
        .json
        let none = try await Self.details(desk, client)
        #expect(none["statistics"] == ["totalVisits": 0, "totalSpent": 0, "averageCheck": 0, "bonusBalance": 15])
        #expect(none["visits"] == [])
        let visits: [(hour: Int, date: String, service: String, price: Int64, status: String, staff: JSONValue)] = [
            (9, "2026-05-18", "Стрижка", 500, "completed", JSONValue(salon.olha)),
            (11, "2026-05-18", "Стрижка, Фарбування", 2_000, "completed", JSONValue(salon.olha)),
            (9, "2026-05-19", "Фарбування", 1_500, "completed", .null),
            (9, "2026-05-21", "Стрижка", 500, "scheduled", JSONValue(salon.olha)),
            (9, "2026-05-17", "Масаж", 1, "no-show", JSONValue(salon.olha)),
        ]
        for visit in visits {
            try await desk.book(
                salon.visit(
                    visit.hour,
                    date: visit.date,
                    [
                        "clientId": client["id"] ?? .null, "service": .string(visit.service), "price": JSONValue(visit.price),
                        "status": .string(visit.status), "staffId": visit.staff, "notes": "тонке волосся",
                    ]
                )
            )
        }
        let whole = try await Self.details(desk, client)
        #expect(
            whole["statistics"] == [
                "totalVisits": 3, "totalSpent": 4_000, "averageCheck": try JSONValue(parsing: "1333.33"),
                "lastVisit": "2026-05-19",
                // Twice each; the other one was later.
                "favoriteService": "Фарбування", "bonusBalance": 15,
            ]
        )
        #expect(whole["firstVisit"] == "2026-05-18T00:00:00.000Z" && whole["lastVisit"] == "2026-05-19")
        let shown = try #require(whole["visits"]?.array)
        #expect(shown.compactMap { $0["serviceName"]?.string } == ["Фарбування", "Стрижка, Фарбування", "Стрижка"])
        #expect(shown.first?["staffId"] == .null && shown.first?["staffName"] == "")
        #expect(shown.last?["staffId"]?.int == salon.olha && shown.last?["staffName"] == "Ольга Коваль")
        #expect(shown.last?["notes"] == "тонке волосся" && shown.last?["photos"] == [])
        let listed = try #require(try await desk.get("/clients").expect(200).json.array?.first)
        #expect(listed == whole.asListed)
        // Its master sees the same without the phone.
        let master = try await salon.login(.master)
        #expect(try await Self.details(master, client)["statistics"] == whole["statistics"])
    }

    @Test("who may not see the calendar sees no visits of a client, who may not see finances nothing that a member brought")
    func withoutCalendar() async throws {
        let (salon, admin) = try await Salon.withDesk()
        let client = try await admin.post("/clients", ["firstName": "Ганна", "phone": "0671234567"]).expect(201).json
        try await admin.book(salon.visit(9, ["clientId": client["id"] ?? .null, "status": "completed"]))
        let desk = try await salon.login(.receptionist)
        #expect(try await Self.history(desk, client)["appointments"]?.array?.count == 1)
        #expect(try await desk.get("/staff/\(salon.olha)").expect(200)["statistics"]["totalRevenue"] == 500)
        let words: JSONValue = ["clients.view", "clients.export", "staff.view"]
        try await admin.put("/settings/roles/receptionist", ["permissions": words]).expect(200)
        let history = try await Self.history(desk, client)
        #expect(history["appointments"] == [] && history["pagination"]?["total"] == 0)
        let details = try await Self.details(desk, client)
        #expect(details["visits"] == [] && details["statistics"]?["totalVisits"] == 1)
        let member = try await desk.get("/staff/\(salon.olha)").expect(200)["statistics"]
        #expect(member["totalRevenue"] == nil && member["completedAppointments"] == 1)
    }

    @Test("what a client spent are its operations, and visits that never had one of their own")
    func spent() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let client = try await desk.post("/clients", ["firstName": "Ганна"]).expect(201).json
        func spent() async throws -> JSONValue? { try await Self.details(desk, client)["totalSpent"] }
        for (type, amount) in [("payment", 700), ("income", 50), ("refund", 200), ("deposit", 10), ("expense", 10)]
            as [(String, Int64)]
        {
            try await Self.operation(salon, client, type, amount)
        }
        try await Self.operation(salon, client, "payment", 9, status: "pending")
        #expect(try await spent() == 550)
        let visit = try await desk.book(salon.visit(9, ["clientId": client["id"] ?? .null, "status": "completed"]))
        #expect(try await spent() == 1_050)
        // Its own operation counts in its place, whatever became of it.
        try await Self.operation(salon, client, "payment", 450, visit: visit)
        #expect(try await spent() == 1_000)
        try await Self.operation(salon, client, "payment", 450, status: "cancelled", visit: visit)
        #expect(try await spent() == 550)
    }

    @Test("history is one story of visits and purchases, newest first; a page of it has both")
    func history() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let client = try await desk.post("/clients", ["firstName": "Ганна"]).expect(201).json
        let other = try await desk.post("/clients", ["firstName": "Інна"]).expect(201).json
        var visits: [JSONValue] = []
        for (day, status) in [(18, "completed"), (19, "cancelled"), (21, "scheduled")] {
            let more: JSONObject = ["clientId": client["id"] ?? .null, "status": .string(status)]
            visits.append(try await desk.book(salon.visit(9, date: "2026-05-\(day)", more)))
        }
        try await Self.operation(salon, client, "payment", 300, date: "2026-05-20")
        try await Self.operation(salon, client, "refund", 100, date: "2026-05-22")
        try await Self.operation(salon, client, "payment", 500, visit: visits[0])
        try await Self.operation(salon, client, "transfer", 1)
        try await Self.operation(salon, other, "payment", 2)
        let all = try await Self.history(desk, client)
        #expect(all["appointments"]?.array?.map(\.id) == visits.reversed().map(\.id))
        #expect(all["appointments"]?[2] == visits[0])
        #expect(all["purchases"]?.array?.compactMap { $0["description"]?.string } == ["refund 100", "payment 300"])
        #expect(all["pagination"] == ["page": 1, "perPage": 5, "total": 5, "totalPages": 1])
        let page = try await Self.history(desk, client, "?page=2&perPage=2")
        #expect(page["purchases"]?.array?.compactMap { $0["description"]?.string } == ["payment 300"])
        #expect(page["appointments"]?.array?.map(\.id) == [visits[1].id])
        #expect(page["pagination"] == ["page": 2, "perPage": 2, "total": 5, "totalPages": 3])
        #expect(try await Self.history(desk, client, "?type=appointments&limit=1")["pagination"]?["total"] == 3)
        let purchases = try await Self.history(desk, client, "?type=purchases")
        #expect(purchases["appointments"] == [] && purchases["purchases"]?.array?.count == 2)
        try await desk.get("/clients/\(client.id)/history?type=x").expectError(422, "VALIDATION_ERROR", fields: ["type"])
        // The salon's money is not a master's business.
        let master = try await salon.login(.master)
        let seen = try await Self.history(master, client)
        #expect(seen["purchases"] == [] && seen["pagination"]?["total"] == 3)
        try await desk.get("/clients/999999999/history").expectError(404, "NOT_FOUND")
        try await desk.delete("/clients/\(client.id)?force=true").expect(204)
        try await desk.get("/clients/\(client.id)/history").expectError(404, "NOT_FOUND")
    }

    @Test("each segment has who belongs to it, by itself and within a search and a page")
    func segments() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let today: String = try await salon.deployment.database.value("SELECT (now() AT TIME ZONE 'Europe/Kyiv')::date::text")
        let past: String = try await salon.deployment.database.value(
            "SELECT ((now() AT TIME ZONE 'Europe/Kyiv')::date - 91)::text"
        )
        let people: [(name: String, days: [String])] = [
            ("Нова", []), ("Новенька", [today]), ("Частка", [today, today, past]), ("Зникла", [past, past]),
            ("Загублена", [past]),
        ]
        for (index, person) in people.enumerated() {
            let client = try await desk.post("/clients", ["firstName": .string(person.name)]).expect(201).json
            for (number, day) in person.days.enumerated() {
                let more: JSONObject = ["clientId": client["id"] ?? .null, "status": "completed", "staffId": .null]
                try await desk.book(salon.visit(8 + index + number, date: day, more))
            }
        }
        func names(_ query: String) async throws -> [String] {
            let answer = try await desk.get("/clients?\(query)").expect(200)
            let list = try #require(try answer.json.array)
            let segment = query.dropFirst("segment=".count).prefix { $0 != "&" }
            if segment != "", segment != "all" {
                for client in list { #expect(client["segment"] == .string(String(segment)), "\(query)") }
            }
            return list.compactMap { $0["firstName"]?.string }
        }
        #expect(try await names("segment=new") == ["Нова", "Новенька"])
        #expect(try await names("segment=repeat") == ["Частка"])
        #expect(try await names("segment=lost") == ["Загублена", "Зникла"])
        #expect(try await names("segment=subscription-ending") == [])
        #expect(try await names("segment=all").count == 5)
        #expect(try await names("segment=").count == 5)
        #expect(try await names("segment=new&search=%D0%B5%D0%BD%D1%8C%D0%BA") == ["Новенька"])
        #expect(try await names("segment=lost&page=2&perPage=1") == ["Зникла"])
        try await desk.get("/clients?segment=vip").expectError(422, "VALIDATION_ERROR", fields: ["segment"])
    }
}
