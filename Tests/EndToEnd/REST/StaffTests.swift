import JSON
import Postgres
import REST
import Support
import Testing

@Suite("Staff cards and the price list", .inTurn)
struct StaffTests {
    private static func card(_ more: JSONObject = [:]) -> JSONValue {
        .object((["firstName": "Леся", "lastName": "", "phone": "", "email": ""] as JSONObject).merging(more))
    }

    @Test("a card says what its member does, by ids or names of the salon's services")
    func services() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let made = try await desk.post("/staff", Self.card(["services": [JSONValue(salon.haircut), "фарбування", "Стрижка"]]))
            .expect(201).json
        #expect(made["services"] == [JSONValue(salon.haircut), JSONValue(salon.colouring)])
        let path = "/staff/\(made.id)"
        let ids: JSONValue = [.string("\(salon.colouring)")]
        #expect(try await desk.put(path, ["services": ids]).expect(200)["services"] == [JSONValue(salon.colouring)])
        // The whole card as it was shown is no change.
        let ears = try await Ears.open(desk, "staff", on: salon.deployment)
        let whole = try await desk.get(path).expect(200).json.asListed
        #expect(try await desk.put(path, whole).expect(200).json == whole)
        try await ears.expectNothing()
        // A service that is gone stays where it is, and comes nowhere else.
        try await desk.delete("/services/\(salon.colouring)").expect(204)
        #expect(try await desk.put(path, whole).expect(200).json == whole)
        let other = try await Salon.make(on: salon.deployment)
        let foreign: [JSONValue] = [JSONValue(other.haircut), JSONValue(salon.colouring), "Фарбування", "нема такої"]
        for service in foreign {
            try await desk.post("/staff", Self.card(["services": [service]]))
                .expectError(422, "VALIDATION_ERROR", fields: ["services"])
        }
        for wrong in ["x", 7, [[]], [""], [true]] as [JSONValue] {
            try await desk.put(path, ["services": wrong]).expectError(422, "VALIDATION_ERROR", fields: ["services"])
        }
        #expect(try await desk.put(path, ["services": .null]).expect(200)["services"] == [])
    }

    @Test("a card may bring its week, in each of the three forms of a day; no days are no schedule")
    func weeks() async throws {
        let (_, desk) = try await Salon.withDesk()
        let day: JSONValue = ["enabled": true, "from": "10:00", "to": "18:00", "breaks": []]
        let forms: JSONValue = [
            "mon": day, "tuesday": ["isWorkDay": true, "startTime": "10:00", "endTime": "18:00"],
            "wed": ["start": "10:00", "end": "18:00"], "sun": ["enabled": false],
        ]
        let expected: JSONValue = ["mon": day, "tue": day, "wed": day, "sun": ["enabled": false]]
        let made = try await desk.post("/staff", Self.card(["workSchedule": forms])).expect(201).json
        #expect(made["schedule"] == expected)
        let path = "/staff/\(made.id)"
        #expect(try await desk.put(path, ["schedule": ["fri": day]]).expect(200)["schedule"] == ["fri": day])
        let days = try await desk.get(path + "/schedule?dateFrom=2026-05-18&dateTo=2026-05-24").expect(200)["schedule"]
        #expect(days.array?.compactMap { $0["isWorkingDay"]?.bool } == [false, false, false, false, true, false, false])
        #expect(try await desk.put(path, ["workSchedule": [:]]).expect(200).json.object?.contains("schedule") == false)
        try await desk.put(path, ["workSchedule": ["mon": ["enabled": true]]])
            .expectError(422, "VALIDATION_ERROR", fields: ["workSchedule.mon"])
    }

    @Test("a masked phone is no phone: none of a new card, account or salon, no change of one that is there")
    func masks() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let mask: JSONObject = ["phone": "•••• 1234"]
        let made = try await desk.post("/staff", Self.card(mask)).expect(201).json
        #expect(made["phone"] == "")
        for (path, read) in [("/staff/\(made.id)", "/staff/\(made.id)"), ("/settings/salon", "/settings/salon")] {
            try await desk.put(path, ["phone": "0671112233"]).expect(200)
            try await desk.put(path, .object(mask)).expect(200)
            #expect(try await desk.get(read)["phone"] == "0671112233")
        }
        try await desk.put("/settings/profile", ["phone": "0671112233", "emergencyPhone": "0672223344"]).expect(200)
        let kept = try await desk.put("/settings/profile", ["phone": "***34", "emergencyPhone": "***44"]).expect(200).json
        #expect(kept["phone"] == "0671112233")
        #expect(kept["emergencyPhone"] == "0672223344")
        let account: JSONObject = [
            "email": .string("x.\(salon.email(.master))"), "password": "long enough", "first_name": "Леся", "role": "master",
        ]
        #expect(try await desk.post("/users", .object(account.merging(mask))).expect(201)["phone"] == nil)
    }

    @Test("days asked for without an end or a beginning are a week; with both in the wrong order they are refused")
    func scheduleDays() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let path = "/staff/\(salon.olha)/schedule"
        func dates(_ query: String) async throws -> [String] {
            try await desk.get(path + query).expect(200)["schedule"].array?.compactMap { $0["date"]?.string } ?? []
        }
        let today: String = try await salon.deployment.database.value("SELECT (now() AT TIME ZONE 'Europe/Kyiv')::date::text")
        #expect(try await dates("").first == today)
        #expect(try await dates("").count == 7)
        #expect(try await dates("?dateFrom=2026-05-18") == (18...24).map { "2026-05-\($0)" })
        #expect(try await dates("?dateTo=2026-05-24") == (18...24).map { "2026-05-\($0)" })
        #expect(try await dates("?dateFrom=2026-05-18&dateTo=2026-05-18") == ["2026-05-18"])
        #expect(try await dates("?dateFrom=2026-01-01&dateTo=2027-01-01").count == 366)
        for end in ["2025-12-31", "2027-01-02"] {
            try await desk.get(path + "?dateFrom=2026-01-01&dateTo=\(end)")
                .expectError(422, "VALIDATION_ERROR", fields: ["dateTo"])
        }
    }

    @Test("lists know both words for who works here and what is offered, and no others")
    func filters() async throws {
        let (salon, desk) = try await Salon.withDesk()
        try await desk.post("/staff", Self.card(["role": "administrator"])).expect(201)
        try await desk.delete("/staff/\(salon.iryna)").expect(204)
        func count(_ path: String) async throws -> Int? { try await desk.get(path).expect(200).json.array?.count }
        #expect(try await count("/staff?search=") == 3)
        #expect(try await count("/staff?position=master") == 2)
        #expect(try await count("/staff?position=all") == 3)
        #expect(try await count("/staff?role=administrator&status=active") == 1)
        #expect(try await count("/staff?status=fired") == 1)
        #expect(try await count("/staff?isActive=true&perPage=1") == 1)
        try await desk.get("/staff?status=vacation").expectError(422, "VALIDATION_ERROR", fields: ["status"])
        try await desk.put("/services/\(salon.colouring)", ["status": "archived"]).expect(200)
        #expect(try await count("/services") == 2)
        #expect(try await count("/services?status=active&category=hair") == 1)
        #expect(try await count("/services?status=archived") == 1)
        #expect(try await count("/services?isActive=false&status=inactive") == 1)
        try await desk.get("/services?status=x").expectError(422, "VALIDATION_ERROR", fields: ["status"])
        try await desk.put("/services/\(salon.colouring)", ["status": "x"])
            .expectError(422, "VALIDATION_ERROR", fields: ["status"])
        #expect(try await desk.get("/services/categories").json == ["hair"])
    }
}
