import JSON
import Postgres
import REST
import Support
import Testing

@Suite("Registration and set-up", .inTurn)
struct AccountTests {
    private static func ask(_ node: Node, _ path: String, _ body: JSONValue, _ language: String = "en") async throws -> HTTPAnswer
    {
        let address = Salon.freshAddress()
        return try await node.http.request(
            "POST",
            "/api/v1/auth\(path)",
            headers: [("X-Forwarded-For", address), ("Accept-Language", language)],
            json: body
        )
    }

    private static let registration: JSONObject = [
        "email": "Olena@Salon.test", "password": "довгий пароль", "first_name": "Олена", "last_name": "Гнатюк",
        "phone": "0671234567",
        "salon_name": "Калина",
    ]

    @Test("by default nobody registers, and an empty installation is not set up over the network")
    func closed() async throws {
        let deployment = try await Deployment.start(nodes: 1)
        try await Self.ask(deployment.a, "/register", .object(Self.registration)).expectError(403, "REGISTRATION_CLOSED")
        let setup = try await Self.ask(deployment.a, "/setup", ["email": "first@salon.test", "password": "long enough"])
        setup.expectError(404, "SETUP_NOT_FOUND")
        #expect(try await deployment.database.value("SELECT count(*) FROM salons") == Int64(0))
    }

    @Test("where it is open, the first set-up makes the salon and its admin, once; registration makes more salons, apart from it")
    func open() async throws {
        let deployment = try await Deployment.start(["SETUP_OPEN": "on", "REGISTRATION": "open"])
        // Two at once, at two nodes: one of them is first.
        async let one = Self.ask(deployment.a, "/setup", ["email": "first@salon.test", "password": "long enough"])
        async let two = Self.ask(deployment.b, "/setup", ["email": "second@salon.test", "password": "long enough"])
        let answers = try await [one, two].sorted { $0.status < $1.status }
        try #require(answers.map(\.status) == [201, 404])
        #expect(answers[0]["user"]["role"] == "admin")
        let first = Desk(node: deployment.b, token: answers[0]["access_token"].string ?? "")
        try await first.get("/auth/me").expect(200)
        answers[1].expectError(404, "SETUP_NOT_FOUND")

        let registered = try await Self.ask(deployment.a, "/register", .object(Self.registration)).expect(201)
        #expect(registered["user"]["role"] == "admin")
        #expect(registered["user"]["email"] == "olena@salon.test")
        let desk = Desk(node: deployment.a, token: registered["access_token"].string ?? "")
        let staff = try await desk.post("/staff", ["firstName": "Леся", "phone": ""]).expect(201).json
        try await first.get("/staff/\(staff.id)").expectError(404, "NOT_FOUND")
        let again = try await Self.ask(deployment.b, "/register", .object(Self.registration))
        again.expectError(409, "EMAIL_TAKEN")
        #expect(try await deployment.database.value("SELECT count(*) FROM salons") == Int64(2))
        let bad = Self.registration.merging(["email": "no address", "password": "short", "first_name": "", "salon_name": 7])
        try await Self.ask(deployment.a, "/register", .object(bad))
            .expectError(422, "VALIDATION_ERROR", fields: ["email", "password", "first_name", "salon_name"])
        let long = Self.registration.merging(["email": "x@salon.test", "password": .string(String(repeating: "п", count: 37))])
        try await Self.ask(deployment.a, "/register", .object(long)).expectError(422, "VALIDATION_ERROR", fields: ["password"])
    }

    @Test("an invited member sets a first password once, gets the position's role, and the admins are told")
    func invited() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let admin = try await salon.login(.admin)
        let socket = try await admin.at(deployment.b).socket("notifications")
        let tag = salon.email(.admin).split(separator: "@")[1]
        for (position, role) in [
            ("master", "master"), ("manager", "manager"), ("administrator", "receptionist"), ("прибиральниця", "master"),
        ] {
            let email = "\(role).\(position == "прибиральниця" ? "other" : "new")@\(tag)"
            let member: JSONValue = [
                "firstName": "Леся", "lastName": "Українка", "phone": "", "email": .string(email.uppercased()),
                "position": .string(position),
            ]
            let staff = try await admin.post("/staff", member).expect(201).json
            let body: JSONValue = ["email": .string(email), "password": "новий пароль"]
            try await Self.ask(deployment.a, "/setup", ["email": .string(email), "password": "short"])
                .expectError(422, "VALIDATION_ERROR", fields: ["password"])
            let answer = try await Self.ask(deployment.a, "/setup", body).expect(201)
            #expect(answer["user"]["role"] == .string(role))
            #expect(answer["user"]["first_name"] == "Леся")
            #expect(try await admin.get("/staff/\(staff.id)").json["userId"] == answer["user"]["id"])
            #expect(try await socket.expect("notification:new")["data"]?["message"] == "Леся Українка")
            for language in ["uk", "en"] {
                let second = try await Self.ask(deployment.b, "/setup", body, language)
                second.expectError(409, "ALREADY_SET_UP")
                #expect(second["message"].string?.contains("already set up") == true)
            }
            let login = try await Self.ask(deployment.b, "/login", body)
            #expect(login.status == 200)
        }
        try await socket.expectNothing()
    }

    @Test("an unknown or expired invitation is not found, in both languages")
    func notInvited() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let admin = try await salon.login(.admin)
        let email = "late.\(salon.email(.admin))"
        try await admin.post("/staff", ["firstName": "Леся", "phone": "", "email": .string(email)]).expect(201)
        try await deployment.database.client.query("UPDATE staff_invitations SET expires_at = now() WHERE email = \(email)")
        for address in [email, "nobody@nowhere.test"] {
            for language in ["uk", "en"] {
                let answer = try await Self.ask(
                    deployment.a,
                    "/setup",
                    ["email": .string(address), "password": "long enough"],
                    language
                )
                answer.expectError(404, "SETUP_NOT_FOUND")
                #expect(answer["message"].string?.contains("not found") == true)
            }
        }
        // Somebody's account is no invitation.
        let account = try await Self.ask(
            deployment.a,
            "/setup",
            ["email": .string(salon.email(.manager)), "password": "long enough"]
        )
        #expect([404, 409].contains(account.status))
        #expect(
            try await Self.ask(deployment.a, "/login", ["email": .string(salon.email(.manager)), "password": "long enough"])
                .status == 401
        )
    }

    @Test("an account without invitation is told that it is one while the installation has one salon, and not with two")
    func accountsOfOneSalon() async throws {
        let deployment = try await Deployment.start(nodes: 1)
        let salon = try await Salon.make(on: deployment)
        func setUp(_ email: String) async throws -> HTTPAnswer {
            try await Self.ask(deployment.a, "/setup", ["email": .string(email), "password": "long enough"])
        }
        let known = try await setUp(salon.email(.manager))
        known.expectError(409, "ALREADY_SET_UP")
        #expect(known["message"].string?.contains("already set up") == true)
        try await setUp("nobody@nowhere.test").expectError(404, "SETUP_NOT_FOUND")
        // An invitation that has expired says no more than none.
        try await salon.login(.admin).post("/staff", ["firstName": "Леся", "email": .string(salon.email(.manager))]).expect(201)
        try await deployment.database.client.query("UPDATE staff_invitations SET expires_at = now()")
        try await setUp(salon.email(.manager)).expectError(409, "ALREADY_SET_UP")
        try await deployment.database.client.query("UPDATE users SET hashed_password = NULL WHERE role = 'master'")
        try await setUp(salon.email(.master)).expectError(404, "SETUP_NOT_FOUND")
        _ = try await Salon.make(on: deployment)
        for role in [Role.admin, .receptionist] { try await setUp(salon.email(role)).expectError(404, "SETUP_NOT_FOUND") }
        try await deployment.stop()
    }

    @Test("of several salons' invitations the oldest open one counts, and afterwards the one that was followed")
    func severalInvitations() async throws {
        let deployment = try await Deployment.standard.value
        let salons = [
            try await Salon.make(on: deployment), try await Salon.make(on: deployment), try await Salon.make(on: deployment),
        ]
        let email = JSONValue.string("new.\(salons[0].email(.master))")
        for salon in salons.prefix(2) {
            try await salon.login(.admin).post("/staff", ["firstName": "Леся", "email": email]).expect(201)
        }
        let body: JSONValue = ["email": email, "password": "long enough"]
        let answer = try await Self.ask(deployment.a, "/setup", body).expect(201)
        #expect(answer["user"]["salon_id"]?.int == salons[0].id)
        try await Self.ask(deployment.a, "/setup", body).expectError(409, "ALREADY_SET_UP")
        try await salons[2].login(.admin).post("/staff", ["firstName": "Леся", "email": email]).expect(201)
        try await Self.ask(deployment.a, "/setup", body).expectError(409, "ALREADY_SET_UP")
    }
}
