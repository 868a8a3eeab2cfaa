import JSON
import REST
import Support
import Testing

/// The login page of a browser: what it was given, and the socket on which it hears how far it is.
struct LoginPage: Sendable {
    let node: Node
    let begun: JSONValue
    let address: String

    /// Asks for a login.
    static func begin(
        _ node: Node,
        salon: Salon? = nil,
        address: String = Salon.freshAddress(),
        file: String = #fileID,
        line: Int = #line
    ) async throws -> LoginPage {
        let answer = try await self.ask(node, address, salon.map { ["salon": JSONValue($0.id)] })
        return LoginPage(node: node, begun: try answer.expect(200, file: file, line: line).json, address: address)
    }

    static func ask(_ node: Node, _ address: String, _ body: JSONValue? = nil) async throws -> HTTPAnswer {
        try await node.http.request(
            "POST",
            "/api/v1/auth/telegram/init",
            headers: [
                ("X-Forwarded-For", address), ("Accept-Language", "en"),
                ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
            ],
            json: body
        )
    }

    var code: String { self.begun["auth_code"]?.string ?? "" }
    var link: String { self.begun["deep_link"]?.string ?? "" }
    /// What the QR code and the chat show.
    var startCode: String { String(self.link.split(separator: "=").last ?? "") }
    var topic: String { "telegram:\(self.code)" }

    /// Asks how far it is, or for the tokens.
    func status(at node: Node? = nil, code: String? = nil) async throws -> HTTPAnswer {
        try await Self.status(node ?? self.node, code ?? self.code, self.address)
    }

    /// All that a HEAD of the status route answers.
    func headOfStatus() async throws -> String {
        let stream = try await ByteStream.connect(port: self.node.port)
        stream.write(
            "HEAD /api/v1/auth/telegram/status/\(self.code) HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: \(self.address)\r\n"
                + "Connection: close\r\n\r\n"
        )
        var answer: [UInt8] = []
        while let bytes = try await stream.read() { answer += bytes }
        return String(decoding: answer, as: UTF8.self)
    }

    static func status(_ node: Node, _ code: String, _ address: String) async throws -> HTTPAnswer {
        try await node.http.request(
            "GET",
            "/api/v1/auth/telegram/status/\(code)",
            headers: [("X-Forwarded-For", address), ("Accept-Language", "en")]
        )
    }

    /// An anonymous socket, with the first status read.
    func socket(at node: Node? = nil, _ first: String = "pending", file: String = #fileID, line: Int = #line) async throws
        -> SocketClient
    {
        let node = node ?? self.node
        let socket = try await SocketClient.connect(node.port, SocketClient.Handshake().with("X-Forwarded-For", self.address))
        try await socket.follow(self.topic, first, file: file, line: line)
        return socket
    }
}

extension LoginPage {
    /// A known person opens the link and confirms; the page hears of both.
    func confirm(
        with phone: Phone,
        hearing socket: SocketClient,
        within limit: Duration = .seconds(20),
        file: String = #fileID,
        line: Int = #line
    ) async throws {
        try await phone.open(self.link)
        try await socket.expectStatus("confirmed", within: limit, file: file, line: line)
        try await phone.waitFor("Підтвердіть вхід")
        try await phone.tap(0)
        try await socket.expectStatus("completed", within: limit, file: file, line: line)
    }
}

extension SocketClient {
    /// Subscribes to an ephemeral topic: the acknowledgement, then the present state.
    @discardableResult
    func follow(_ topic: String, _ status: String, file: String = #fileID, line: Int = #line) async throws -> JSONValue {
        self.send(["type": "subscribe", "id": 9, "topic": .string(topic)])
        let subscribed = try await self.expect("subscribed", file: file, line: line)
        #expect(subscribed == ["type": "subscribed", "id": 9, "topic": .string(topic)])
        return try await self.expectStatus(status, topic, file: file, line: line)
    }

    /// The next message says how far a login is.
    @discardableResult
    func expectStatus(
        _ status: String,
        _ topic: String? = nil,
        within limit: Duration = .seconds(20),
        file: String = #fileID,
        line: Int = #line
    ) async throws -> JSONValue {
        let event = try await self.expect("telegram:status", within: limit, file: file, line: line)
        guard event["data"]?["status"]?.string == status else {
            throw Unexpected("\(event) instead of \(status)", file: file, line: line)
        }
        if let topic { #expect(event["topic"]?.string == topic) }
        #expect(event["seq"] == nil)
        return event["data"] ?? .null
    }
}

/// Nodes with a bot, and the telephones of its people.
struct TelegramWorld: Sendable {
    let phones: TelegramPhones
    let deployment: Deployment

    var a: Node { self.deployment.a }
    var b: Node { self.deployment.b }

    /// Two nodes that poll, where anybody may register either way, for all tests that need nothing special.
    static let standard = Task { try await TelegramWorld.start(["REGISTRATION": "open"]) }

    static func start(
        nodes: Int = 2,
        database: Database? = nil,
        redis: String? = nil,
        _ more: [String: String] = [:]
    ) async throws -> TelegramWorld {
        let phones = try await TelegramPhones.start()
        let settings = phones.settings.merging(more) { $1 }
        let deployment = try await Deployment.start(nodes: nodes, database: database, redis: redis, settings)
        return TelegramWorld(phones: phones, deployment: deployment)
    }

    func salon() async throws -> Salon { try await Salon.make(on: self.deployment) }

    /// Somebody whose Telegram is linked to this role's account.
    func person(_ role: Role, of salon: Salon) async throws -> Phone {
        let phone = try await self.phones.person("Оксана", role.rawValue)
        _ = try await self.deployment.database.client.query(
            "UPDATE users SET telegram_id = \(phone.id) WHERE id = \(salon.userID(role))"
        )
        return phone
    }

    func setActive(_ isActive: Bool, _ role: Role, of salon: Salon) async throws {
        _ = try await self.deployment.database.client.query(
            "UPDATE users SET is_active = \(isActive) WHERE id = \(salon.userID(role))"
        )
    }

    func users(telegramID: Int64) async throws -> Int64 {
        try await self.deployment.database.value("SELECT count(*) FROM users WHERE telegram_id = \(telegramID)")
    }

    func stop() async throws { try await self.deployment.stop() }
}
