import Foundation
import JSON
import REST
import Secrets
import Support
import Testing

@Suite("Login through Telegram", .inTurn)
struct TelegramLoginTests {
    @Test("a newcomer registers: the page at one node hears every step, whichever node polls, and gets its tokens once")
    func registration() async throws {
        let world = try await TelegramWorld.standard.value
        let salon = try await world.salon()
        let phone = try await world.phones.person("Tom & <b>Jerry</b>", "O'Neil", language: "uk")
        for node in world.deployment.nodes {
            let page = try await LoginPage.begin(node, salon: salon)
            #expect(page.begun["expires_in"] == 300)
            #expect(page.begun["bot_username"]?.string == TelegramPhones.botName)
            #expect(page.begun["qr_code"]?.string?.hasPrefix("data:image/png;base64,") == true)
            #expect(page.begun["match_number"] == nil)
            #expect(page.link == "https://t.me/\(TelegramPhones.botName)?start=\(page.startCode)")
            #expect(page.startCode == Base64URL.encode(Crypto.sha256(Array(page.code.utf8))))
        }
        let page = try await LoginPage.begin(world.a, salon: salon)
        let sockets = [try await page.socket(), try await page.socket(at: world.b)]
        #expect(try await page.status()["status"] == "pending")
        try await phone.open(page.link)
        for socket in sockets {
            let data = try await socket.expectStatus("awaiting_confirmation", page.topic)
            #expect((290...300).contains(data["expires_in"]?.int ?? 0))
        }
        let question = try await phone.waitFor("Бажаєте створити обліковий запис?")
        #expect(question["text"]?.string?.hasPrefix("👋 Привіт, Tom & <b>Jerry</b>!\n\nВи ще не зареєстровані") == true)
        #expect(question["text"]?.string?.contains("Firefox, Linux") == true)
        #expect(question["text"]?.string?.contains(page.address) == true)
        #expect(try await phone.tap(0) == nil)
        for socket in sockets {
            let data = try await socket.expectStatus("completed", page.topic)
            #expect((50...60).contains(data["expires_in"]?.int ?? 0))
        }
        try await phone.waitFor("✅ Обліковий запис створено!\nПоверніться до браузера для завершення входу.")

        let tokens = try await page.status(at: world.b).expect(200)
        #expect(tokens["status"] == "completed")
        #expect(tokens["token_type"] == "bearer")
        let user = try #require(tokens["user"].object)
        #expect(user["email"] == .string("telegram_\(phone.id)@adelante-crm.local"))
        #expect(user["role"] == "receptionist")
        #expect(user["first_name"] == "Tom & <b>Jerry</b>")
        #expect(user["last_name"] == "O'Neil")
        #expect(user["telegram_id"]?.int == phone.id)
        #expect(user["is_active"] == true)
        #expect(user["salon_id"]?.int == salon.id)
        let desk = Desk(node: world.b, token: tokens["access_token"].string ?? "")
        #expect(try await desk.get("/auth/me").expect(200)["id"] == user["id"])
        for node in world.deployment.nodes {
            #expect(try await page.status(at: node).expect(200).json == ["status": "expired"])
        }
        // Nothing follows the last status; whoever asks now hears what the route says.
        for socket in sockets {
            try await socket.expectNothing()
            try await socket.follow(page.topic, "expired")
        }
        // The second time she is known.
        let again = try await LoginPage.begin(world.b, salon: salon)
        let socket = try await again.socket(at: world.a)
        try await phone.open(again.link)
        try await socket.expectStatus("confirmed")
        try await phone.waitFor("Підтвердіть вхід в систему Adelante CRM.")
        try await phone.tap(0)
        try await socket.expectStatus("completed")
        try await phone.waitFor("✅ Вхід підтверджено! Поверніться до браузера.")
        #expect(try await again.status().expect(200)["user"]["id"] == user["id"])
        #expect(try await world.users(telegramID: phone.id) == 1)
    }

    @Test("tokens asked for at many places at once are handed over once")
    func takenOnce() async throws {
        let world = try await TelegramWorld.standard.value
        let salon = try await world.salon()
        let phone = try await world.person(.manager, of: salon)
        let page = try await LoginPage.begin(world.a)
        let socket = try await page.socket()
        try await page.confirm(with: phone, hearing: socket)
        // Whoever only wants to see the headers takes nothing.
        #expect(try await page.headOfStatus().hasPrefix("HTTP/1.1 200 "))
        let answers = try await withThrowingTaskGroup(of: HTTPAnswer.self) { group in
            for index in 0..<10 { group.addTask { try await page.status(at: world.deployment.nodes[index % 2]) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.filter { $0["access_token"].string != nil }.count == 1)
        #expect(answers.filter { $0["status"] == "expired" }.count == 9)
        #expect(answers.first { $0["access_token"].string != nil }?["user"]["id"]?.int == salon.userID(.manager))
    }

    @Test("who saw the QR code or the chat gets no token and hears nothing")
    func startCodeIsNoSecret() async throws {
        let world = try await TelegramWorld.standard.value
        let salon = try await world.salon()
        let phone = try await world.person(.manager, of: salon)
        let page = try await LoginPage.begin(world.a)
        let socket = try await page.socket()
        let thief = try await SocketClient.connect(world.b.port, .init().with("X-Forwarded-For", page.address))
        try await thief.follow("telegram:\(page.startCode)", "expired")
        try await phone.open(page.link)
        try await phone.waitFor("Підтвердіть вхід")
        try await phone.tap(0)
        try await socket.expectStatus("confirmed")
        try await socket.expectStatus("completed")
        #expect(try await page.status(code: page.startCode).json == ["status": "expired"])
        try await thief.expectNothing()
        #expect(try await page.status()["access_token"].string != nil)
    }

    @Test("the first Telegram user owns the code; another's start and forged taps do nothing, and a used code says so")
    func twoUsers() async throws {
        let world = try await TelegramWorld.standard.value
        let salon = try await world.salon()
        let (owner, other) = (try await world.person(.manager, of: salon), try await world.person(.receptionist, of: salon))
        let page = try await LoginPage.begin(world.a)
        let socket = try await page.socket()
        try await owner.open(page.link)
        try await socket.expectStatus("confirmed")
        let question = try await owner.waitFor("Підтвердіть вхід")
        try await other.open(page.link)
        try await other.waitFor("❌ Цей код вже використано.")
        for data in ["confirm", "register", "cancel", "number:10"] {
            #expect(try await other.forge("\(data):\(page.startCode)") == "❌ Цей код вже використано.")
        }
        let message = question["message_id"]?.int ?? 0
        for data in ["nonsense", "confirm:", "confirm:\(page.code)", "register:\(page.startCode)", "number:10:\(page.startCode)"]
        {
            #expect(try await owner.forge(data, message: message) == "❌ Код застарів")
        }
        #expect(try await owner.forge("confirm:\(page.startCode)", chat: Phone.group) == "❌ Код застарів")
        try await socket.expectNothing()
        #expect(try await page.status()["status"] == "confirmed")
        try await owner.tap(0)
        try await socket.expectStatus("completed")
        #expect(try await owner.forge("cancel:\(page.startCode)", message: message) == "❌ Код застарів")
        #expect(try await page.status()["user"]["id"]?.int == salon.userID(.manager))
        try await owner.open(page.link)
        try await owner.waitFor("❌ Цей код вже використано.")
        // The same tap once more, as after a node's death: it went well.
        #expect(try await owner.forge("confirm:\(page.startCode)", message: message) == nil)
        #expect(try await page.status()["status"] == "expired")
    }

    @Test("cancelled by the person: the page hears why, and no token ever comes")
    func cancelled() async throws {
        let world = try await TelegramWorld.standard.value
        let salon = try await world.salon()
        let phone = try await world.phones.person("Інна", language: "en")
        let page = try await LoginPage.begin(world.b, salon: salon)
        let socket = try await page.socket()
        try await phone.open(page.link)
        try await socket.expectStatus("awaiting_confirmation")
        try await phone.waitFor("Would you like to create an account?")
        try await phone.tap(1)
        #expect(try await socket.expectStatus("cancelled")["reason"] == "user")
        try await phone.waitFor("❌ The login was cancelled.")
        let status = try await page.status()
        #expect(status["status"] == "cancelled")
        #expect(status["reason"] == "user")
        #expect(status["access_token"] == .null)
        #expect(try await world.users(telegramID: phone.id) == 0)
        try await phone.write("/start")
        try await phone.waitFor("Hello! This bot logs you in to Adelante CRM.")
    }

    @Test("groups, forwarded and edited messages, other bots and old messages change nothing")
    func ignored() async throws {
        let world = try await TelegramWorld.standard.value
        let salon = try await world.salon()
        let phone = try await world.person(.manager, of: salon)
        let page = try await LoginPage.begin(world.a)
        let socket = try await page.socket()
        let start = "/start \(page.startCode)"
        let now = Int64(Date().timeIntervalSince1970)
        try await phone.write(start, ["chat": JSONValue(Phone.group)])
        try await phone.write(start, ["forwarded": true])
        try await phone.write(start, ["via_bot": true])
        try await phone.write(start, ["date": JSONValue(now - 120)])
        // Updates of one person are handled in order: behind the last answer stand all of these.
        try await phone.write("/start")
        try await phone.waitFor("Привіт! Це бот для авторизації в Adelante CRM.")
        #expect(try await page.status()["status"] == "pending")
        try await socket.expectNothing()
        try await phone.open(page.link)
        try await socket.expectStatus("confirmed")
    }

    @Test("an account that is switched off cannot log in: before the question, between question and tap, or before the tokens")
    func inactive() async throws {
        let world = try await TelegramWorld.standard.value
        let salon = try await world.salon()
        let phone = try await world.person(.receptionist, of: salon)
        for moment in ["question", "tap", "tokens"] {
            let page = try await LoginPage.begin(world.a)
            let socket = try await page.socket()
            func switchOff(_ now: String) async throws {
                if now == moment { try await world.setActive(false, .receptionist, of: salon) }
            }
            try await switchOff("question")
            try await phone.open(page.link)
            if moment != "question" {
                try await socket.expectStatus("confirmed")
                try await phone.waitFor("Підтвердіть вхід")
                try await switchOff("tap")
                try await phone.tap(0)
            }
            if moment == "tokens" {
                try await socket.expectStatus("completed")
                try await switchOff("tokens")
            } else {
                #expect(try await socket.expectStatus("cancelled")["reason"] == "inactive")
                try await phone.waitFor("❌ Ваш обліковий запис вимкнено.")
            }
            let status = try await page.status().expect(200)
            #expect(status["status"] == "cancelled", "\(moment)")
            #expect(status["reason"] == "inactive")
            #expect(status["access_token"] == .null)
            try await world.setActive(true, .receptionist, of: salon)
        }
    }

    @Test("with several salons a newcomer needs one that init names; a salon that is not there is refused")
    func salons() async throws {
        let world = try await TelegramWorld.standard.value
        _ = (try await world.salon(), try await world.salon())
        let phone = try await world.phones.person("Інна")
        let page = try await LoginPage.begin(world.a)
        let socket = try await page.socket()
        try await phone.open(page.link)
        #expect(try await socket.expectStatus("cancelled")["reason"] == "registration_closed")
        try await phone.waitFor("❌ Реєстрацію закрито. Зверніться до адміністратора салону.")
        for salon: JSONValue in [999_999_999, "x", true] {
            try await LoginPage.ask(world.a, Salon.freshAddress(), ["salon": salon])
                .expectError(422, "VALIDATION_ERROR", fields: ["salon"])
        }
    }

    @Test("an address may begin ten logins and ask about sixty codes a minute, by route and socket together, at all nodes")
    func rates() async throws {
        let world = try await TelegramWorld.standard.value
        let address = Salon.freshAddress()
        for index in 0..<10 { try await LoginPage.ask(world.deployment.nodes[index % 2], address).expect(200) }
        for node in world.deployment.nodes {
            let refused = try await LoginPage.ask(node, address)
            refused.expectError(429, "RATE_LIMITED")
            #expect((1...60).contains(refused.header("retry-after").flatMap { Int($0) } ?? 0))
        }
        let socket = try await SocketClient.connect(world.a.port, .init().with("X-Forwarded-For", address))
        for index in 0..<60 {
            let guess = OpaqueToken().text
            if index % 2 == 0 {
                #expect(try await LoginPage.status(world.b, guess, address).expect(200).json == ["status": "expired"])
            } else {
                try await socket.follow("telegram:\(guess)", "expired")
            }
        }
        try await LoginPage.status(world.a, OpaqueToken().text, address).expectError(429, "RATE_LIMITED")
        socket.send(["type": "subscribe", "topic": "telegram:\(OpaqueToken().text)"])
        let refused = try await socket.expectError("rate_limited")
        #expect((1...60_000).contains(refused["retryAfter"]?.int ?? 0))
        // Others are not held up.
        #expect(try await LoginPage.status(world.a, OpaqueToken().text, Salon.freshAddress()).status == 200)
    }

    @Test("an anonymous socket follows codes and nothing else, outlives its ten seconds with one, and may log in on it")
    func anonymousSocket() async throws {
        let world = try await TelegramWorld.standard.value
        let salon = try await world.salon()
        let phone = try await world.person(.admin, of: salon)
        let page = try await LoginPage.begin(world.a)
        let socket = try await page.socket(at: world.b)
        try await socket.ask(["type": "subscribe", "topic": "appointments"], "error")
        #expect(try await socket.expectNothing()["heads"] == [:])
        // Again: the present state once more, and still one of each change.
        try await socket.follow(page.topic, "pending")
        try await Task.sleep(for: .seconds(11))
        try await phone.open(page.link)
        try await socket.expectStatus("confirmed")
        socket.send(["type": "unsubscribe", "topic": .string(page.topic)])
        try await socket.expect("unsubscribed")
        try await phone.waitFor("Підтвердіть вхід")
        try await phone.tap(0)
        try await phone.waitFor("✅ Вхід підтверджено!")
        try await socket.expectNothing()
        let tokens = try await page.status().expect(200)
        try await socket.ask(["type": "auth", "token": tokens["access_token"]], "authenticated")
        try await socket.subscribe("appointments")
        try await socket.follow("telegram:nonsense", "expired")
        try await socket.follow("telegram:", "expired")
        socket.send(["type": "unsubscribe", "topic": "telegram:nonsense"])
        try await socket.expect("unsubscribed")
    }
}
