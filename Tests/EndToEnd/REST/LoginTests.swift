import Foundation
import JSON
import Postgres
import REST
import Support
import Testing

@Suite("Login, refresh, logout", .inTurn)
struct LoginTests {
    /// Asks as nobody, in English, from an address of one's own: wrong passwords are counted by address.
    static func ask(
        _ node: Node,
        _ path: String,
        _ body: JSONValue,
        from address: String = Salon.freshAddress(),
        _ headers: [(String, String)] = []
    ) async throws -> HTTPAnswer {
        let headers = [("X-Forwarded-For", address)] + headers
        let language = headers.contains { $0.0 == "Accept-Language" } ? [] : [("Accept-Language", "en")]
        return try await node.http.request("POST", "/api/v1/auth\(path)", headers: headers + language, json: body)
    }

    @Test("login answers tokens and the user; they work on every node")
    func login() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let answer = try await Self.ask(
            deployment.a,
            "/login",
            ["email": .string(" " + salon.email(.manager).uppercased()), "password": .string(Salon.password)]
        ).expect(200)
        #expect(answer["token_type"] == "bearer")
        let user = answer["user"]
        #expect(user["id"]?.int == salon.userID(.manager))
        #expect(user["email"]?.string == salon.email(.manager))
        #expect(user["role"] == "manager")
        #expect(user["first_name"] == "Оксана")
        #expect(user["is_active"] == true)
        #expect(user["telegram_id"] == .null)
        #expect(user["hashed_password"] == nil)
        let token = answer["access_token"].string ?? ""
        for node in deployment.nodes {
            let me = try await Desk(node: node, token: token).get("/auth/me").expect(200)
            #expect(try me.json == user)
        }
    }

    @Test("wrong password and unknown e-mail look alike; missing or mistyped fields are named")
    func refusedLogins() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let wrong = try await Self.ask(deployment.a, "/login", ["email": .string(salon.email(.admin)), "password": "wrong"])
        let unknown = try await Self.ask(deployment.a, "/login", ["email": "nobody@nowhere.test", "password": "wrong"])
        wrong.expectError(401, "INVALID_CREDENTIALS")
        #expect(wrong["message"] == "Invalid credentials")
        #expect(wrong.text == unknown.text)
        #expect(wrong.status == unknown.status)
        let both: Set<String> = ["email", "password"]
        try await Self.ask(deployment.a, "/login", [:]).expectError(422, "VALIDATION_ERROR", fields: both)
        try await Self.ask(deployment.a, "/login", ["email": 1, "password": ["x"]]).expectError(
            422,
            "VALIDATION_ERROR",
            fields: both
        )
        let long = JSONValue.string(String(repeating: "x", count: 5_000))
        #expect((400..<500).contains(try await Self.ask(deployment.a, "/login", ["email": long, "password": long]).status))
        let nul = try await Self.ask(deployment.a, "/login", ["email": "a\u{0}@b.test", "password": "a\u{0}b"])
        #expect((400..<500).contains(nul.status))
    }

    @Test("an inactive user is told so with the right password only, and their tokens stop working")
    func inactive() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let desk = try await salon.login(.manager)
        try await deployment.database.client.query("UPDATE users SET is_active = false WHERE id = \(desk.userID)")
        let email = JSONValue.string(salon.email(.manager))
        let right = try await Self.ask(deployment.a, "/login", ["email": email, "password": .string(Salon.password)])
        right.expectError(403, "USER_INACTIVE")
        #expect(right["message"] == "User is inactive")
        try await Self.ask(deployment.a, "/login", ["email": email, "password": "wrong"]).expectError(401, "INVALID_CREDENTIALS")
        try await desk.get("/auth/me").expectError(403, "USER_INACTIVE")
        try await Self.ask(deployment.a, "/refresh", ["refresh_token": .string(desk.refreshToken)]).expectError(
            403,
            "USER_INACTIVE"
        )
    }

    @Test("a user who is gone is not found")
    func gone() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let desk = try await salon.login(.manager)
        try await deployment.database.client.query("DELETE FROM users WHERE id = \(desk.userID)")
        let answer = try await desk.get("/auth/me")
        answer.expectError(404, "USER_NOT_FOUND")
        #expect(answer["message"] == "User not found")
    }

    @Test("refresh gives a new access token, keeps the refresh token, and looks at no Authorization header")
    func refresh() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let desk = try await salon.login(.admin)
        for header in ["Bearer \(try desk.token(expiringIn: -100))", "Bearer nonsense", "nonsense"] {
            for node in deployment.nodes {
                let answer = try await Self.ask(
                    node,
                    "/refresh",
                    ["refresh_token": .string(desk.refreshToken)],
                    [("Authorization", header)]
                ).expect(200)
                #expect(answer["refresh_token"].string == desk.refreshToken)
                #expect(answer["token_type"] == "bearer")
                try await Desk(node: node, token: answer["access_token"].string ?? "").get("/auth/me").expect(200)
            }
        }
    }

    @Test("tokens of another type, another key or no meaning are refused, on refresh and elsewhere")
    func wrongTokens() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let desk = try await salon.login(.admin)
        try await Self.ask(deployment.a, "/refresh", ["refresh_token": .string(desk.token)]).expectError(
            401,
            "INVALID_TOKEN_TYPE"
        )
        try await Self.ask(deployment.a, "/refresh", ["refresh_token": "x.y.z"]).expectError(401, "NOT_AUTHENTICATED")
        try await Self.ask(deployment.a, "/refresh", [:]).expectError(422, "VALIDATION_ERROR", fields: ["refresh_token"])
        let swapped = try await Desk(node: deployment.a, token: desk.refreshToken).get("/auth/me")
        swapped.expectError(401, "INVALID_TOKEN_TYPE")
        #expect(swapped["message"] == "Invalid token type")
        #expect(swapped.header("www-authenticate") == "Bearer")
        let stranger = TokenSigner(secret: "another installation's key, of thirty-two bytes").sign(
            TokenClaims(userID: desk.userID, sessionID: try desk.sessionID, type: .access, issuedAt: 0, expiresAt: 4_000_000_000)
        )
        for token in [try desk.token(expiringIn: -1), "nonsense", "", stranger, desk.token + "x"] {
            let answer = try await Desk(node: deployment.a, token: token).get("/appointments")
            answer.expectError(401, "NOT_AUTHENTICATED")
            #expect(answer["message"] == "Could not validate credentials")
        }
        let none = try await deployment.a.http.request("GET", "/api/v1/appointments")
        none.expectError(401, "NOT_AUTHENTICATED")
        let basic = try await deployment.a.http.request("GET", "/api/v1/auth/me", headers: [("Authorization", "Basic YTpi")])
        basic.expectError(401, "NOT_AUTHENTICATED")
    }

    @Test("a token of one's own session does not speak for another user")
    func borrowedSession() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let (admin, master) = (try await salon.login(.admin), try await salon.login(.master))
        let token = Deployment.signer.sign(
            TokenClaims(
                userID: admin.userID,
                sessionID: try master.sessionID,
                type: .access,
                issuedAt: 0,
                expiresAt: 4_000_000_000
            )
        )
        try await Desk(node: admin.node, token: token).get("/auth/me").expectError(401, "NOT_AUTHENTICATED")
    }

    @Test("logout ends access and refresh of this login on both nodes at once, and leaves the user's other logins alone")
    func logout() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let (desk, other) = (try await salon.login(.admin), try await salon.login(.admin))
        try await desk.at(deployment.b).post("/auth/logout").expect(204)
        for node in deployment.nodes {
            try await desk.at(node).get("/auth/me").expectError(401, "NOT_AUTHENTICATED")
            try await Self.ask(node, "/refresh", ["refresh_token": .string(desk.refreshToken)]).expectError(
                401,
                "NOT_AUTHENTICATED"
            )
            try await other.at(node).get("/auth/me").expect(200)
        }
        try await desk.post("/auth/logout").expectError(401, "NOT_AUTHENTICATED")
    }

    @Test("a demo account's right password from another machine is told so, a wrong one is a wrong one")
    func demoAccounts() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        try await deployment.database.client.query("UPDATE salons SET demo = true WHERE id = \(salon.id)")
        let email = JSONValue.string(salon.email(.admin))
        let right: JSONValue = ["email": email, "password": .string(Salon.password)]
        try await Self.ask(deployment.a, "/login", right).expectError(403, "DEMO_LOCAL_ONLY")
        try await Self.ask(deployment.a, "/login", ["email": email, "password": "wrong"]).expectError(401, "INVALID_CREDENTIALS")
        for address in ["127.0.0.1", "::1"] { try await Self.ask(deployment.a, "/login", right, from: address).expect(200) }
    }

    @Test("an invitation into a demo's salon is none from another machine")
    func demoInvitations() async throws {
        let (salon, admin) = try await Salon.withDesk()
        try await salon.deployment.database.client.query("UPDATE salons SET demo = true WHERE id = \(salon.id)")
        let email = JSONValue.string("new." + salon.email(.master))
        try await admin.post("/staff", ["firstName": "Леся", "position": "master", "email": email]).expect(201)
        let body: JSONValue = ["email": email, "password": "новий пароль"]
        try await Self.ask(salon.deployment.a, "/setup", body).expectError(404, "SETUP_NOT_FOUND")
        try await Self.ask(salon.deployment.a, "/setup", body, from: "127.0.0.1").expect(201)
    }

    @Test("behind a proxy that nobody has declared, nobody is of this machine; without one its own people are")
    func demoAccountsBehindUndeclaredProxy() async throws {
        let deployment = try await Deployment.start(nodes: 1, ["TRUSTED_PROXIES": ""])
        let salon = try await Salon.make(on: deployment)
        try await deployment.database.client.query("UPDATE salons SET demo = true WHERE id = \(salon.id)")
        let right: JSONValue = ["email": .string(salon.email(.admin)), "password": .string(Salon.password)]
        for header in [
            ("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-For", "127.0.0.1"), ("Forwarded", "for=203.0.113.9"),
            ("X-Real-IP", "203.0.113.9"),
        ] {
            try await deployment.a.http.request("POST", "/api/v1/auth/login", headers: [header], json: right)
                .expectError(403, "DEMO_LOCAL_ONLY")
        }
        try await deployment.a.http.request("POST", "/api/v1/auth/login", json: right).expect(200)
        try await deployment.stop()
    }

    @Test("texts come in the language that is asked for, else the salon's")
    func languages() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment, language: "en")
        let desk = try await salon.login(.master)
        let body: JSONValue = ["email": "nobody@nowhere.test", "password": "wrong"]
        for (wanted, text) in [
            ("uk", "Неправильна електронна пошта або пароль"), ("en-GB,en;q=0.9", "Invalid credentials"),
            ("de,uk;q=0.2,en;q=0.8", "Invalid credentials"), ("de", "Неправильна електронна пошта або пароль"),
        ] {
            #expect(try await Self.ask(deployment.a, "/login", body, [("Accept-Language", wanted)])["message"] == .string(text))
        }
        let refused = try await desk.ask("POST", "/appointments", salon.visit(9), [("Accept-Language", "uk")])
        refused.expectError(403, "FORBIDDEN")
        #expect(refused["message"] == "Недостатньо прав")
        #expect(refused.header("content-language") == "uk")
        let own = try await desk.ask("POST", "/appointments", salon.visit(9), [("Accept-Language", "fr")])
        #expect(own["message"] == "Not enough permissions")
    }
}
