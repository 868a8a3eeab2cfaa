import JSON
import REST
import Support
import Testing

@Suite("Who may do what", .inTurn)
struct PermissionTests {
    /// Method, path, body, and the roles that may. `{visit}` stands for a visit of the salon, `{staff}` for a
    /// member, `{none}` for an id that nothing has.
    static let samples: [(method: String, path: String, allowed: Set<Role>)] = [
        ("GET", "/appointments", [.admin, .manager, .master, .receptionist]),
        ("GET", "/appointments/{visit}", [.admin, .manager, .master, .receptionist]),
        ("GET", "/appointments/calendar", [.admin, .manager, .master, .receptionist]),
        ("POST", "/appointments", [.admin, .manager, .receptionist]),
        ("PUT", "/appointments/{visit}", [.admin, .manager, .receptionist]),
        ("PATCH", "/appointments/{visit}/status", [.admin, .manager, .receptionist]),
        ("GET", "/clients", [.admin, .manager, .master, .receptionist]),
        ("POST", "/clients", [.admin, .manager, .receptionist]),
        ("GET", "/staff", [.admin, .manager, .receptionist]),
        ("POST", "/staff", [.admin]),
        ("GET", "/services", [.admin, .manager, .master, .receptionist]),
        ("POST", "/services", [.admin, .manager]),
        ("GET", "/settings/salon", [.admin, .manager]),
        ("PUT", "/clients/{none}", [.admin, .manager, .receptionist]),
        ("DELETE", "/clients/{none}", [.admin, .manager, .receptionist]),
        ("PUT", "/staff/{none}", [.admin]),
        ("DELETE", "/staff/{none}", [.admin]),
        ("GET", "/staff/{staff}/schedule", [.admin, .manager, .receptionist]),
        ("POST", "/staff/{none}/schedule", [.admin]),
        ("PUT", "/services/{none}", [.admin, .manager]),
        ("DELETE", "/services/{none}", [.admin, .manager]),
        ("PUT", "/settings/salon", [.admin]),
        ("GET", "/settings/roles", [.admin, .manager]),
        ("GET", "/settings/roles/master", [.admin, .manager]),
        ("PUT", "/settings/roles/master", [.admin]),
        ("GET", "/settings/profile", [.admin, .manager, .master, .receptionist]),
        ("PUT", "/settings/profile", [.admin, .manager, .master, .receptionist]),
        ("GET", "/users", [.admin]),
        ("POST", "/users", [.admin]),
        ("PATCH", "/users/{none}", [.admin]),
        ("GET", "/notifications", [.admin, .manager, .master, .receptionist]),
        ("GET", "/auth/me", [.admin, .manager, .master, .receptionist]),
        ("DELETE", "/appointments/{visit}", [.admin, .manager, .receptionist]),
    ]

    /// A body that no route accepts.
    private static let nonsense: JSONValue = ["firstName": 7, "name": 7, "status": 7, "role": 7, "exceptions": 7]

    @Test("every route of the table is walked, but for those that ask for nobody, or for what everybody has")
    func completeness() {
        func shape(_ path: String) -> String {
            path.split(separator: "/").map { $0.hasPrefix("{") ? "{}" : $0 }.joined(separator: "/")
        }
        let walked = Set(Self.samples.map { "\($0.method) \(shape($0.path.replacing("/roles/master", with: "/roles/{}")))" })
        // Walked by tests of their own, with a row that is the caller's or the salon's.
        let elsewhere: Set<String> = [
            "GET clients/{}", "GET staff/{}", "GET services/{}", "GET services/categories", "POST appointments/{}/restore",
            "POST auth/logout", "PATCH notifications/read-all", "PATCH notifications/{}/read", "DELETE notifications/{}",
            "POST auth/telegram/link", "DELETE auth/telegram/link",
            // Each topic asks for its own permission: EndToEnd/Streams.
            "GET events",
        ]
        for entry in RouteTable.all().entries where entry.requirement != .nobody {
            let route = "\(entry.method.rawValue) \(shape(entry.path))"
            #expect(walked.contains(route) || elsewhere.contains(route), "\(route)")
        }
    }

    @Test("the role matrix holds, and is looked at before the body and the id are")
    func matrix() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let admin = try await salon.login(.admin)
        for role in Role.allCases {
            let desk = try await salon.login(role)
            let visit = try await admin.book(salon.visit(9, ["staffId": .null]))
            for sample in Self.samples {
                let path = sample.path.replacing("{visit}", with: visit.id).replacing("{staff}", with: "\(salon.olha)")
                    .replacing("{none}", with: "999999999")
                let isWrite = sample.method == "POST" || sample.method == "PUT" || sample.method == "PATCH"
                let answer = try await desk.ask(sample.method, path, isWrite ? Self.nonsense : nil)
                if sample.allowed.contains(role) {
                    let isNobodys = sample.path.contains("{none}")
                    let expected = sample.method == "DELETE" ? isNobodys ? 404 : 204 : isWrite ? 422 : 200
                    #expect(answer.status == expected, "\(role) \(sample.method) \(path): \(answer.text)")
                } else {
                    answer.expectError(403, "FORBIDDEN")
                    #expect(answer["message"] == "Not enough permissions")
                }
            }
        }
        let master = try await salon.login(.master)
        try await master.delete("/appointments/999999999").expectError(403, "FORBIDDEN")
    }

    @Test("rows of another salon are as good as none, whatever is done to them, and cannot be pointed to")
    func foreignIDs() async throws {
        let deployment = try await Deployment.standard.value
        let (salon, other) = (try await Salon.make(on: deployment), try await Salon.make(on: deployment))
        let (desk, owner) = (try await salon.login(.admin), try await other.login(.admin))
        let visit = try await owner.book(other.visit(9))
        let client = try await owner.post("/clients", ["firstName": "Ганна", "phone": "0671112233"]).expect(201).json
        let path = "/appointments/\(visit.id)"
        try await desk.get(path).expectError(404, "NOT_FOUND")
        try await desk.put(path, ["notes": "x"]).expectError(404, "NOT_FOUND")
        try await desk.patch(path + "/status", ["status": "cancelled"]).expectError(404, "NOT_FOUND")
        try await desk.delete(path).expectError(404, "NOT_FOUND")
        try await owner.delete(path).expect(204)
        try await desk.post(path + "/restore").expectError(404, "NOT_FOUND")
        try await owner.post(path + "/restore").expect(200)
        let foreign = [
            "/clients/\(client.id)", "/staff/\(other.olha)", "/services/\(other.haircut)",
        ]
        for path in foreign {
            try await desk.get(path).expectError(404, "NOT_FOUND")
            try await desk.put(path, ["notes": "x", "description": "x", "middleName": "x"]).expectError(404, "NOT_FOUND")
            try await desk.delete(path + "?force=true").expectError(404, "NOT_FOUND")
            #expect(try await owner.get(path).expect(200).json["updatedAt"] == nil)
        }
        try await desk.get("/staff/\(other.olha)/schedule").expectError(404, "NOT_FOUND")
        try await desk.post("/staff/\(other.olha)/schedule", ["work_days": [:]]).expectError(404, "NOT_FOUND")
        try await desk.patch("/users/\(other.userID(.master))", ["is_active": false]).expectError(404, "NOT_FOUND")
        for (field, id) in [("staffId", other.olha), ("serviceId", other.haircut), ("clientId", client["id"]?.int ?? 0)] {
            let answer = try await desk.post("/appointments", salon.visit(9, [field: JSONValue(id)]))
            answer.expectError(422, "VALIDATION_ERROR", fields: [field])
        }
        let own = try await desk.book(salon.visit(9))
        try await desk.put("/appointments/\(own.id)", ["staffId": JSONValue(other.olha)])
            .expectError(422, "VALIDATION_ERROR", fields: ["staffId"])
        for list in ["/appointments", "/clients", "/staff", "/services", "/users"] {
            let ids = Set(try #require(try await desk.get(list).json.array).compactMap { $0["id"]?.int })
            let foreign = Set(try #require(try await owner.get(list).json.array).compactMap { $0["id"]?.int })
            #expect(ids.isDisjoint(with: foreign))
        }
        // A client's phone of one salon links nothing in another.
        #expect(try await desk.book(salon.visit(12, ["clientPhone": "0671112233"]))["clientId"] == nil)
    }

    @Test("a master sees visits and clients without phones, in conflicts and searches too")
    func masters() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let (admin, master) = (try await salon.login(.admin), try await salon.login(.master))
        let client = try await admin.post("/clients", ["firstName": "Ганна", "phone": "+380 67 123 45 67"]).expect(201).json
        let visit = try await admin.book(salon.visit(9))
        #expect(visit["clientId"] == client["id"])
        for text in [
            try await master.get("/appointments").text, try await master.get("/appointments/\(visit.id)").text,
            try await master.get("/clients").text, try await master.get("/clients/\(client.id)").text,
            try await master.get("/notifications").text, try await master.get("/appointments/calendar").text,
        ] {
            #expect(!text.contains("123 45 67"))
            #expect(!text.contains("1234567"))
        }
        for search in ["123", "067123", "0671234567", "%2B380"] {
            #expect(try await master.get("/clients?search=\(search)").json == [])
            #expect(try await admin.get("/clients?search=\(search)").json.array?.count == 1)
        }
    }
}
