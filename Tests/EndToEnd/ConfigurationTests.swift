import Foundation
import JSON
import Postgres
import REST
import Support
import Testing

@testable import adelante

@Suite("Configuration", .inTurn)
struct ConfigurationTests {
    private static let good = [
        "DATABASE_URL": "postgresql://127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0",
        "SECRET_KEY": "a key of thirty-two bytes or more!",
    ]

    /// A bot's settings with one of them changed.
    private static func bot(_ name: String, _ value: String?) -> [String: String?] {
        let bot = [
            "TELEGRAM_BOT_TOKEN": "1:hunter2", "TELEGRAM_BOT_USERNAME": "adelante_bot", "TELEGRAM_REGISTRATION": "open",
        ]
        return bot.mapValues { Optional($0) }.merging([name: value]) { $1 }
    }

    @Test("what is set for nothing is named, and hidden all the same")
    func unused() async throws {
        let more = ["SMTP_URL": "smtp://hunter2@x", "METRICS_PORT": "off", "WS_MAX_TOPIC": "9"]
        let (exit, output) = try await Node.run(["config", "check"], Self.good.merging(more) { $1 })
        #expect(exit == .status(0), "\(output)")
        let warnings = output.split(separator: "\n").filter { $0.hasPrefix("warning: ") }
        #expect(
            warnings == [
                "warning: WS_MAX_TOPIC is not a setting of this server",
                "warning: SMTP_URL is not used by this version: outgoing mail",
            ]
        )
        #expect(!output.contains("hunter2"))
    }

    @Test("a setting that is missing or cannot be used stops every command with one line that names it, and no secret")
    func refused() async throws {
        let cases: [(changed: [String: String?], named: String)] = [
            (["DATABASE_URL": nil], "DATABASE_URL"), (["REDIS_URL": nil], "REDIS_URL"), (["SECRET_KEY": nil], "SECRET_KEY"),
            (["SECRET_KEY": ""], "SECRET_KEY"), (["SECRET_KEY": "hunter2 is short"], "SECRET_KEY"),
            (["SECRET_KEY_PREVIOUS": "hunter2 is short"], "SECRET_KEY_PREVIOUS"),
            (["REDIS_URL": "http://hunter2@x"], "REDIS_URL"),
            (["DATABASE_URL": "postgresql://u:hunter2@ss@127.0.0.1/x"], "DATABASE_URL"),
            (["DATABASE_URL": "hunter2"], "DATABASE_URL"),
            (["TLS_CERT": "/nowhere.pem", "TLS_KEY": "/nowhere.key"], "TLS_CERT"),
            (["ALLOWED_ORIGINS": "http://localhost:3000, https://adelante-crm.com/"], "ALLOWED_ORIGINS"),
            (["ALLOWED_ORIGINS": "adelante-crm.com"], "ALLOWED_ORIGINS"),
            (["ALLOWED_ORIGINS": "https://*.adelante-crm.com"], "ALLOWED_ORIGINS"),
            (["TELEGRAM_REGISTRATION": "some"], "TELEGRAM_REGISTRATION"),
            (["PORT": "eighty"], "PORT"), (["PORT": "65536"], "PORT"), (["EVENT_LOOPS": "-1"], "EVENT_LOOPS"),
            (["ALGORITHM": "none"], "ALGORITHM"),
            (["BCRYPT_COST": "3"], "BCRYPT_COST"), (["REGISTRATION": "maybe"], "REGISTRATION"), (["DEMO": "yes"], "DEMO"),
            (["TRUSTED_PROXIES": "10.0.0.0/99"], "TRUSTED_PROXIES"), (["LOG_LEVEL": "loud"], "LOG_LEVEL"),
            (["LOG_FORMAT": "xml"], "LOG_FORMAT"), (["DRAIN_SECONDS": "-1"], "DRAIN_SECONDS"),
            (["WS_MAX_TOPICS": "0"], "WS_MAX_TOPICS"),
            (["TLS_CERT": "/nowhere.pem"], "TLS_KEY"), (["DB_POOL_SIZE": "0"], "DB_POOL_SIZE"),
            (["ACCESS_TOKEN_EXPIRE_MINUTES": "0"], "ACCESS_TOKEN_EXPIRE_MINUTES"),
            (["EVENT_RETENTION_DAYS": "x"], "EVENT_RETENTION_DAYS"),
            (["TELEGRAM_CODE_TTL": "0"], "TELEGRAM_CODE_TTL"), (["TELEGRAM_NUMBER_MATCH": "yes"], "TELEGRAM_NUMBER_MATCH"),
            (["TELEGRAM_MODE": "push"], "TELEGRAM_MODE"), (["TELEGRAM_API_BASE": "ftp://hunter2"], "TELEGRAM_API_BASE"),
            (["TELEGRAM_LINK_BASE": "https://user:hunter2@x"], "TELEGRAM_LINK_BASE"),
            (["TELEGRAM_BOT_TOKEN": "hunter2"], "TELEGRAM_BOT_TOKEN"),
            (Self.bot("TELEGRAM_BOT_USERNAME", nil), "TELEGRAM_BOT_USERNAME"),
            (Self.bot("TELEGRAM_BOT_USERNAME", "a bot"), "TELEGRAM_BOT_USERNAME"),
            (Self.bot("TELEGRAM_REGISTRATION", nil), "TELEGRAM_REGISTRATION"),
            (Self.bot("TELEGRAM_REGISTRATION", "some"), "TELEGRAM_REGISTRATION"),
            (Self.bot("TELEGRAM_MODE", "webhook"), "TELEGRAM_WEBHOOK_URL"),
        ]
        for (changed, named) in cases {
            var settings = Self.good
            for (name, value) in changed { settings[name] = value }
            for command in ["serve", "migrate"] where command == "serve" || named == "SECRET_KEY" {
                let (exit, output) = try await Node.run([command], settings)
                #expect(exit == .status(1), "\(changed): \(output)")
                let lines = output.split(separator: "\n")
                #expect(lines.count == 1, "\(output)")
                #expect(lines.first?.hasPrefix("adelante: \(named) ") == true, "\(output)")
                #expect(!output.contains("hunter2"))
            }
        }
    }

    @Test("a PostgreSQL that is there and refuses the login or the database is not waited for")
    func refusedLogins() async throws {
        let server = try await blocking { try PrivatePostgres.sharedURL() }
        var urls = [try PrivatePostgres.url(server, database: "no_such_database")]
        var parts = try #require(URLComponents(string: server))
        parts.user = "nobody_of_that_name"
        parts.password = "hunter2"
        urls.append(try #require(parts.string))
        for url in urls {
            let began = ContinuousClock.now
            let (exit, output) = try await Node.run(["serve"], Self.good.merging(["DATABASE_URL": url]) { $1 })
            #expect(exit == .status(1) && output.split(separator: "\n").count == 1, "\(output)")
            #expect(output.hasPrefix("adelante: DATABASE_URL cannot be used: "), "\(output)")
            #expect(!output.contains("hunter2"))
            #expect(ContinuousClock.now - began < .seconds(30), "it waits for 60 s where there is no PostgreSQL")
        }
    }

    @Test(".env in the working folder counts where the environment is silent; config check starts nothing")
    func dotEnv() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var text = "# comment\n\n export PORT = \"7\"\nWS_MAX_TOPIC=1\n"
        for (name, value) in Self.good { text += "\(name)='\(value)'\n" }
        try text.write(to: folder.appendingPathComponent(".env"), atomically: true, encoding: .utf8)
        let fine = try await Node.run(["config", "check"], [:], in: folder.path)
        #expect(fine.exit == .status(0), "\(fine.output)")
        #expect(fine.output.contains("WS_MAX_TOPIC "))
        let overridden = try await Node.run(["config", "check"], ["SECRET_KEY": "short"], in: folder.path)
        #expect(overridden.exit == .status(1))
        #expect(overridden.output.hasPrefix("adelante: SECRET_KEY "))
    }

    @Test(".env.example lists every setting with its default, and nothing else")
    func example() throws {
        let text = try String(contentsOf: Shell.repository.appendingPathComponent(".env.example"), encoding: .utf8)
        var listed: [String: String] = [:]
        for line in text.split(separator: "\n") {
            guard let match = line.wholeMatch(of: /#?\s*([A-Z][A-Z0-9_]*)=(.*)/) else { continue }
            #expect(listed[String(match.1)] == nil)
            listed[String(match.1)] = String(match.2)
        }
        var read: [String: String] = [:]
        for setting in Setting.all { read[setting.name] = setting.defaultValue ?? "" }
        #expect(Set(listed.keys) == Set(read.keys))
        for (name, value) in read { #expect(listed[name] == value, "\(name)") }
    }

    @Test(
        "migrate refuses, in one line, a database that cannot hold or fold Ukrainian names",
        arguments: [
            "ENCODING 'LATIN1' LOCALE 'C'", "ENCODING 'SQL_ASCII' LOCALE 'C'", "ENCODING 'UTF8' LOCALE 'C'",
            "ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C'",
        ]
    )
    func unfitDatabases(options: String) async throws {
        let database = try await Database.unmigrated("TEMPLATE template0 LOCALE_PROVIDER libc \(options)")
        let settings = Deployment.settings(database: database.url, redis: "redis://127.0.0.1:1/0")
        for command in ["migrate", "serve"] {
            let (exit, output) = try await Node.run([command], settings.merging(["PORT": "0"]) { $1 })
            #expect(exit == .status(1))
            let lines = output.split(separator: "\n")
            #expect(lines.count == 1, "\(output)")
            #expect(lines.first?.hasPrefix("adelante: DATABASE_URL ") == true, "\(output)")
            #expect(output.contains(options.contains("UTF8") ? "Cyrillic" : "UTF8"), "\(output)")
        }
        #expect(try await database.value("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == Int64(0))
    }

    @Test("two nodes that start at once on an empty database migrate it once; a second migrate has nothing to do")
    func concurrentMigration() async throws {
        let deployment = try await Deployment.start(database: try await Database.unmigrated(""))
        let salon = try await Salon.make(on: deployment)
        try await salon.login(.admin).at(deployment.b).book(salon.visit(9))
        let applied: Int64 = try await deployment.database.value("SELECT count(*) FROM schema_migrations")
        #expect(applied == Int64(Schema.migrations.count))
        try await deployment.database.migrate()
        #expect(try await deployment.database.value("SELECT count(*) FROM schema_migrations") == applied)
    }

    @Test("a key that is being replaced still opens what it signed; one that is unknown does not")
    func rotation() async throws {
        let new = "the next key of the tests, of more than thirty-two bytes"
        let deployment = try await Deployment.start(nodes: 1)
        let salon = try await Salon.make(on: deployment)
        let desk = try await salon.login(.admin)
        let rotated = try await Deployment.start(
            nodes: 1,
            database: deployment.database,
            ["SECRET_KEY": new, "SECRET_KEY_PREVIOUS": Deployment.secretKey]
        )
        try await desk.at(rotated.a).get("/auth/me").expect(200)
        try await SocketClient.connect(rotated.a.port, .header(desk.token)).expectNothing()
        let fresh = try await salon.login(.admin, on: rotated.a)
        try await fresh.get("/auth/me").expect(200)
        try await fresh.at(deployment.a).get("/auth/me").expectError(401, "NOT_AUTHENTICATED")
    }
}

@Suite("Logs", .inTurn)
struct LogTests {
    @Test("no password, token, key, query or phone is in the logs of a whole day's scenario", arguments: ["text", "json"])
    func secrets(format: String) async throws {
        let deployment = try await Deployment.start(nodes: 1, ["LOG_LEVEL": "trace", "LOG_FORMAT": format])
        let salon = try await Salon.make(on: deployment)
        let desk = try await salon.login(.admin)
        let node = deployment.a
        let sockets = [
            try await SocketClient.connect(node.port, .query(desk.token)),
            try await SocketClient.connect(node.port, .subprotocol(desk.token)),
            try await SocketClient.connect(node.port, .header(desk.token)),
        ]
        try await sockets[2].ask(["type": "auth", "token": .string(desk.token)], "authenticated")
        let bad = "bad-token-\(UUID().uuidString)"
        try await SocketClient.connect(node.port, .query(bad)).expectClose(4500)
        try await SocketClient.connect(node.port, .subprotocol(bad)).expectClose(4500)
        _ = try await SocketClient.refusal(node.port, .query(bad).with("Origin", "http://evil.example"))
        try await desk.book(salon.visit(9))
        try await desk.get("/clients?search=secret-search").expect(200)
        _ = try await node.http.request("GET", "/nothing?token=\(bad)")
        _ = try await Desk(node: node, token: bad).get("/auth/me")
        for path in ["/auth/login", "/auth/refresh", "/auth/setup"] {
            _ = try await desk.post(
                path,
                ["email": "nobody@nowhere.test", "password": "secret-password", "refresh_token": .string(desk.refreshToken)]
            )
        }
        _ = try await node.http.request("GET", "/health", headers: [("X-Request-Id", "forged\u{1B}[31m")])
        // It says goodbye but does not hang up, so that its connection is there until the very end.
        let lazy = try await ByteStream.connect(port: node.port)
        lazy.write(SocketClient.request(node.port, .header(desk.token)))
        var reader = HTTPReader(lazy)
        try await reader.next().expect(101)
        try await lazy.stopReading()
        lazy.write(ClientFrame.close(1000))
        try await desk.post("/auth/logout").expect(204)
        for socket in sockets { while case .message = try await socket.next().0 {} }
        try await deployment.stop()
        lazy.close()
        let log = node.log
        #expect(log.contains("/api/v1/appointments"))
        #expect(log.contains("/api/v1/auth/logout"))
        let secrets = [
            desk.token, desk.refreshToken, bad, Deployment.secretKey, Salon.password, "secret-password", "secret-search",
            "token=", "search=",
            "123 45 67", "nobody@nowhere.test", salon.email(.admin), "\u{1B}",
        ]
        for secret in secrets { #expect(!log.contains(secret), "\(secret)") }
        for line in log.split(separator: "\n") {
            let isOurs =
                format == "json"
                ? (try? JSONValue(parsing: String(line)))?["level"] != nil
                : line.prefixMatch(of: /\d{4}-\d\d-\d\dT[\d:.]+Z/) != nil
            #expect(isOurs, "\(line)")
        }
    }
}
