import Foundation
import JSON
import REST
import Secrets
import Support
import Testing

/// What Telegram sends to a webhook, sent by a test to whichever node it likes.
struct Webhook: Sendable {
    let world: TelegramWorld
    let secret: String

    static let settings = ["TELEGRAM_MODE": "webhook", "TELEGRAM_WEBHOOK_URL": "http://127.0.0.1:1/telegram"]

    /// Nodes in webhook mode. Telegram itself is told of an address where nobody is.
    static func start(nodes: Int = 2, _ more: [String: String] = [:]) async throws -> Webhook {
        let world = try await TelegramWorld.start(nodes: nodes, self.settings.merging(more) { $1 })
        let call = try #require(try await world.phones.calls("setWebhook").first)
        let parameters = call["parameters"]
        #expect(parameters?["url"] == "http://127.0.0.1:1/telegram")
        return Webhook(world: world, secret: try #require(parameters?["secret_token"]?.string))
    }

    private static func person(_ id: Int64) -> JSONValue {
        ["id": JSONValue(id), "is_bot": false, "first_name": "Оксана", "language_code": "uk"]
    }

    static func start(_ update: Int64, _ person: Int64, _ code: String) -> JSONValue {
        [
            "update_id": JSONValue(update),
            "message": [
                "message_id": 1, "from": self.person(person), "chat": ["id": JSONValue(person), "type": "private"],
                "date": JSONValue(Int64(Date().timeIntervalSince1970)), "text": .string("/start \(code)"),
            ],
        ]
    }

    static func tap(_ update: Int64, _ person: Int64, _ data: String) -> JSONValue {
        [
            "update_id": JSONValue(update),
            "callback_query": [
                "id": .string("\(update)"), "from": self.person(person), "data": .string(data), "chat_instance": "1",
                "message": ["message_id": 2, "chat": ["id": JSONValue(person), "type": "private"], "date": 1],
            ],
        ]
    }

    /// A number that no update has had.
    static func newUpdate() -> Int64 { Int64.random(in: 1...Int64(Int32.max)) << 20 }

    func send(_ update: JSONValue, to node: Node, secret: String? = nil) async throws -> HTTPAnswer {
        try await Self.send(update, to: node, secret: secret ?? self.secret)
    }

    static func send(_ update: JSONValue, to node: Node, secret: String?) async throws -> HTTPAnswer {
        let headers = secret.map { [("X-Telegram-Bot-Api-Secret-Token", $0)] } ?? []
        return try await node.http.request("POST", "/api/v1/telegram/webhook", headers: headers, json: update)
    }

    func newPerson(_ role: Role, of salon: Salon) async throws -> Int64 {
        let id = Int64.random(in: 1 << 40...1 << 50)
        _ = try await self.world.deployment.database.client.query(
            "UPDATE users SET telegram_id = \(id) WHERE id = \(salon.userID(role))"
        )
        return id
    }
}

@Suite("Telegram's webhook", .inTurn)
struct TelegramWebhookTests {
    private static let shared = Task { try await Webhook.start() }

    @Test("without the secret or with a wrong one nothing happens; in polling mode, with the right one neither")
    func secret() async throws {
        let webhook = try await Self.shared.value
        let world = webhook.world
        let salon = try await world.salon()
        let person = try await webhook.newPerson(.manager, of: salon)
        let page = try await LoginPage.begin(world.a)
        let update = Webhook.start(Webhook.newUpdate(), person, page.startCode)
        let polling = try await TelegramWorld.standard.value
        for secret in [nil, "", "wrong", webhook.secret + "x", String(webhook.secret.dropLast()), Deployment.secretKey] {
            for node in [world.a, world.b, polling.a] {
                try await Webhook.send(update, to: node, secret: secret).expectError(403, "FORBIDDEN")
            }
        }
        try await webhook.send(update, to: polling.a).expectError(403, "FORBIDDEN")
        #expect(try await page.status()["status"] == "pending")
        try await webhook.send(update, to: world.b).expect(200)
        #expect(try await page.status()["status"] == "confirmed")
        for odd: JSONValue in [[:], ["update_id": "x"], ["update_id": 1, "message": 7], ["update_id": 2, "poll": [:]]] {
            try await webhook.send(odd, to: world.a).expect(200)
        }
    }

    @Test("a body of Telegram's that is no JSON object is refused by its kind")
    func bodies() async throws {
        let webhook = try await Self.shared.value
        func send(_ text: String, _ type: String = "application/json") async throws -> HTTPAnswer {
            try await webhook.world.a.http.request(
                "POST",
                "/api/v1/telegram/webhook",
                headers: [("X-Telegram-Bot-Api-Secret-Token", webhook.secret), ("Content-Type", type)],
                body: Array(text.utf8)
            )
        }
        try await send("{").expectError(400, "INVALID_JSON")
        try await send("{}", "text/plain").expectError(415, "UNSUPPORTED_MEDIA_TYPE")
        try await send("[]").expectError(422, "VALIDATION_ERROR")
    }

    @Test("an address that has begun too many logins at one installation may begin some at another on the same Redis")
    func limitsApart() async throws {
        let worlds = [try await Self.shared.value.world, try await TelegramWorld.standard.value]
        let address = Salon.freshAddress()
        for world in worlds {
            for _ in 0..<10 { try await LoginPage.ask(world.a, address).expect(200) }
            try await LoginPage.ask(world.b, address).expectError(429, "RATE_LIMITED")
        }
    }

    @Test("the secret of the key before a rotation is good as well")
    func rotation() async throws {
        let webhook = try await Self.shared.value
        let rotated = try await TelegramWorld.start(
            nodes: 1,
            Webhook.settings.merging([
                "SECRET_KEY": "the next key of the tests, of more than thirty-two bytes",
                "SECRET_KEY_PREVIOUS": Deployment.secretKey,
            ]) { $1 }
        )
        try await webhook.send([:], to: rotated.a).expect(200)
        try await rotated.stop()
    }

    @Test("two taps at once on two nodes: one counts, and both sockets hear the same")
    func twoTaps() async throws {
        let webhook = try await Self.shared.value
        let world = webhook.world
        let salon = try await world.salon()
        let person = try await webhook.newPerson(.manager, of: salon)
        for round in 0..<6 {
            let page = try await LoginPage.begin(world.a)
            let sockets = [try await page.socket(), try await page.socket(at: world.b)]
            let first = Webhook.newUpdate()
            try await webhook.send(Webhook.start(first, person, page.startCode), to: world.deployment.nodes[round % 2]).expect(
                200
            )
            let (yes, no) = (
                Webhook.tap(first + 1, person, "confirm:\(page.startCode)"),
                Webhook.tap(first + 2, person, "cancel:\(page.startCode)")
            )
            async let one = webhook.send(yes, to: world.deployment.nodes[round % 2])
            async let two = webhook.send(no, to: world.deployment.nodes[(round + 1) % 2])
            for answer in try await [one, two] { #expect(answer.status == 200) }
            var heard: Set<String> = []
            for socket in sockets {
                try await socket.expectStatus("confirmed")
                heard.insert(try await socket.expect("telegram:status")["data"]?["status"]?.string ?? "")
                try await socket.expectNothing()
            }
            #expect(heard.count == 1 && heard.isSubset(of: ["completed", "cancelled"]), "\(heard)")
            let status = try await page.status()
            #expect(status["status"].string == heard.first)
            #expect((status["access_token"].string != nil) == (heard == ["completed"]))
        }
    }

    @Test("two Telegram users at once on one code: one owns it, and only that one's tap counts")
    func twoUsers() async throws {
        let webhook = try await Self.shared.value
        let world = webhook.world
        let salon = try await world.salon()
        let people = [try await webhook.newPerson(.manager, of: salon), try await webhook.newPerson(.receptionist, of: salon)]
        let roles: [Role] = [.manager, .receptionist]
        for _ in 0..<5 {
            let page = try await LoginPage.begin(world.a)
            let first = Webhook.newUpdate()
            for (offset, word) in ["start", "tap"].enumerated() {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for index in 0..<2 {
                        let id = first + Int64(offset * 2 + index)
                        let update =
                            word == "start"
                            ? Webhook.start(id, people[index], page.startCode)
                            : Webhook.tap(id, people[index], "confirm:\(page.startCode)")
                        group.addTask { try await webhook.send(update, to: world.deployment.nodes[index]).expect(200) }
                    }
                    try await group.waitForAll()
                }
            }
            let tokens = try await page.status().expect(200)
            #expect(roles.map { salon.userID($0) }.contains(tokens["user"]["id"]?.int ?? 0))
            #expect(try await page.status().json == ["status": "expired"])
        }
    }

    @Test("an update that comes again, at another node or at the same time, has no second effect")
    func repeated() async throws {
        let webhook = try await Self.shared.value
        let world = webhook.world
        let salon = try await world.salon()
        let person = Int64.random(in: 1 << 40...1 << 50)
        let page = try await LoginPage.begin(world.a, salon: salon)
        let first = Webhook.newUpdate()
        let start = Webhook.start(first, person, page.startCode)
        let tap = Webhook.tap(first + 1, person, "register:\(page.startCode)")
        for update in [start, tap] {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<6 {
                    group.addTask { try await webhook.send(update, to: world.deployment.nodes[index % 2]).expect(200) }
                }
                try await group.waitForAll()
            }
        }
        #expect(try await world.users(telegramID: person) == 1)
        let tokens = try await page.status().expect(200)
        #expect(tokens["access_token"].string != nil)
        // The next login is not touched by what was said in the last one.
        let next = try await LoginPage.begin(world.a, salon: salon)
        for update in [start, tap] { try await webhook.send(update, to: world.b).expect(200) }
        #expect(try await next.status()["status"] == "pending")
        #expect(try await world.users(telegramID: person) == 1)
    }
}
