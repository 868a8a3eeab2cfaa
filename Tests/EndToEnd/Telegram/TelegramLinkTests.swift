import JSON
import REST
import Support
import Testing

@Suite("Linking an account to Telegram", .inTurn)
struct TelegramLinkTests {
    private struct Linking {
        let begun: HTTPAnswer
        let socket: SocketClient

        var link: String { self.begun["deep_link"].string ?? "" }
    }

    private static func begin(_ desk: Desk, at node: Node) async throws -> Linking {
        let begun = try await desk.post("/auth/telegram/link").expect(200)
        let code = begun["link_code"].string ?? ""
        #expect(begun["deep_link"].string == "https://t.me/\(TelegramPhones.botName)?start=link_\(code)")
        #expect(begun["expires_in"] == 300)
        let socket = try await desk.at(node).socket()
        try await socket.follow("telegram:\(code)", "pending")
        return Linking(begun: begun, socket: socket)
    }

    @Test("linked: the account page hears it, the account shows it, and Telegram logs in; then it is unlinked")
    func linked() async throws {
        let world = try await TelegramWorld.standard.value
        let salon = try await world.salon()
        let desk = try await salon.login(.manager)
        let phone = try await world.phones.person("Оксана", "Мельник", username: "oksana")
        let linking = try await Self.begin(desk, at: world.b)
        let bell = try await desk.socket("notifications")
        try await phone.open(linking.link)
        let status = try await linking.socket.expectStatus("linked")
        #expect(status["telegram_name"] == "Оксана Мельник")
        #expect(status["telegram_username"] == "oksana")
        let notification = try await bell.expect("notification:new")["data"]
        let message = "Telegram @oksana прив'язано до вашого облікового запису. Якщо це були не ви, відв'яжіть його."
        #expect(notification?["message"]?.string == message)
        #expect(notification?["unreadCount"] == 1)
        #expect(try await bell.expect("account:updated")["data"]?["telegram_id"]?.int == phone.id)
        try await phone.waitFor("✅ Telegram успішно прив'язано до акаунту Оксана manager!")
        #expect(try await desk.get("/auth/me")["telegram_id"].int == phone.id)
        let page = try await LoginPage.begin(world.a)
        try await phone.open(page.link)
        try await phone.waitFor("Підтвердіть вхід")
        try await phone.tap(0)
        try await phone.waitFor("✅ Вхід підтверджено!")
        #expect(try await page.status()["user"]["id"]?.int == salon.userID(.manager))
        try await desk.delete("/auth/telegram/link").expect(204)
        #expect(try await desk.get("/auth/me")["telegram_id"] == .null)
        try await desk.delete("/auth/telegram/link").expect(204)
    }

    @Test("refused: a Telegram account of another user, an account with another Telegram, and a second person at one code")
    func refused() async throws {
        let world = try await TelegramWorld.standard.value
        let salon = try await world.salon()
        let taken = try await world.person(.admin, of: salon)
        let desk = try await salon.login(.manager)
        let first = try await Self.begin(desk, at: world.a)
        try await taken.open(first.link)
        try await first.socket.expectStatus("refused")
        try await taken.waitFor("❌ Цей Telegram акаунт вже прив'язано до іншого користувача.")
        #expect(try await desk.get("/auth/me")["telegram_id"] == .null)

        let (phone, other) = (try await world.phones.person("Оксана"), try await world.phones.person("Інна"))
        let second = try await Self.begin(desk, at: world.a)
        try await phone.open(second.link)
        try await second.socket.expectStatus("linked")
        try await other.open(second.link)
        try await other.waitFor("❌ Цей код вже використано.")
        let third = try await Self.begin(desk, at: world.b)
        try await other.open(third.link)
        try await third.socket.expectStatus("refused")
        try await other.waitFor("вже прив'язано інший Telegram акаунт")
        #expect(try await desk.get("/auth/me")["telegram_id"].int == phone.id)
        // A code of one kind is nothing to the other.
        let page = try await LoginPage.begin(world.a)
        try await other.write("/start link_\(page.code)")
        try await other.waitFor("❌ Код прив'язки недійсний.")
        #expect(try await page.status()["status"] == "pending")
    }

    @Test("one account may begin so often and no oftener, from wherever; others may")
    func limit() async throws {
        let world = try await TelegramWorld.standard.value
        let salon = try await world.salon()
        let desk = try await salon.login(.manager)
        for number in 0..<10 {
            try await desk.at(world.deployment.nodes[number % 2]).post("/auth/telegram/link").expect(200)
        }
        let refused = try await desk.post("/auth/telegram/link")
        refused.expectError(429, "RATE_LIMITED")
        #expect((1...60).contains(refused.header("retry-after").flatMap { Int($0) } ?? 0))
        try await salon.login(.admin).post("/auth/telegram/link").expect(200)
    }

    @Test("who can log in through Telegram alone cannot unlink it")
    func onlyWayIn() async throws {
        let world = try await TelegramWorld.standard.value
        let salon = try await world.salon()
        let desk = try await salon.login(.manager)
        _ = try await world.person(.manager, of: salon)
        _ = try await world.deployment.database.client.query(
            "UPDATE users SET hashed_password = NULL WHERE id = \(salon.userID(.manager))"
        )
        try await desk.delete("/auth/telegram/link").expectError(409, "TELEGRAM_ONLY_LOGIN")
        #expect(try await desk.get("/auth/me")["telegram_id"] != .null)
        try await desk.node.http.request("POST", "/api/v1/auth/telegram/link").expect(401)
        try await desk.node.http.request("DELETE", "/api/v1/auth/telegram/link").expect(401)
    }
}
