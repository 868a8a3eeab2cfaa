import Foundation
import JSON
import Postgres
import REST
import Support

/// A salon of one test's own: a user of each role, two masters (the first has a login), and a price list.
struct Salon: Sendable {
    let deployment: Deployment
    let id: Int64
    let users: [Role: Int64]
    /// The master with a login.
    let olha: Int64
    /// A master without one.
    let iryna: Int64
    /// «Стрижка», 500, an hour.
    let haircut: Int64
    /// «Фарбування», 1500, two hours.
    let colouring: Int64
    /// Where its people's requests come from.
    let address = Salon.freshAddress()
    private let tag: String

    static let password = "a password of the tests"
    private static let passwordHash = Task {
        let hasher = PasswordHasher(cost: 4)
        let hash = try await hasher.hash(password)
        try await hasher.shutdown()
        return hash
    }

    /// - Parameters:
    ///   - deployment: where
    ///   - language: of messages and notifications
    static func make(on deployment: Deployment, language: String = "uk") async throws -> Salon {
        let database = deployment.database
        let hash = try await self.passwordHash.value
        let tag = UUID().uuidString.prefix(8).lowercased()
        let id: Int64 = try await database.value("INSERT INTO salons (name, language) VALUES ('Салон', \(language)) RETURNING id")
        var users: [Role: Int64] = [:]
        for role in Role.allCases {
            users[role] = try await database.value(
                """
                INSERT INTO users (salon_id, email, hashed_password, first_name, last_name, role)
                VALUES (\(id), \("\(role.rawValue)@\(tag).test"), \(hash), 'Оксана', \(role.rawValue), \(role.rawValue)) RETURNING id
                """
            )
        }
        func staff(_ name: String, _ user: Int64?) async throws -> Int64 {
            try await database.value(
                "INSERT INTO staff (salon_id, first_name, last_name, user_id) VALUES (\(id), \(name), 'Коваль', \(user)) RETURNING id"
            )
        }
        func service(_ name: String, _ price: Int64, _ duration: Int64) async throws -> Int64 {
            try await database.value(
                """
                INSERT INTO services (salon_id, name, category, price, duration)
                VALUES (\(id), \(name), 'hair', \(price)::int8, \(duration)::int8) RETURNING id
                """
            )
        }
        return Salon(
            deployment: deployment,
            id: id,
            users: users,
            olha: try await staff("Ольга", users[.master]),
            iryna: try await staff("Ірина", nil),
            haircut: try await service("Стрижка", 500, 60),
            colouring: try await service("Фарбування", 1_500, 120),
            tag: tag
        )
    }

    /// A salon on the nodes that all suites share, and a login of one of its people.
    static func withDesk(_ role: Role = .admin) async throws -> (Salon, Desk) {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        return (salon, try await salon.login(role))
    }

    /// An address of a network that nothing has come from: logins are counted by it, in a Redis that other runs may use.
    static func freshAddress() -> String {
        let parts = (0..<3).map { _ in String(UInt16.random(in: .min ... .max), radix: 16) }
        return "fd00:\(parts.joined(separator: ":"))::1"
    }

    func email(_ role: Role) -> String { "\(role.rawValue)@\(self.tag).test" }

    func userID(_ role: Role) -> Int64 { self.users[role] ?? 0 }

    /// A new login of this role's user.
    func login(_ role: Role, on node: Node? = nil) async throws -> Desk {
        let node = node ?? self.deployment.a
        let answer = try await node.http.request(
            "POST",
            "/api/v1/auth/login",
            headers: [("X-Forwarded-For", self.address)],
            json: ["email": .string(self.email(role)), "password": .string(Self.password)]
        ).expect(200)
        return Desk(
            node: node,
            token: answer["access_token"].string ?? "",
            refreshToken: answer["refresh_token"].string ?? "",
            userID: self.userID(role),
            address: self.address
        )
    }

    /// What the audit log has of a kind of thing, oldest first: action and name.
    func audit(_ entity: String) async throws -> [String] {
        let rows = try await self.deployment.database.client.query(
            """
            SELECT action || ' ' || entity_name AS entry FROM audit_log
            WHERE salon_id = \(self.id) AND entity = \(entity) ORDER BY id
            """
        )
        return try rows.map { try $0.get("entry") }
    }

    /// A body for `POST /appointments`: an hour of the first master's time, from this hour on.
    func visit(_ hour: Int, date: String = "2026-05-18", _ more: JSONObject = [:]) -> JSONValue {
        let visit: JSONObject = [
            "clientName": "Марія Шевченко", "clientPhone": "+380 67 123 45 67", "staffId": JSONValue(self.olha),
            "service": "Стрижка",
            "date": .string(date), "startTime": .string(Self.time(hour)), "endTime": .string(Self.time(hour + 1)), "price": 500,
        ]
        return .object(visit.merging(more))
    }

    static func time(_ hour: Int) -> String { (hour < 10 ? "0" : "") + "\(hour):00" }
}

/// One login, at one node.
struct Desk: Sendable {
    let node: Node
    let token: String
    var refreshToken = ""
    var userID: Int64 = 0
    var address = Salon.freshAddress()

    /// The id of this login's session.
    var sessionID: Int64 {
        get throws { try Deployment.signer.verify(self.token, type: .access, now: 0).sessionID }
    }

    /// The same login at another node.
    func at(_ node: Node) -> Desk {
        Desk(
            node: node,
            token: self.token,
            refreshToken: self.refreshToken,
            userID: self.userID,
            address: self.address
        )
    }

    /// Another access token of the same login.
    ///
    /// - Parameter seconds: until it expires; negative for one that has
    func token(expiringIn seconds: Int64) throws -> String {
        let now = Int64(Date().timeIntervalSince1970)
        return Deployment.signer.sign(
            TokenClaims(
                userID: self.userID,
                sessionID: try self.sessionID,
                type: .access,
                issuedAt: now - 3_600,
                expiresAt: now + seconds
            )
        )
    }

    /// Asks below `/api/v1`, in English unless a header says otherwise.
    func ask(_ method: String, _ path: String, _ body: JSONValue? = nil, _ headers: [(String, String)] = []) async throws
        -> HTTPAnswer
    {
        let language = headers.contains { $0.0 == "Accept-Language" } ? [] : [("Accept-Language", "en")]
        return try await self.node.http.request(
            method,
            "/api/v1" + path,
            headers: [("Authorization", "Bearer \(self.token)"), ("X-Forwarded-For", self.address)] + language + headers,
            json: body
        )
    }

    func get(_ path: String) async throws -> HTTPAnswer { try await self.ask("GET", path) }

    func post(_ path: String, _ body: JSONValue? = nil, _ headers: [(String, String)] = []) async throws -> HTTPAnswer {
        try await self.ask("POST", path, body, headers)
    }

    func put(_ path: String, _ body: JSONValue, _ headers: [(String, String)] = []) async throws -> HTTPAnswer {
        try await self.ask("PUT", path, body, headers)
    }

    func patch(_ path: String, _ body: JSONValue? = nil, _ headers: [(String, String)] = []) async throws -> HTTPAnswer {
        try await self.ask("PATCH", path, body, headers)
    }

    func delete(_ path: String) async throws -> HTTPAnswer { try await self.ask("DELETE", path) }

    /// Books a visit.
    ///
    /// - Returns: the visit
    @discardableResult
    func book(_ body: JSONValue, file: String = #fileID, line: Int = #line) async throws -> JSONValue {
        try await self.post("/appointments", body).expect(201, file: file, line: line).json
    }

    /// A socket of this login at its node that follows these topics and nothing else.
    func socket(_ topics: String..., file: String = #fileID, line: Int = #line) async throws -> SocketClient {
        let socket = try await SocketClient.connect(self.node.port, .header(self.token), file: file, line: line)
        for topic in topics { try await socket.subscribe(topic, file: file, line: line) }
        return socket
    }
}

extension JSONValue {
    /// A row that was asked for alone as lists and events have it: without what only one has.
    var asListed: JSONValue {
        guard var row = self.object?.removing("statistics") else { return self }
        if row.contains("visits") { row["visits"] = [] }
        return .object(row)
    }

    /// The `id` member as it stands in a path.
    var id: String { self["id"]?.int.map(String.init) ?? self["id"]?.string ?? "no id in \(self.text)" }
}
