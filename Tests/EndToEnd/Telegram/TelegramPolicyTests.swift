import JSON
import REST
import Secrets
import Support
import Testing

@Suite("Telegram: what an installation chooses", .inTurn)
struct TelegramPolicyTests {
    @Test("without a bot every route says so; unlinking alone needs none")
    func disabled() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let desk = try await salon.login(.admin)
        try await LoginPage.ask(deployment.a, Salon.freshAddress()).expectError(503, "TELEGRAM_DISABLED")
        try await LoginPage.status(deployment.a, OpaqueToken().text, Salon.freshAddress()).expectError(503, "TELEGRAM_DISABLED")
        try await desk.post("/auth/telegram/link").expectError(503, "TELEGRAM_DISABLED")
        try await desk.post("/telegram/webhook", [:]).expectError(503, "TELEGRAM_DISABLED")
        try await desk.delete("/auth/telegram/link").expect(204)
        let socket = try await desk.socket()
        try await socket.ask(["type": "subscribe", "topic": "telegram:x"], "error")
    }

    @Test("the number that the page shows is asked for after the tap; a wrong one cancels")
    func numbers() async throws {
        let world = try await TelegramWorld.start(nodes: 1, ["TELEGRAM_NUMBER_MATCH": "on"])
        let salon = try await world.salon()
        let phone = try await world.person(.manager, of: salon)
        for isRight in [true, false] {
            let page = try await LoginPage.begin(world.a)
            let number = try #require(page.begun["match_number"]?.int)
            let socket = try await page.socket()
            try await phone.open(page.link)
            try await socket.expectStatus("confirmed")
            try await phone.waitFor("Підтвердіть вхід")
            #expect(try await phone.forge("number:\(number):\(page.startCode)") == "❌ Код застарів")
            try await phone.tap(0)
            let question = try await phone.waitFor("🔢 Яке число показує сторінка входу?")
            let labels = question["reply_markup"]?["inline_keyboard"]?[0]?.array?.compactMap { $0["text"]?.string } ?? []
            #expect(labels.count == 3)
            let right = try #require(labels.firstIndex(of: String(number)))
            try await phone.tap(isRight ? right : (right + 1) % 3)
            if isRight {
                try await socket.expectStatus("completed")
                #expect(try await page.status()["access_token"].string != nil)
            } else {
                #expect(try await socket.expectStatus("cancelled")["reason"] == "wrong_number")
                try await phone.waitFor("❌ Число не збігається.")
                #expect(try await page.status()["reason"] == "wrong_number")
            }
        }
        try await world.stop()
    }

    @Test("a demo account's login through Telegram is handed to this machine alone")
    func demo() async throws {
        let world = try await TelegramWorld.standard.value
        let salon = try await world.salon()
        _ = try await world.deployment.database.client.query("UPDATE salons SET demo = true WHERE id = \(salon.id)")
        let phone = try await world.person(.manager, of: salon)
        let page = try await LoginPage.begin(world.a)
        try await page.confirm(with: phone, hearing: try await page.socket())
        try await page.status().expectError(403, "DEMO_LOCAL_ONLY")
        // It is still there for the one who may have it.
        let tokens = try await LoginPage.status(world.b, page.code, "::1").expect(200)
        #expect(tokens["user"]["id"]?.int == salon.userID(.manager))
    }

    @Test("approval: the admins are told, the account cannot log in, and switching it on completes the login that waits")
    func approval() async throws {
        let world = try await TelegramWorld.start(["TELEGRAM_REGISTRATION": "approval"])
        let salon = try await world.salon()
        let admin = try await salon.login(.admin, on: world.b)
        let notifications = try await admin.socket("notifications")
        let phone = try await world.phones.person("Леся", "Українка")
        let page = try await LoginPage.begin(world.a, salon: salon)
        let socket = try await page.socket()
        try await phone.open(page.link)
        try await socket.expectStatus("awaiting_confirmation")
        try await phone.waitFor("Бажаєте створити")
        try await phone.tap(0)
        try await socket.expectStatus("awaiting_approval")
        try await phone.waitFor("⏳ Обліковий запис створено!")
        let told = try await notifications.expect("notification:new")
        #expect(told["data"]?["message"]?.string?.contains("Леся Українка") == true)
        #expect(try await page.status()["status"] == "awaiting_approval")
        let id: Int64 = try await world.deployment.database.value("SELECT id FROM users WHERE telegram_id = \(phone.id)")
        // Meanwhile another login is refused.
        let second = try await LoginPage.begin(world.b, salon: salon)
        try await phone.open(second.link)
        try await phone.waitFor("❌ Ваш обліковий запис вимкнено.")
        try await salon.login(.manager).patch("/users/\(id)", ["is_active": true]).expectError(403, "FORBIDDEN")
        let approved = try await admin.patch("/users/\(id)", ["is_active": true, "role": "master"]).expect(200)
        #expect(approved["is_active"] == true)
        #expect(approved["telegram_id"].int == phone.id)
        try await socket.expectStatus("completed")
        let tokens = try await page.status(at: world.b).expect(200)
        #expect(tokens["user"]["role"] == "master")
        #expect(tokens["access_token"].string != nil)
        try await world.stop()
    }

    @Test("closed: who is known logs in, who is not is told whom to ask")
    func closed() async throws {
        let world = try await TelegramWorld.start(nodes: 1, ["TELEGRAM_REGISTRATION": "closed"])
        let salon = try await world.salon()
        let (known, unknown) = (try await world.person(.master, of: salon), try await world.phones.person("Інна"))
        let page = try await LoginPage.begin(world.a)
        let socket = try await page.socket()
        try await unknown.open(page.link)
        #expect(try await socket.expectStatus("cancelled")["reason"] == "registration_closed")
        try await unknown.waitFor("Зверніться до адміністратора салону.")
        let other = try await LoginPage.begin(world.a)
        try await known.open(other.link)
        try await known.waitFor("Підтвердіть вхід")
        try await known.tap(0)
        try await known.waitFor("✅ Вхід підтверджено!")
        #expect(try await other.status()["user"]["id"]?.int == salon.userID(.master))
        try await world.stop()
    }

    @Test("a code ends when its time is up: the page is told then, and what comes later is too late")
    func expiry() async throws {
        let world = try await TelegramWorld.start(nodes: 1, ["TELEGRAM_CODE_TTL": "6"])
        let salon = try await world.salon()
        let phone = try await world.person(.manager, of: salon)
        let page = try await LoginPage.begin(world.a)
        let socket = try await page.socket()
        try await phone.open(page.link)
        try await socket.expectStatus("confirmed")
        try await phone.waitFor("Підтвердіть вхід")
        let last = try await socket.expectStatus("expired")
        #expect(last == ["status": "expired"])
        #expect(try await phone.tap(0) == "❌ Код застарів")
        try await phone.open(page.link)
        try await phone.waitFor("❌ Код авторизації недійсний або застарів.")
        #expect(try await page.status().json == ["status": "expired"])
        try await socket.expectNothing()
        try await world.stop()
    }

    @Test("accounts are switched off and given roles by admins: sockets hear it, sessions end, the last admin stays")
    func accounts() async throws {
        let deployment = try await Deployment.standard.value
        let (salon, other) = (try await Salon.make(on: deployment), try await Salon.make(on: deployment))
        let admin = try await salon.login(.admin)
        let manager = try await salon.login(.manager, on: deployment.b)
        let (id, socket) = (salon.userID(.manager), try await manager.socket("clients"))
        try await admin.patch("/users/\(other.userID(.manager))", ["is_active": false]).expectError(404, "NOT_FOUND")
        try await manager.patch("/users/\(id)", ["role": "admin"]).expectError(403, "FORBIDDEN")
        for body: JSONValue in [["is_active": false], ["role": "manager"]] {
            try await admin.patch("/users/\(salon.userID(.admin))", body).expectError(409, "LAST_ADMIN")
        }
        try await admin.patch("/users/\(id)", ["is_active": 1, "role": "owner"])
            .expectError(422, "VALIDATION_ERROR", fields: ["is_active", "role"])
        try await admin.patch("/users/\(id)", ["is_active": .null, "role": .null])
            .expectError(422, "VALIDATION_ERROR", fields: ["is_active", "role"])
        #expect(try await admin.patch("/users/\(id)", ["role": "receptionist"]).expect(200)["role"] == "receptionist")
        #expect(try await manager.get("/auth/me")["role"] == "receptionist")
        try await socket.expectNothing()
        #expect(try await admin.patch("/users/\(id)", ["is_active": false]).expect(200)["is_active"] == false)
        try await socket.expectClose(4500)
        // Named, so that a node that hears of it late leaves the next login alone.
        let newest: Int64 = try await deployment.database.value(
            "SELECT (data ->> 'sessionId')::int8 FROM events WHERE topic = \("salon/\(salon.id)/access") AND type = 'user:ended'"
        )
        #expect(newest == (try manager.sessionID))
        try await manager.get("/auth/me").expectError(401, "NOT_AUTHENTICATED")
        #expect(try await admin.patch("/users/\(id)", ["is_active": true, "role": "admin"]).expect(200)["role"] == "admin")
        #expect(try await admin.patch("/users/\(salon.userID(.admin))", ["role": "master"]).expect(200)["role"] == "master")
    }
}
