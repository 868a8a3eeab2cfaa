import JSON
import Postgres
import REST
import Support
import Testing

@Suite("Staff cards give nobody more than their author has", .inTurn)
struct InvitationTests {
    /// A salon whose receptionists may also write staff cards.
    private static func scene() async throws -> (salon: Salon, admin: Desk, author: Desk) {
        let (salon, admin) = try await Salon.withDesk()
        let words = try #require(try await admin.get("/settings/roles/receptionist")["permissions"].array)
        let more: [JSONValue] = ["staff.create", "staff.edit"]
        try await admin.put("/settings/roles/receptionist", ["permissions": .array(words + more)]).expect(200)
        return (salon, admin, try await salon.login(.receptionist))
    }

    private static func setUp(_ salon: Salon, _ email: JSONValue) async throws -> HTTPAnswer {
        try await salon.deployment.a.http.request(
            "POST",
            "/api/v1/auth/setup",
            headers: [("X-Forwarded-For", Salon.freshAddress())],
            json: ["email": email, "password": "long enough"]
        )
    }

    @Test("only an administrator invites into a role that may do more, by whatever change of the card")
    func invitations() async throws {
        let (salon, admin, author) = try await Self.scene()
        func card(_ name: String, _ position: String) -> JSONValue {
            ["firstName": "Леся", "email": .string("\(name).\(salon.email(.master))"), "position": .string(position)]
        }
        try await author.post("/staff", card("m", "manager")).expectError(403, "FORBIDDEN")
        // Their own role, and one that may do less.
        try await author.post("/staff", card("r", "administrator")).expect(201)
        let made = try await author.post("/staff", card("x", "master")).expect(201).json
        let path = "/staff/\(made.id)"
        try await author.put(path, ["position": "manager"]).expectError(403, "FORBIDDEN")
        try await author.put(path, ["role": "manager", "email": "other@salon.test"]).expectError(403, "FORBIDDEN")
        #expect(try await author.get(path).json.asListed == made)
        // A manager's card that an administrator has made: its phone is everybody's to change, its invitation is not.
        let managers = try await admin.post("/staff", card("y", "manager")).expect(201).json
        let own = "/staff/\(managers.id)"
        try await author.put(own, .object((managers.object ?? [:]).merging(["phone": "0671112233"]))).expect(200)
        try await author.put(own, ["email": "other@salon.test"]).expectError(403, "FORBIDDEN")
        try await admin.put(own, ["isActive": false]).expect(200)
        try await author.put(own, ["isActive": true]).expectError(403, "FORBIDDEN")
        // Without an e-mail nobody is invited yet.
        let quiet = try await author.post("/staff", ["firstName": "Інна", "position": "manager"]).expect(201).json
        try await author.put("/staff/\(quiet.id)", ["email": "other@salon.test"]).expectError(403, "FORBIDDEN")
        // What a role may do is the salon's to say: more than the author's is more.
        try await admin.put("/settings/roles/master", ["permissions": ["calendar.view", "reports.view"]]).expect(200)
        try await author.post("/staff", card("z", "master")).expectError(403, "FORBIDDEN")
        let setUp = try await Self.setUp(salon, try #require(made["email"])).expect(201)
        #expect(setUp["user"]["role"] == "master")
    }

    @Test("a login that an administrator switched off comes back by an administrator alone, one that left with its card with it")
    func logins() async throws {
        let (salon, admin, author) = try await Self.scene()
        let (path, user) = ("/staff/\(salon.olha)", "/users/\(salon.userID(.master))")
        func isOn() async throws -> Bool {
            let id = salon.userID(.master)
            return try await salon.deployment.database.value("SELECT is_active FROM users WHERE id = \(id)")
        }
        func leaveAndComeBack() async throws -> Bool {
            try await author.put(path, ["isActive": false]).expect(200)
            #expect(try await !isOn())
            try await author.put(path, ["isActive": true]).expect(200)
            return try await isOn()
        }
        #expect(try await leaveAndComeBack())
        try await admin.patch(user, ["is_active": false]).expect(200)
        for _ in 0..<2 { #expect(try await !leaveAndComeBack()) }
        try await admin.patch(user, ["is_active": true]).expect(200)
        #expect(try await leaveAndComeBack())
        // Switched off while the card is: that counts too.
        try await author.put(path, ["isActive": false]).expect(200)
        try await admin.patch(user, ["is_active": false]).expect(200)
        try await author.put(path, ["isActive": true]).expect(200)
        #expect(try await !isOn())
        for isActive in [false, true] as [JSONValue] { try await admin.put(path, ["isActive": isActive]).expect(200) }
        #expect(try await isOn())
    }

    @Test("an invitation that has expired is renewed by its e-mail, one that has not stays as it is")
    func renewal() async throws {
        let (salon, admin) = try await Salon.withDesk()
        let made = try await admin.post("/staff", ["firstName": "Леся", "email": .string("n.\(salon.email(.master))")]).expect(
            201
        ).json
        let email = try #require(made["email"])
        let database = salon.deployment.database
        let count: SQL = "SELECT count(*) FROM staff_invitations WHERE salon_id = \(salon.id)"
        let newest: SQL = "SELECT max(id) FROM staff_invitations WHERE salon_id = \(salon.id)"
        let first: Int64 = try await database.value(newest)
        try await admin.put("/staff/\(made.id)", made).expect(200)
        #expect(try await database.value(newest) == first)
        try await database.client.query("UPDATE staff_invitations SET expires_at = now() WHERE salon_id = \(salon.id)")
        try await Self.setUp(salon, email).expectError(404, "SETUP_NOT_FOUND")
        try await admin.put("/staff/\(made.id)", ["phone": "0671112233"]).expect(200)
        #expect(try await database.value(newest) == first)
        try await admin.put("/staff/\(made.id)", made).expect(200)
        #expect(try await database.value(newest) > first)
        #expect(try await database.value(count) == Int64(1))
        try await Self.setUp(salon, email).expect(201)
    }
}
