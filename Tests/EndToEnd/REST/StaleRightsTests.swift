import JSON
import Postgres
import REST
import Support
import Testing

@Suite("Requests are answered by what their caller may do now, however often the same was asked before", .inTurn)
struct StaleRightsTests {
    /// Two nodes that both have just answered the same reader.
    private static func reader(_ role: Role) async throws -> (admin: Desk, desks: [Desk], salon: Salon) {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let admin = try await salon.login(.admin)
        try await admin.post("/clients", ["firstName": "Ганна", "phone": "0671112233"]).expect(201)
        let desk = try await salon.login(role)
        let desks = deployment.nodes.map { desk.at($0) }
        for desk in desks { for _ in 0..<3 { try await desk.get("/clients").expect(200) } }
        return (admin, desks, salon)
    }

    @Test("a session that ended at one node opens nothing at the other")
    func ended() async throws {
        let (_, desks, _) = try await Self.reader(.receptionist)
        try await desks[0].post("/auth/logout").expect(204)
        for desk in desks {
            for path in ["/clients", "/clients/1", "/appointments?date=2026-05-18", "/auth/me", "/events?topics=clients"] {
                try await desk.get(path).expectError(401, "NOT_AUTHENTICATED")
            }
        }
    }

    @Test("an account that is switched off is refused, and welcome when it is on again")
    func switchedOff() async throws {
        let (admin, desks, salon) = try await Self.reader(.receptionist)
        let account = "/users/\(salon.userID(.receptionist))"
        try await admin.patch(account, ["is_active": false]).expect(200)
        for desk in desks {
            let answer = try await desk.get("/clients")
            #expect([401, 403].contains(answer.status), "\(answer.status)")
        }
        try await admin.patch(account, ["is_active": true]).expect(200)
        let again = try await salon.login(.receptionist)
        try await again.get("/clients").expect(200)
    }

    @Test(
        "a password that is changed while it is being checked opens nothing, and an account that is switched off then neither",
        arguments: [("hashed_password = 'another'", "INVALID_CREDENTIALS", 401), ("is_active = false", "USER_INACTIVE", 403)]
    )
    func changedMeanwhile(change: String, code: String, status: Int) async throws {
        // A database of its own: who waits in it is looked at.
        let deployment = try await Deployment.start(nodes: 1)
        let salon = try await Salon.make(on: deployment)
        let body: JSONValue = ["email": .string(salon.email(.master)), "password": .string(Salon.password)]
        let (id, address) = (salon.userID(.master), Salon.freshAddress())
        let login = try await deployment.database.client.transaction { connection in
            let update = SQL(unescaped: "UPDATE users SET \(change) WHERE id = ") + "\(id)"
            _ = try await connection.query(update)
            let login = Task { try await LoginTests.ask(deployment.a, "/login", body, from: address) }
            try await poll("the login has found the password right") {
                try await deployment.database.waitingForLocks() == 1 ? () : nil
            }
            return login
        }
        try await login.value.expectError(status, code)
        let sessions: Int64 = try await deployment.database.value("SELECT count(*) FROM sessions WHERE user_id = \(id)")
        #expect(sessions == 0)
        try await deployment.stop()
    }

    @Test("whoever makes an account, and is switched off before it is there, has made none")
    func accountMadeMeanwhile() async throws {
        // A database of its own: who waits in it is looked at.
        let deployment = try await Deployment.start(nodes: 1)
        let salon = try await Salon.make(on: deployment)
        let admin = try await salon.login(.admin)
        let email = "new." + salon.email(.admin)
        let body: JSONValue = [
            "email": .string(email), "password": "новий пароль", "first_name": "Леся", "last_name": "", "phone": "",
            "role": "admin",
        ]
        let making = try await deployment.database.client.transaction { connection in
            _ = try await connection.query("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE")
            let making = Task { try await admin.post("/users", body) }
            try await poll("the account is about to be written") {
                try await deployment.database.waitingForLocks() == 1 ? () : nil
            }
            _ = try await connection.query("UPDATE users SET is_active = false WHERE id = \(salon.userID(.admin))")
            return making
        }
        try await making.value.expectError(403, "USER_INACTIVE")
        let made: Int64 = try await deployment.database.value("SELECT count(*) FROM users WHERE email = \(email)")
        #expect(made == 0)
        try await deployment.stop()
    }

    @Test("another role sees what it may from the next read on: no phones as a master, no clients' file")
    func anotherRole() async throws {
        let (admin, desks, salon) = try await Self.reader(.manager)
        for role in ["master", "manager", "master"] {
            try await admin.patch("/users/\(salon.userID(.manager))", ["role": .string(role)]).expect(200)
            for desk in desks {
                let phone = try await desk.get("/clients").expect(200).json.array?.first?["phone"]
                #expect(phone == (role == "master" ? "" : "0671112233"))
                #expect(try await desk.get("/staff").status == (role == "master" ? 403 : 200))
                #expect(try await desk.get("/clients/export").status == (role == "master" ? 403 : 200))
            }
        }
    }

    @Test("a permission that is taken from a role is gone from the next read on, and back with the one after it is given")
    func anotherPermission() async throws {
        let (admin, desks, _) = try await Self.reader(.receptionist)
        for words in [["calendar.view"], ["calendar.view", "clients.view"], ["calendar.view"]] {
            try await admin.put("/settings/roles/receptionist", ["permissions": .array(words.map { .string($0) })]).expect(200)
            for desk in desks { #expect(try await desk.get("/clients").status == (words.count == 2 ? 200 : 403)) }
        }
    }

    /// Two nodes at which the same receptionist has just booked, moved and deleted.
    private static func writer() async throws -> (admin: Desk, desks: [Desk], salon: Salon, visit: Int64) {
        let (admin, desks, salon) = try await Self.reader(.receptionist)
        for (number, desk) in desks.enumerated() {
            let gone = try await desk.book(salon.visit(9 + number))
            try await desk.put("/appointments/\(gone.id)", ["notes": "x"]).expect(200)
            try await desk.delete("/appointments/\(gone.id)").expect(204)
        }
        let visit = try await admin.book(salon.visit(8))
        return (admin, desks, salon, try #require(visit["id"]?.int))
    }

    /// Every way to write what a receptionist may write.
    private static func writes(_ salon: Salon, visit: Int64) -> [(method: String, path: String, body: JSONValue?)] {
        [
            ("POST", "/appointments", salon.visit(12)), ("PUT", "/appointments/\(visit)", ["notes": "written"]),
            ("PATCH", "/appointments/\(visit)/status", ["status": "confirmed"]), ("DELETE", "/appointments/\(visit)", nil),
            ("POST", "/clients", ["firstName": "Нова", "phone": "0509998877"]), ("PUT", "/clients/1", ["firstName": "Інша"]),
            ("DELETE", "/clients/1", nil),
        ]
    }

    /// All that a salon's people have changed.
    private static func traces(_ salon: Salon) async throws -> Int64 {
        try await salon.deployment.database.value(
            """
            SELECT (SELECT count(*) FROM audit_log WHERE salon_id = \(salon.id))
                 + (SELECT count(*) FROM appointments WHERE salon_id = \(salon.id))
                 + (SELECT coalesce(sum(seq), 0)::int8 FROM topic_heads WHERE topic LIKE 'salon/' || \(salon.id) || '/%')
                 + (SELECT count(*) FROM notifications WHERE salon_id = \(salon.id))
                 + (SELECT count(*) FROM idempotency_keys k JOIN users u ON u.id = k.user_id WHERE u.salon_id = \(salon.id))
            """
        )
    }

    @Test("a session that ended at one node writes nothing at either, whatever it sends")
    func endedWriter() async throws {
        let (_, desks, salon, visit) = try await Self.writer()
        try await desks[0].post("/auth/logout").expect(204)
        let before = try await Self.traces(salon)
        for desk in desks {
            for write in Self.writes(salon, visit: visit) {
                try await desk.ask(write.method, write.path, write.body).expectError(401, "NOT_AUTHENTICATED")
            }
            try await desk.post("/appointments", salon.visit(12), [("Idempotency-Key", "of the past")])
                .expectError(401, "NOT_AUTHENTICATED")
            // Before it is said what is wrong with a body.
            try await desk.post("/appointments", ["date": "never"]).expectError(401, "NOT_AUTHENTICATED")
        }
        #expect(try await Self.traces(salon) == before)
    }

    @Test("a permission that is taken from a role is taken from the very next write, and its answer is no first one")
    func withoutPermission() async throws {
        let (admin, desks, salon, visit) = try await Self.writer()
        try await admin.put("/settings/roles/receptionist", ["permissions": ["calendar.view", "clients.view"]]).expect(200)
        let before = try await Self.traces(salon)
        for desk in desks {
            for write in Self.writes(salon, visit: visit) {
                try await desk.ask(write.method, write.path, write.body).expectError(403, "FORBIDDEN")
            }
        }
        #expect(try await Self.traces(salon) == before)
        let all: JSONValue = ["calendar.view", "calendar.create", "calendar.edit", "clients.view"]
        try await admin.put("/settings/roles/receptionist", ["permissions": all]).expect(200)
        let key = [("Idempotency-Key", "given again")]
        let made = try await desks[0].post("/appointments", salon.visit(12), key).expect(201)
        try await admin.put("/settings/roles/receptionist", ["permissions": ["calendar.view"]]).expect(200)
        for desk in desks { try await desk.post("/appointments", salon.visit(12), key).expectError(403, "FORBIDDEN") }
        try await admin.put("/settings/roles/receptionist", ["permissions": all]).expect(200)
        for desk in desks {
            #expect(try await desk.post("/appointments", salon.visit(12), key).expect(201).text == made.text)
        }
    }

    @Test("a writer whose role has changed writes under the new one: what it may not see is not in the answer")
    func writerOfAnotherRole() async throws {
        let (admin, desks, salon, visit) = try await Self.writer()
        try await admin.patch("/users/\(salon.userID(.receptionist))", ["role": "master"]).expect(200)
        try await admin.put("/settings/roles/master", ["permissions": ["calendar.view", "calendar.edit"]]).expect(200)
        for desk in desks {
            let answer = try await desk.put("/appointments/\(visit)", ["notes": .string("\(desk.node.port)")]).expect(200)
            #expect(answer["clientPhone"].isNull)
            try await desk.post("/appointments", salon.visit(12)).expectError(403, "FORBIDDEN")
        }
    }
}
