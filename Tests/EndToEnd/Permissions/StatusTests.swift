import Foundation
import JSON
import REST
import Secrets
import Support
import Testing

/// What any operation may be answered, tried on each that openapi.yaml says it of.
@Suite("Statuses that every operation has", .inTurn)
struct StatusTests {
    @Test("each operation describes what any of its kind may be answered")
    func described() throws {
        for operation in try DescribedOperation.all() {
            var wanted: Set<String> = ["400", "413", "503"]
            if !operation.isOpen { wanted.formUnion(["401", "403", "404"]) }
            if operation.hasBody { wanted.formUnion(["415", "422"]) }
            if !operation.parameters.isEmpty { wanted.insert("422") }
            #expect(wanted.subtracting(operation.statuses) == [], "\(operation.testDescription)")
        }
    }

    @Test("a query that is no text, a body that is none of its kind, or too large")
    func requests() async throws {
        let (_, desk) = try await Salon.withDesk()
        // Those that look at no token have more to say where there is a bot and registration is open.
        let stranger = Desk(node: try await TelegramWorld.standard.value.a, token: "")
        for operation in try DescribedOperation.all() {
            let visitor = operation.isOpen ? stranger : desk
            try await operation.ask(visitor, query: "?search=%FF").expectError(400, "BAD_REQUEST")
            let length = [("Content-Length", "200000000")]
            try await operation.ask(visitor, more: length).expectError(413, "PAYLOAD_TOO_LARGE")
            // The webhook looks at bodies of Telegram's alone.
            guard operation.hasBody, !operation.path.hasSuffix("/webhook") else { continue }
            let kind = try await operation.ask(visitor, type: "text/plain", body: "x")
            kind.expectError(415, "UNSUPPORTED_MEDIA_TYPE")
            if operation.isImport { continue }
            let json = "application/json"
            try await operation.ask(visitor, type: json, body: "{").expectError(400, "INVALID_JSON")
            try await operation.ask(visitor, type: json, body: "[]").expectError(422, "VALIDATION_ERROR")
        }
    }

    @Test("what a node says of itself is said to nobody who speaks no HTTP")
    func root() async throws {
        let node = try await Deployment.standard.value.a
        for operation in try DescribedOperation.root() {
            let broken = [("X-Request-Id", "\u{1B}")]
            try await node.http.request("GET", operation.path, headers: broken).expectError(400, "BAD_REQUEST")
        }
    }

    @Test("another method than a path has is refused, and told which it has")
    func methods() async throws {
        let (_, desk) = try await Salon.withDesk()
        let operations = try DescribedOperation.root() + DescribedOperation.all()
        for (path, operations) in Dictionary(grouping: operations, by: \.path) {
            let known = operations.map(\.method)
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] where !known.contains(method) {
                let answer = try await desk.node.http.request(
                    method,
                    operations[0].target,
                    headers: [("Authorization", "Bearer \(desk.token)")]
                )
                answer.expectError(405, "METHOD_NOT_ALLOWED")
                let allowed = Set((answer.header("allow") ?? "").split(separator: ", ").map(String.init))
                #expect(allowed == Set(known + (known.contains("GET") ? ["HEAD"] : [])), "\(method) \(path)")
            }
        }
    }

    @Test("a parameter that its schema does not allow is refused, and named")
    func parameters() async throws {
        let side = try await WalkSide(on: try await Deployment.standard.value)
        for operation in try DescribedOperation.all() {
            var row: (path: String, body: JSONValue?)?
            for parameter in operation.parameters {
                guard let wrong = try parameter.wrongValue() else { continue }
                if row == nil { row = try await Self.filled(operation, side) }
                guard let row else { continue }
                let mark = row.path.contains("?") ? "&" : "?"
                let query = parameter.isHeader ? "" : "\(mark)\(parameter.name)=\(wrong)"
                let headers = parameter.isHeader ? [(parameter.name, wrong)] : []
                try await side.admin.ask(operation.method, row.path + query, row.body, headers)
                    .expectError(422, "VALIDATION_ERROR", fields: [parameter.name])
            }
        }
    }

    @Test("while the first request with an Idempotency-Key is under way, the same again is told to come back")
    func keysUnderWay() async throws {
        let side = try await WalkSide(on: try await Deployment.standard.value)
        for operation in try DescribedOperation.all() {
            guard operation.parameters.contains(where: { $0.name == "Idempotency-Key" }) else { continue }
            let row = try await Self.filled(operation, side)
            // The lock that the first one's transaction would hold.
            let lock = "\(side.admin.userID) \(operation.method) \(row.path) under way"
            let key = [("Idempotency-Key", "under way")]
            let answer = try await side.salon.deployment.database.client.transaction { connection in
                _ = try await connection.query("SELECT pg_advisory_xact_lock(hashtextextended(\(lock), 0))")
                return try await side.admin.ask(operation.method, row.path, row.body, key)
            }
            answer.expectError(409, "IDEMPOTENCY_IN_PROGRESS")
            #expect(answer.header("retry-after") == "1")
            let status = try await side.admin.ask(operation.method, row.path, row.body, key).status
            #expect(status == operation.row?.status, "\(operation.testDescription)")
        }
    }

    /// An operation as the permission walk asks for it, with rows of its own.
    private static func filled(
        _ operation: DescribedOperation,
        _ side: WalkSide
    ) async throws -> (path: String, body: JSONValue?) {
        let row = try #require(operation.row, "\(operation.testDescription)")
        var body: JSONValue?
        if let text = row.body?.text { body = try JSONValue(parsing: try await side.filled(text, for: .admin)) }
        return (try await side.filled(row.path, for: .admin), body)
    }

    @Test("a token of somebody who is switched off, and of one who is gone")
    func callers() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let (inactive, gone) = (try await salon.login(.manager), try await salon.login(.receptionist))
        let client = salon.deployment.database.client
        try await client.query("UPDATE users SET is_active = false WHERE id = \(salon.userID(.manager))")
        try await client.query("DELETE FROM users WHERE id = \(salon.userID(.receptionist))")
        for operation in try DescribedOperation.all() where !operation.isOpen {
            try await operation.ask(inactive).expectError(403, "USER_INACTIVE")
            try await operation.ask(gone).expectError(404, "USER_NOT_FOUND")
        }
    }

    @Test("without PostgreSQL each operation that needs it says so, and the node that it is not ready", .timeLimit(.minutes(3)))
    func outage() async throws {
        let postgres = try await blocking { try PrivatePostgres() }
        let database = try await Database.migrated(postgres.url)
        let deployment = try await Deployment.start(nodes: 1, database: database, ["REGISTRATION": "open"])
        let salon = try await Salon.make(on: deployment)
        let desk = try await salon.login(.admin)
        try await blocking { try postgres.stop(.immediate) }
        // What those need that look at no token before they ask the database.
        let email = JSONValue.string(salon.email(.admin))
        let account: JSONObject = ["email": email, "password": .string(Salon.password)]
        let bodies: [String: JSONObject] = [
            "login": account, "setup": account, "refresh": ["refresh_token": .string(desk.refreshToken)],
            "register": account.merging(["first_name": "Ганна", "salon_name": "Салон"]), "forgot-password": ["email": email],
            "reset-password": ["token": .string(OpaqueToken().text), "password": .string(Salon.password)],
        ]
        for operation in try DescribedOperation.all() {
            let body = bodies[String(operation.path.split(separator: "/").last ?? "")]
            if operation.isOpen, body == nil { continue }
            let text = operation.isOpen ? body.map { JSONValue.object($0).text } : nil
            let answer = try await operation.ask(desk, type: text.map { _ in "application/json" }, body: text)
            answer.expectError(503, "SERVICE_UNAVAILABLE")
        }
        try await poll("the node says so too") { try await deployment.a.readiness() == (503, "unavailable") ? () : nil }
        try await deployment.stop()
        try await blocking { try postgres.remove() }
    }
}
