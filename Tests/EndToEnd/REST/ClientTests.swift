import Foundation
import JSON
import Postgres
import REST
import Support
import Testing

@Suite("Names, phones and lists", .inTurn)
struct ClientTests {
    private static let icu = Deployment.standard

    /// A database whose own locale orders Cyrillic by code point: the schema's collation has to do it all.
    private static let libc = Task {
        let database = try await Database.unmigrated("TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER libc LOCALE 'C.UTF-8'")
        try await database.migrate()
        return try await Deployment.start(nodes: 1, database: database)
    }

    enum Locale: CaseIterable { case icu, libc }

    private static func desk(_ locale: Locale) async throws -> (Salon, Desk) {
        let deployment = try await (locale == .icu ? self.icu : self.libc).value
        let salon = try await Salon.make(on: deployment)
        return (salon, try await salon.login(.admin))
    }

    private static func names(_ desk: Desk, _ query: String) async throws -> [String] {
        let escaped = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        let list = try await desk.get("/clients?search=\(escaped)").expect(200)
        return try #require(try list.json.array).compactMap { $0["firstName"]?.string }
    }

    @Test("names sort in Ukrainian order, whatever the database's locale is", arguments: Locale.allCases)
    func order(locale: Locale) async throws {
        let (_, desk) = try await Self.desk(locale)
        let names = ["Анна", "Ганна", "Ґалаґан", "Євген", "Іра", "Їжак", "Яна"]
        for (index, name) in names.shuffled().enumerated() {
            try await desk.post("/clients", ["firstName": .string(name), "phone": .string("06711100\(index)0")]).expect(201)
            try await desk.post("/staff", ["firstName": .string(name), "lastName": "Я", "phone": ""]).expect(201)
            try await desk.post("/services", ["name": .string(name), "duration": 60, "price": 1]).expect(201)
        }
        #expect(try await Self.names(desk, "") == names)
        for (list, field) in [("staff", "firstName"), ("services", "name")] {
            let sorted = try #require(try await desk.get("/\(list)").json.array).compactMap { $0[field]?.string }
            #expect(sorted.filter(names.contains) == names)
        }
        let page = try await desk.get("/clients?page=2&perPage=3").expect(200)
        #expect(try page.json.array?.compactMap { $0["firstName"]?.string } == ["Євген", "Іра", "Їжак"])
        #expect(page.header("x-total-count") == "7")
    }

    @Test("a list says what its rows hold, to the last character")
    func characters() async throws {
        let (_, desk) = try await Self.desk(.icu)
        let notes = "\"лапки\", \\, </script>,\tтабуляція,\nрядок, \u{1F485}"
        let made = try await desk.post("/clients", ["firstName": "Ol\"ha\\", "phone": "0671112233", "notes": .string(notes)])
            .expect(201)
        let id = try #require(try made.json["id"]?.int)
        let listed = try #require(try await desk.get("/clients").expect(200).json.array?.first)
        var one = try #require(try await desk.get("/clients/\(id)").expect(200).json.object)
        one["statistics"] = nil
        #expect(listed == .object(one))
        #expect(listed["notes"]?.string == notes)
        #expect(listed["firstName"]?.string == "Ol\"ha\\")
    }

    @Test("search folds case and every apostrophe, and knows the order of names", arguments: Locale.allCases)
    func search(locale: Locale) async throws {
        let (_, desk) = try await Self.desk(locale)
        let people: [(first: String, last: String, phone: String)] = [
            ("Олена", "Ґудзь", "+380 50 111 22 33"), ("Мар'яна", "Їжакевич", "067 123 45 67"),
            ("Мар’ян", "Євтушенко", "0671230000"),
            ("Марʼяна", "Ящук", "+48 600 100 200"),
        ]
        for person in people {
            let body: JSONValue = [
                "firstName": .string(person.first), "lastName": .string(person.last), "phone": .string(person.phone),
                "email": .string("x\(person.phone.filter(\.isNumber))@Mail.Test"),
            ]
            try await desk.post("/clients", body).expect(201)
        }
        for query in [
            "олена", "ОЛЕНА", "лен", "ґудзь олена", "Олена  Ґудзь", "ҐУДЗЬ", "501112233", "050 111", "x380501112233@mail",
        ] {
            #expect(try await Self.names(desk, query) == ["Олена"], "\(query)")
        }
        let all = Set(people.map(\.first).dropFirst())
        for apostrophe in ["'", "’", "ʼ", "`", "´", "‘"] {
            #expect(Set(try await Self.names(desk, "МАР\(apostrophe)ЯН")) == all, "\(apostrophe)")
            #expect(Set(try await Self.names(desk, "мар\(apostrophe)яна")) == all.subtracting(["Мар’ян"]))
        }
        for query in ["їжакевич", "ЇЖАК", "0671234567", "+38 067 123-45-67", "380671234567"] {
            #expect(try await Self.names(desk, query) == ["Мар'яна"], "\(query)")
        }
        for query in ["%", "_", "\\", "%%", "Ол_на", "нема такої", "'; DROP TABLE clients; --"] {
            #expect(try await Self.names(desk, query) == [], "\(query)")
        }
        let plus = try await desk.get("/clients?search=%D0%B3%D1%83%D0%B4%D0%B7%D1%8C+%D0%BE%D0%BB").json.array
        #expect(plus == [])
        #expect(try await desk.get("/clients?search=%D2%91%D1%83%D0%B4%D0%B7%D1%8C+%D0%BE%D0%BB").json.array?.count == 1)
    }

    @Test("a client is answered whole, unpadded birthdays padded; one phone is one client, however it is written")
    func create() async throws {
        let (_, desk) = try await Self.desk(.icu)
        let socket = try await desk.socket("clients")
        let body: JSONValue = [
            "firstName": " Ганна ", "lastName": "", "phone": "067 123 45 67", "email": "", "birthDate": "1990-5-3",
            "gender": "female",
            "source": "vip", "discount": try JSONValue(parsing: "5.5"), "bonusBalance": 0,
        ]
        let client = try await desk.post("/clients", body).expect(201).json
        let expected: JSONObject = [
            "firstName": "Ганна", "lastName": "", "phone": "067 123 45 67", "birthDate": "1990-05-03",
            "discount": try JSONValue(parsing: "5.5"),
            "bonusBalance": 0, "totalVisits": 0, "totalSpent": 0, "segment": "new", "visits": [],
        ]
        for (name, value) in expected { #expect(client[name] == value, "\(name)") }
        #expect(try await desk.get("/clients/\(client.id)").json.asListed == client)
        #expect(try await socket.expect("client:created")["data"] == client)
        for phone in ["+380671234567", "80671234567", "(067) 123-45-67"] {
            let taken = try await desk.post("/clients", ["firstName": "Інна", "phone": .string(phone)])
            taken.expectError(409, "PHONE_TAKEN", fields: ["phone"])
        }
        // Several may have none.
        for phone in ["", "", "••• 67"] {
            try await desk.post("/clients", ["firstName": "Інна", "phone": .string(phone)]).expect(201)
        }
    }

    @Test("completed visits make a client's figures and segment")
    func segments() async throws {
        let (salon, desk) = try await Self.desk(.icu)
        let client = try await desk.post("/clients", ["firstName": "Ганна", "phone": "0671234567"]).expect(201).json
        let today: String = try await salon.deployment.database.value("SELECT current_date::text")
        for (hour, status) in [(9, "completed"), (10, "cancelled"), (11, "scheduled")] {
            try await desk.book(salon.visit(hour, date: today, ["status": .string(status), "price": 300]))
        }
        let once = try await desk.get("/clients/\(client.id)").json
        #expect(once["totalVisits"] == 1)
        #expect(once["totalSpent"] == 300)
        #expect(once["lastVisit"]?.string == today)
        #expect(once["segment"] == "new")
        try await desk.book(salon.visit(12, date: today, ["status": "completed", "price": try JSONValue(parsing: "0.5")]))
        let twice = try await desk.get("/clients/\(client.id)").json
        #expect(twice["segment"] == "repeat")
        #expect(twice["totalSpent"]?.number?.text == "300.5")
        #expect(try await desk.get("/clients?segment=repeat").json.array?.map(\.id) == [client.id])
        #expect(try await desk.get("/clients?segment=new").json == [])
        try await salon.deployment.database.client.query("UPDATE appointments SET date = date - 91 WHERE salon_id = \(salon.id)")
        #expect(try await desk.get("/clients?segment=lost").json.array?.map(\.id) == [client.id])
    }

    @Test("a client is lost by the salon's own day, wherever it is", arguments: ["Etc/GMT-14", "Etc/GMT+12"])
    func segmentsOfTheDay(zone: String) async throws {
        let (salon, desk) = try await Self.desk(.icu)
        let database = salon.deployment.database
        try await database.client.query("UPDATE salons SET timezone = \(zone) WHERE id = \(salon.id)")
        let client = try await desk.post("/clients", ["firstName": "Ганна", "phone": "0671234567"]).expect(201).json
        for (days, segment) in [(91, "lost"), (90, "new")] as [(Int64, String)] {
            let date: String = try await database.value(
                "SELECT ((now() AT TIME ZONE \(zone))::date - \(days)::int)::text"
            )
            let visit = try await desk.book(
                salon.visit(9, date: date, ["clientId": client["id"] ?? .null, "status": "completed"])
            )
            #expect(try await desk.get("/clients/\(client.id)")["segment"] == .string(segment), "\(days)")
            try await desk.delete("/appointments/\(visit.id)").expect(204)
        }
    }

    @Test("staff: several without e-mail, none with another's; money is a number or absent")
    func staff() async throws {
        let (_, desk) = try await Self.desk(.icu)
        for _ in 0..<2 {
            let member = try await desk.post("/staff", ["firstName": "Леся", "lastName": "", "phone": "", "email": ""]).expect(
                201
            ).json
            for name in ["salary", "commission", "email", "schedule"] { #expect(member.object?.contains(name) == false) }
            #expect(member["specializations"] == [])
            #expect(member["isActive"] == true)
        }
        let email = "lesia@\(UUID().uuidString.lowercased()).test"
        let first = try await desk.post(
            "/staff",
            ["firstName": "Леся", "email": .string(email), "salary": try JSONValue(parsing: "12000.50"), "hireDate": "2020-1-2"]
        ).expect(201)
        #expect(first["salary"].number?.text == "12000.5")
        #expect(first["hireDate"] == "2020-01-02")
        try await desk.post("/staff", ["firstName": "Леся", "email": .string(email.uppercased())]).expectError(409, "EMAIL_TAKEN")
        #expect(try await desk.get("/staff?search=&isActive=true").json.array?.count == 5)
        #expect(try await desk.get("/staff?isActive=false").json == [])
        #expect(try await desk.get("/staff?status=fired").json == [])
        #expect(try await desk.get("/staff?status=active").json.array?.count == 5)
    }
}
