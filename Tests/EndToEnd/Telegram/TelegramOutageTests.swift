import Foundation
import JSON
import REST
import Secrets
import Support
import Testing

@Suite("Telegram login when something fails", .alone)
struct TelegramOutageTests {
    @Test("one node polls; killed, another does within ten seconds, and what came meanwhile has its effect once")
    func pollerDies() async throws {
        let world = try await TelegramWorld.start(nodes: 3)
        let salon = try await world.salon()
        let line = "this node asks Telegram for updates"
        let leader = try await poll("a node polls") { world.deployment.nodes.first { $0.log.contains(line) } }
        #expect(world.deployment.nodes.filter { $0.log.contains(line) }.count == 1)
        let others = world.deployment.nodes.filter { $0 !== leader }
        let people = try await [world.phones.person("Перша"), world.phones.person("Друга"), world.phones.person("Третя")]
        // One login has begun, one begins as the node dies, one after.
        var pages: [LoginPage] = []
        for _ in people { pages.append(try await LoginPage.begin(others[0], salon: salon)) }
        let sockets = try await [pages[0].socket(at: others[1]), pages[1].socket(), pages[2].socket(at: others[1])]
        try await people[0].open(pages[0].link)
        try await sockets[0].expectStatus("awaiting_confirmation")
        try await people[0].waitFor("Бажаєте створити")
        try await people[1].open(pages[1].link)
        try await leader.kill()
        let killed = ContinuousClock.now
        try await people[2].open(pages[2].link)
        for index in [1, 2] { try await sockets[index].expectStatus("awaiting_confirmation", within: .seconds(30)) }
        let moved = ContinuousClock.now - killed
        #expect(moved < .seconds(20), "\(moved)")
        #expect(others.filter { $0.log.contains(line) }.count == 1)
        for index in 0..<3 {
            try await people[index].waitFor("Бажаєте створити")
            try await people[index].tap(0)
            try await sockets[index].expectStatus("completed")
            #expect(try await pages[index].status()["user"]["telegram_id"]?.int == people[index].id)
            #expect(try await world.users(telegramID: people[index].id) == 1)
        }
        // One that stops in order hands over at once.
        let second = try #require(others.first { $0.log.contains(line) })
        let last = try #require(others.first { $0 !== second })
        second.terminate()
        _ = try await second.exit(within: .seconds(30))
        try await poll("the last node polls") { last.log.contains(line) ? () : nil }
        for node in [last] {
            node.terminate()
            _ = try await node.exit(within: .seconds(30))
        }
    }

    @Test("Telegram fails or asks to be left alone: the login goes on when it is back")
    func telegramFails() async throws {
        let world = try await TelegramWorld.start(nodes: 1)
        let salon = try await world.salon()
        let phone = try await world.person(.manager, of: salon)
        for method in ["getUpdates", "sendMessage", "answerCallbackQuery", "editMessageText"] {
            try await world.phones.act("faults", ["method": .string(method), "error_code": 502, "times": 1])
            try await world.phones.act(
                "faults",
                ["method": .string(method), "error_code": 429, "retry_after": 1, "times": 1]
            )
        }
        let page = try await LoginPage.begin(world.a)
        let socket = try await page.socket()
        try await page.confirm(with: phone, hearing: socket)
        try await phone.waitFor("✅ Вхід підтверджено!")
        try await world.stop()
    }

    @Test("somebody who sends a hundred messages at once holds up nobody else's login")
    func flood() async throws {
        let world = try await TelegramWorld.start(nodes: 1)
        let salon = try await world.salon()
        let (phone, flooder) = (try await world.person(.manager, of: salon), try await world.phones.person("Хтось"))
        let page = try await LoginPage.begin(world.a)
        let socket = try await page.socket()
        // Telegram lets a chat have twenty answers, then one a second: all of them would take eighty.
        for _ in 0..<100 { try await flooder.write("/start x") }
        try await page.confirm(with: phone, hearing: socket, within: .seconds(30))
        try await world.stop()
    }

    @Test("Redis loses everything, or dies: the page is told within seconds, and can begin again when it is back")
    func redisLoses() async throws {
        let redis = try await blocking { try PrivateRedis() }
        let world = try await TelegramWorld.start(redis: redis.url)
        let salon = try await world.salon()
        let phone = try await world.person(.manager, of: salon)

        let flushed = try await LoginPage.begin(world.a)
        let sockets = [try await flushed.socket(), try await flushed.socket(at: world.b)]
        try await phone.open(flushed.link)
        for socket in sockets { try await socket.expectStatus("confirmed") }
        try await phone.waitFor("Підтвердіть вхід")
        try await blocking { try Shell.run(["redis-cli", "-u", redis.url, "FLUSHALL"]) }
        for socket in sockets {
            try await socket.expectStatus("expired")
            try await socket.expectNothing()
        }
        #expect(try await phone.tap(0) == "❌ Код застарів")
        #expect(try await flushed.status().json == ["status": "expired"])

        let lost = try await LoginPage.begin(world.a)
        let socket = try await lost.socket(at: world.b)
        try await blocking { try redis.stop(.kill) }
        try await socket.expectStatus("expired", within: .seconds(15))
        // Without Redis: told so, at once.
        try await LoginPage.ask(world.a, Salon.freshAddress()).expectError(503, "SERVICE_UNAVAILABLE")
        let status = try await lost.status()
        status.expectError(503, "SERVICE_UNAVAILABLE")
        #expect(status.header("retry-after") == "1")
        socket.send(["type": "subscribe", "id": 3, "topic": .string(lost.topic)])
        let refused = try await socket.expectError("unavailable")
        #expect(refused["id"] == 3)
        #expect(refused["retryAfter"] == 1_000)
        // Whoever is signed in notices nothing.
        try await salon.login(.admin).book(salon.visit(9))

        try await blocking { try redis.start() }
        for node in world.deployment.nodes {
            try await poll("the node has Redis again") { try await node.readiness().word == "ready" ? () : nil }
        }
        let page = try await poll("a login can begin") {
            let answer = try await LoginPage.ask(world.b, Salon.freshAddress())
            return answer.status == 200 ? LoginPage(node: world.b, begun: try answer.json, address: Salon.freshAddress()) : nil
        }
        try await poll("the other node asks Redis too") {
            try await LoginPage.status(world.a, OpaqueToken().text, page.address).status == 200 ? () : nil
        }
        let again = try await page.socket(at: world.a)
        try await page.confirm(with: phone, hearing: again)
        #expect(try await page.status()["access_token"].string != nil)
        try await world.stop()
        try await blocking { try redis.remove() }
    }

    @Test("the logs of whole logins at the finest level hold none of their codes and tokens")
    func logs() async throws {
        let world = try await TelegramWorld.start(nodes: 2, ["LOG_LEVEL": "trace"])
        let salon = try await world.salon()
        let desk = try await salon.login(.admin)
        let (phone, linked) = (try await world.phones.person("Прізвисько"), try await world.phones.person("Інша"))
        var secrets = [TelegramPhones.token, String(TelegramPhones.token.split(separator: ":")[1]), "Прізвисько"]
        for button in [1, 0] {
            let page = try await LoginPage.begin(world.a, salon: salon)
            secrets += [page.code, page.startCode]
            let sockets = [try await page.socket(), try await page.socket(at: world.b)]
            try await phone.open(page.link)
            for socket in sockets { try await socket.expectStatus("awaiting_confirmation") }
            try await phone.waitFor("Бажаєте створити")
            try await phone.tap(button)
            for socket in sockets { try await socket.expectStatus(button == 0 ? "completed" : "cancelled") }
            let answer = try await page.status(at: world.b)
            secrets += [answer["access_token"].string, answer["refresh_token"].string].compactMap { $0 }
            for path in ["/auth/telegram/status/\(page.code)/", "/auth/telegram/status//\(page.code)", "/\(page.code)"] {
                _ = try await world.a.http.request("GET", "/api/v1\(path)")
            }
        }
        let link = try await desk.post("/auth/telegram/link").expect(200)
        secrets.append(link["link_code"].string ?? "")
        try await linked.open(link["deep_link"].string)
        try await linked.waitFor("✅ Telegram успішно прив'язано")
        let webhook = "a-secret-that-is-wrong-but-nobody-elses-business"
        _ = try await Webhook.send([:], to: world.a, secret: webhook)
        secrets.append(webhook)
        #expect(secrets.count == 11)
        try await world.stop()
        for node in world.deployment.nodes {
            #expect(node.log.contains("/api/v1/auth/telegram/status/…"))
            for secret in secrets { #expect(!node.log.contains(secret), "\(secret)") }
        }
    }
}
