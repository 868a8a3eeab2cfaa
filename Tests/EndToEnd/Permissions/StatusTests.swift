import Foundation
import JSON
import REST
import Support
import Testing

/// What any operation may be answered, tried on each that openapi.yaml says it of.
@Suite("Statuses that every operation has", .inTurn)
struct StatusTests {
    struct Operation: Sendable, CustomTestStringConvertible {
        var method: String
        var path: String
        var statuses: Set<String>
        var isOpen: Bool
        var hasBody: Bool

        var testDescription: String { "\(self.method) \(self.path)" }

        /// The path with something in the place of its parameters.
        var target: String {
            self.path.replacing("{role}", with: "master").replacing("{auth_code}", with: String(repeating: "a", count: 43))
                .replacing(/\{[a-zA-Z]+\}/, with: "1")
        }
    }

    /// Those below `/api/v1`.
    private static func operations() throws -> [Operation] {
        let paths = try ProtocolFiles.shared.get()["openapi.yaml"]["paths"]?.object ?? [:]
        return paths.filter { $0.key.hasPrefix("/api/v1/") }.flatMap { path, item in
            (item.object ?? [:]).filter { $0.key != "parameters" }.map { method, operation in
                Operation(
                    method: method.uppercased(),
                    path: path,
                    statuses: Set(operation["responses"]?.object?.keys ?? []),
                    isOpen: operation["security"]?.array?.isEmpty == true,
                    hasBody: operation["requestBody"] != nil
                )
            }
        }
    }

    private static func ask(
        _ operation: Operation,
        _ desk: Desk,
        query: String = "",
        type: String? = nil,
        body: String? = nil,
        more: [(String, String)] = []
    ) async throws -> HTTPAnswer {
        var headers = [("Authorization", "Bearer \(desk.token)"), ("X-Forwarded-For", Salon.freshAddress())] + more
        if let type { headers.append(("Content-Type", type)) }
        return try await desk.node.http.request(
            operation.method,
            operation.target + query,
            headers: headers,
            body: body.map { Array($0.utf8) }
        )
    }

    @Test("each operation describes what any of its kind may be answered")
    func described() throws {
        for operation in try Self.operations() {
            var wanted: Set<String> = ["400", "413", "503"]
            if !operation.isOpen { wanted.formUnion(["401", "403", "404"]) }
            if operation.hasBody { wanted.formUnion(["415"]) }
            #expect(wanted.subtracting(operation.statuses) == [], "\(operation.testDescription)")
        }
    }

    @Test("a query that is no text, a body that is none of its kind, or too large")
    func requests() async throws {
        let (_, desk) = try await Salon.withDesk()
        // Without a bot these know nothing but that.
        for operation in try Self.operations() where !operation.path.contains("/telegram/") || !operation.isOpen {
            // It would end the login.
            if operation.path.hasSuffix("/logout") { continue }
            try await Self.ask(operation, desk, query: "?search=%FF").expectError(400, "BAD_REQUEST")
            let length = [("Content-Length", "200000000")]
            try await Self.ask(operation, desk, more: length).expectError(413, "PAYLOAD_TOO_LARGE")
            // Closed registration asks for nothing.
            guard operation.hasBody, !operation.path.hasSuffix("/register") else { continue }
            let kind = try await Self.ask(operation, desk, type: "text/plain", body: "x")
            kind.expectError(415, "UNSUPPORTED_MEDIA_TYPE")
            if operation.statuses.contains("400"), !operation.path.hasSuffix("/import") {
                try await Self.ask(operation, desk, type: "application/json", body: "{").expectError(400, "INVALID_JSON")
            }
        }
    }

    @Test("a token of somebody who is switched off, and of one who is gone")
    func callers() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let (inactive, gone) = (try await salon.login(.manager), try await salon.login(.receptionist))
        let client = salon.deployment.database.client
        try await client.query("UPDATE users SET is_active = false WHERE id = \(salon.userID(.manager))")
        try await client.query("DELETE FROM users WHERE id = \(salon.userID(.receptionist))")
        for operation in try Self.operations() where !operation.isOpen {
            try await Self.ask(operation, inactive).expectError(403, "USER_INACTIVE")
            try await Self.ask(operation, gone).expectError(404, "USER_NOT_FOUND")
        }
    }

    @Test("without PostgreSQL each operation that needs it says so", .timeLimit(.minutes(3)))
    func outage() async throws {
        let postgres = try await blocking { try PrivatePostgres() }
        let database = try await Database.migrated(postgres.url)
        let deployment = try await Deployment.start(nodes: 1, database: database, ["REGISTRATION": "open"])
        let salon = try await Salon.make(on: deployment)
        let desk = try await salon.login(.admin)
        try await blocking { try postgres.stop(.immediate) }
        // What those need that look at no token before they ask the database.
        let account: JSONObject = ["email": .string(salon.email(.admin)), "password": .string(Salon.password)]
        let bodies: [String: JSONObject] = [
            "login": account, "setup": account, "refresh": ["refresh_token": .string(desk.refreshToken)],
            "register": account.merging(["first_name": "Ганна", "salon_name": "Салон"]),
        ]
        for operation in try Self.operations() {
            let body = bodies[String(operation.path.split(separator: "/").last ?? "")]
            if operation.isOpen, body == nil { continue }
            let text = operation.isOpen ? body.map { JSONValue.object($0).text } : nil
            let answer = try await Self.ask(operation, desk, type: text.map { _ in "application/json" }, body: text)
            answer.expectError(503, "SERVICE_UNAVAILABLE")
        }
        try await deployment.stop()
        try await blocking { try postgres.remove() }
    }
}
