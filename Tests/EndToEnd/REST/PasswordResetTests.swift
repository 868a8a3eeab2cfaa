import JSON
import Logging
import NIOPosix
import Postgres
import REST
import Secrets
import Support
import Synchronization
import Testing

@testable import adelante

@Suite("A lost password", .inTurn)
struct PasswordResetTests {
    /// A token that is kept as the server keeps one.
    private static func token(_ salon: Salon, _ role: Role, age: String = "0 s") async throws -> String {
        let token = OpaqueToken()
        try await salon.deployment.database.client.query(
            """
            INSERT INTO password_resets (token_hash, email, user_id, created_at, expires_at)
            VALUES (\(token.hash), \(salon.email(role)), \(salon.userID(role)), now() - \(age)::text::interval, now() - \(age)::text::interval + interval '1 hour')
            """
        )
        return token.text
    }

    private static func reset(_ node: Support.Node, _ token: String, _ password: String = "a new password") async throws
        -> HTTPAnswer
    {
        try await LoginTests.ask(node, "/reset-password", ["token": .string(token), "password": .string(password)])
    }

    private static func login(_ salon: Salon, _ role: Role, _ password: String) async throws -> HTTPAnswer {
        let body: JSONValue = ["email": .string(salon.email(role)), "password": .string(password)]
        return try await LoginTests.ask(salon.deployment.b, "/login", body)
    }

    private static func rows(_ salon: Salon, _ role: Role) async throws -> Int64 {
        try await salon.deployment.database.value(
            "SELECT count(*) FROM password_resets WHERE user_id = \(salon.userID(role)) AND length(token_hash) = 32"
        )
    }

    @Test("every address is answered alike; a token is kept for one that has an account, at most five an hour")
    func asking() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let database = salon.deployment.database
        func ask(_ email: String) async throws -> HTTPAnswer {
            try await LoginTests.ask(salon.deployment.a, "/forgot-password", ["email": .string(email)]).expect(200)
        }
        let known = try await ask(" " + salon.email(.manager).uppercased())
        #expect(known["message"].string?.isEmpty == false)
        #expect(try await Self.rows(salon, .manager) == 1)
        let count: SQL = "SELECT count(*) FROM password_resets WHERE user_id IS NULL"
        let before: Int64 = try await database.value(count)
        let unknown = try await ask("nobody@\(salon.email(.manager).split(separator: "@")[1])")
        #expect(unknown.text == known.text)
        #expect(try await database.value(count) == before + 1)
        // Also of those that come together.
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<10 { group.addTask { try await ask(salon.email(.manager)).text } }
            for try await text in group { #expect(text == known.text) }
        }
        #expect(try await Self.rows(salon, .manager) == 5)
        // One that is switched off, and a demo's, have none.
        try await database.client.query("UPDATE users SET is_active = false WHERE id = \(salon.userID(.master))")
        #expect(try await ask(salon.email(.master)).text == known.text)
        #expect(try await Self.rows(salon, .master) == 0)
        try await database.client.query("UPDATE salons SET demo = true WHERE id = \(salon.id)")
        _ = try await ask(salon.email(.admin))
        #expect(try await Self.rows(salon, .admin) == 0)
        for body in [[:], ["email": ""], ["email": "x"], ["email": 7]] as [JSONValue] {
            try await LoginTests.ask(salon.deployment.a, "/forgot-password", body)
                .expectError(422, "VALIDATION_ERROR", fields: ["email"])
        }
    }

    @Test("the letter's token sets the password; nobody else gets a letter, and nobody an answer with a token")
    func letters() async throws {
        // A node of this process, whose letters end up here.
        let database = try await Database.fresh()
        let environment = Deployment.settings(database: database.url, redis: "redis://127.0.0.1:1/0")
            .merging(["PORT": "0", "HOST": "127.0.0.1"]) { $1 }
        let settings = try NodeSettings(SettingsReader(environment: environment, dotEnv: nil))
        let letters = Mutex<[Courier.PasswordReset]>([])
        let logged = PortLog.Port()
        let node = try await adelante.Node.make(
            settings,
            group: .singleton,
            courier: Courier { letter in letters.withLock { $0.append(letter) } },
            logger: Logger(label: "test", factory: { _ in PortLog(port: logged) })
        )
        let listener = try #require(node.services.compactMap { $0 as? Listener }.first)
        let running = Task { try await listener.run() }
        let http = HTTPClient(port: try await poll("it listens") { logged.number.withLock { $0 } })
        func ask(_ path: String, _ body: JSONValue) async throws -> HTTPAnswer {
            try await http.request("POST", "/api/v1/auth\(path)", headers: [("X-Forwarded-For", "fd00::1")], json: body)
        }
        let salonID: Int64 = try await database.value("INSERT INTO salons (name) VALUES ('Салон') RETURNING id")
        try await database.client.query("INSERT INTO users (salon_id, email, role) VALUES (\(salonID), 'a@b.test', 'admin')")
        for email in ["nobody@b.test", "A@B.test"] { try await ask("/forgot-password", ["email": .string(email)]).expect(200) }
        let sent = letters.withLock { $0 }
        #expect(sent.map(\.email) == ["a@b.test"])
        let token = try #require(sent.first?.token)
        let kept: [UInt8] = try await database.value("SELECT token_hash FROM password_resets WHERE user_id IS NOT NULL")
        #expect(kept == OpaqueToken(token)?.hash)
        let answer = try await ask("/reset-password", ["token": .string(token), "password": "a new password"]).expect(200)
        #expect(!answer.text.contains(token))
        try await ask("/login", ["email": "a@b.test", "password": "a new password"]).expect(200)
        running.cancel()
        try await running.value
    }

    @Test("one address asks ten times within a quarter of an hour, whomever it asks for")
    func limit() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let address = Salon.freshAddress()
        for number in 0..<11 {
            let answer = try await LoginTests.ask(
                salon.deployment.nodes[number % 2],
                "/forgot-password",
                ["email": .string("\(number)@nowhere.test")],
                from: address
            )
            if number < 10 { try answer.expect(200) } else { answer.expectError(429, "RATE_LIMITED") }
        }
    }

    @Test("a letter to an address that the account has no more opens nothing")
    func formerAddress() async throws {
        let (salon, _) = try await Salon.withDesk()
        let desk = try await salon.login(.manager)
        let token = try await Self.token(salon, .manager)
        try await desk.put("/settings/profile", ["email": .string("elsewhere-\(salon.email(.manager))")]).expect(200)
        try await Self.reset(salon.deployment.a, token).expectError(400, "RESET_TOKEN_INVALID")
        try await desk.get("/auth/me").expect(200)
    }

    @Test("a token sets a password once, verifies the address, and ends every session on REST and sockets")
    func setting() async throws {
        let (salon, admin) = try await Salon.withDesk()
        let (first, second) = (try await salon.login(.master), try await salon.login(.master, on: salon.deployment.b))
        let socket = try await second.socket("appointments")
        let users = try await admin.socket("users")
        let (token, other) = (try await Self.token(salon, .master), try await Self.token(salon, .master))
        let answer = try await Self.reset(salon.deployment.a, token).expect(200)
        #expect(answer["message"].string?.isEmpty == false)
        try await socket.expectClose(4500)
        for desk in [first, second] {
            try await desk.get("/auth/me").expectError(401, "NOT_AUTHENTICATED")
            try await LoginTests.ask(desk.node, "/refresh", ["refresh_token": .string(desk.refreshToken)])
                .expectError(401, "NOT_AUTHENTICATED")
        }
        try await Self.login(salon, .master, Salon.password).expectError(401, "INVALID_CREDENTIALS")
        let user = try await Self.login(salon, .master, "a new password").expect(200)["user"]
        #expect(user["is_verified"] == true)
        #expect(try await users.expect("user:updated")["data"]?["id"]?.int == salon.userID(.master))
        // Used, and no other letter that was on its way is good any more.
        for token in [token, other] {
            try await Self.reset(salon.deployment.b, token, "another password").expectError(400, "RESET_TOKEN_INVALID")
        }
        try await Self.login(salon, .master, "a new password").expect(200)
        try await admin.get("/auth/me").expect(200)
        #expect(try await salon.audit("user") == ["updated Оксана master"])
        let details: PostgresJSON = try await salon.deployment.database.value(
            "SELECT details FROM audit_log WHERE salon_id = \(salon.id) AND entity = 'user'"
        )
        #expect(try JSONValue(parsing: details.text) == ["password": true, "via": "reset"])
        for node in salon.deployment.nodes { #expect(!node.log.contains(token) && !node.log.contains(other)) }
    }

    @Test("of two who use a token at once one sets the password")
    func race() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let token = try await Self.token(salon, .manager)
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<6 {
                group.addTask {
                    try await Self.reset(salon.deployment.nodes[number % 2], token, "password number \(number)").status
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.sorted() == [200, 400, 400, 400, 400, 400])
    }

    @Test(
        "a token that is wrong, over an hour old, or of somebody who has left is refused; so is a bad password, before it is used"
    )
    func refusals() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let node = salon.deployment.a
        for token in ["x", OpaqueToken().text, try await Self.token(salon, .admin, age: "61 min")] {
            try await Self.reset(node, token).expectError(400, "RESET_TOKEN_INVALID")
        }
        let left = try await Self.token(salon, .master)
        try await salon.deployment.database.client.query("UPDATE users SET is_active = false WHERE id = \(salon.userID(.master))")
        try await Self.reset(node, left).expectError(400, "RESET_TOKEN_INVALID")
        let good = try await Self.token(salon, .admin, age: "59 min")
        for (password, field) in [("password", "password"), ("newPassword", "newPassword")] {
            for value in ["short", String(repeating: "ї", count: 37)] {
                let body: JSONValue = .object(JSONObject([("token", .string(good)), (password, .string(value))]))
                try await LoginTests.ask(node, "/reset-password", body).expectError(422, "VALIDATION_ERROR", fields: [field])
            }
        }
        try await LoginTests.ask(node, "/reset-password", [:]).expectError(
            422,
            "VALIDATION_ERROR",
            fields: ["token", "password"]
        )
        let body: JSONValue = ["token": .string(good), "newPassword": "the documents' name"]
        try await LoginTests.ask(node, "/reset-password", body, [("Accept-Language", "uk")]).expect(200)
        try await Self.login(salon, .admin, "the documents' name").expect(200)
    }
}
