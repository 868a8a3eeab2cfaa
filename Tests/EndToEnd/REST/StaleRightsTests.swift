import JSON
import REST
import Support
import Testing

@Suite("A read is answered by what its caller may do now, however often the same was read before", .inTurn)
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
}
