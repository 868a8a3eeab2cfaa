import Curl
import JSON
import Testing

@testable import Telegram

@Suite struct BotClientTests {
    private let token: BotToken

    init() throws {
        self.token = try #require(BotToken("123456:AAsecret-SECRET_0"))
    }

    private func client(
        _ transport: ScriptedTransport,
        retry: RetryPolicy = RetryPolicy(patience: .zero),
        clock: any Clock<Duration> = InstantClock()
    ) -> BotClient {
        BotClient(transport: transport, token: self.token, base: "https://example.org/", retry: retry, clock: clock)
    }

    private static func refusal(_ status: Int, _ description: String, _ parameters: JSONValue? = nil) -> (
        status: Int, json: JSONValue
    ) {
        var json: JSONObject = ["ok": false, "error_code": JSONValue(status), "description": .string(description)]
        json["parameters"] = parameters
        return (status, .object(json))
    }

    @Test func `getMe asks by POST under the token and reads who the bot is`() async throws {
        let transport = ScriptedTransport(
            (
                200,
                ["ok": true, "result": ["id": 123_456, "is_bot": true, "first_name": "A", "username": "a_bot", "new_field": []]]
            )
        )
        #expect(
            try await self.client(transport).getMe() == TelegramUser(id: 123_456, isBot: true, firstName: "A", username: "a_bot")
        )
        let request = try #require(transport.requests.first)
        #expect(request.url == "https://example.org/bot123456:AAsecret-SECRET_0/getMe")
        #expect(request.method == .post)
    }

    @Test func `getUpdates sends what it is asked and waits longer than Telegram does`() async throws {
        let transport = ScriptedTransport((200, ["ok": true, "result": []]), (200, ["ok": true, "result": []]))
        let client = self.client(transport)
        _ = try await client.getUpdates(offset: 42, limit: 100, timeout: .seconds(50), kinds: [.message, .callbackQuery])
        _ = try await client.getUpdates(offset: nil, limit: 1, timeout: .zero, kinds: [])
        let bodies = try transport.requests.map { try JSONValue(parsing: $0.body) }
        #expect(bodies[0] == ["limit": 100, "timeout": 50, "allowed_updates": ["message", "callback_query"], "offset": 42])
        #expect(bodies[1] == ["limit": 1, "timeout": 0, "allowed_updates": []])
        #expect(transport.requests[0].timeout == .seconds(60))
        #expect(transport.requests[0].headers.map(\.value) == ["application/json"])
    }

    @Test func `a message is sent as HTML with its buttons, without a preview of links`() async throws {
        let result: JSONValue = [
            "message_id": 7, "date": 1_700_000_000, "chat": ["id": 5_000_000_000, "type": "private"], "text": "b",
        ]
        let transport = ScriptedTransport((200, ["ok": true, "result": result]))
        let keyboard = InlineKeyboard(rows: [[.init("Так", data: "confirm:1")], [.init("Ні", data: "cancel:1")]])
        let message = try await self.client(transport).sendMessage("<b>b</b>", to: 5_000_000_000, keyboard: keyboard)
        #expect(message == Message(id: 7, chat: Chat(id: 5_000_000_000, kind: .private), date: 1_700_000_000, text: "b"))
        #expect(
            try JSONValue(parsing: transport.requests[0].body) == [
                "chat_id": 5_000_000_000, "text": "<b>b</b>", "parse_mode": "HTML", "link_preview_options": ["is_disabled": true],
                "reply_markup": [
                    "inline_keyboard": [
                        [["text": "Так", "callback_data": "confirm:1"]], [["text": "Ні", "callback_data": "cancel:1"]],
                    ]
                ],
            ]
        )
    }

    @Test func `an edit that changes nothing is done, any other refusal is not`() async throws {
        let transport = ScriptedTransport(
            Self.refusal(400, "Bad Request: message is not modified: specified new message content is exactly the same"),
            Self.refusal(400, "Bad Request: message to edit not found")
        )
        let client = self.client(transport)
        try await client.editMessageText("a", chatID: 1, messageID: 2, keyboard: nil)
        let failure = await failure { () throws(BotError) in
            try await client.editMessageText("a", chatID: 1, messageID: 2, keyboard: nil)
        }
        #expect(failure?.isMessageGone == true)
    }

    @Test func `an answer to a tap, and the webhook's calls`() async throws {
        let yes: (status: Int, json: JSONValue) = (200, ["ok": true, "result": true])
        let transport = ScriptedTransport(yes, yes, yes, yes)
        let client = self.client(transport)
        try await client.answerCallbackQuery("77", text: "Код застарів", showAlert: true)
        try await client.answerCallbackQuery("78", text: nil, showAlert: false)
        try await client.setWebhook(url: "https://a.example/hook", secretToken: "s_1", kinds: [.message])
        try await client.deleteWebhook()
        let bodies = try transport.requests.map { try JSONValue(parsing: $0.body) }
        #expect(bodies[0] == ["callback_query_id": "77", "text": "Код застарів", "show_alert": true])
        #expect(bodies[1] == ["callback_query_id": "78"])
        #expect(bodies[2] == ["url": "https://a.example/hook", "secret_token": "s_1", "allowed_updates": ["message"]])
        #expect(bodies[3] == [:])
        #expect(
            transport.requests.map { String($0.url.split(separator: "/").last ?? "") }.suffix(2) == [
                "setWebhook", "deleteWebhook",
            ]
        )
    }

    @Test(arguments: [
        (400, BotError.Code.badRequest), (401, .unauthorized), (403, .forbidden), (404, .notFound), (409, .conflict),
        (429, .tooManyRequests), (500, .serverError), (502, .serverError), (418, .refused),
    ])
    func `a refusal is told by its error code`(status: Int, code: BotError.Code) async throws {
        let transport = ScriptedTransport(Self.refusal(status, "Some: words"))
        let failure = await failure { () throws(BotError) in _ = try await self.client(transport).getMe() }
        #expect(failure == BotError(code, "Some: words", status: status))
    }

    @Test func `a refusal brings how long Telegram wants to be left alone`() async throws {
        let transport = ScriptedTransport(Self.refusal(400, "x", ["retry_after": 5]))
        let failure = await failure { () throws(BotError) in _ = try await self.client(transport).getMe() }
        #expect(failure?.retryAfter == .seconds(5))
    }

    @Test(arguments: ["", "<html>", "[]", "null", "{}", #"{"ok":"yes"}"#, #"{"ok":true}"#, #"{"ok":true,"result":1}"#])
    func `what is not the Bot API's answer is an error and no crash`(body: String) async throws {
        let transport = ScriptedTransport([.success(CurlResponse(status: 200, body: Array(body.utf8)))])
        let failure = await failure { () throws(BotError) in _ = try await self.client(transport).getMe() }
        #expect(failure?.code == .invalidAnswer)
    }

    @Test(
        arguments: [
            .failure(CurlError(.answerTooLarge, "too large")),
            .success(CurlResponse(status: 200, body: Array(#"{"ok":true,"result":[{"update_id":1,}]}"#.utf8))),
        ] as [Result<CurlResponse, CurlError>]
    )
    func `the Bot API's own answer that cannot be read says so`(answer: Result<CurlResponse, CurlError>) async throws {
        let failure = await failure { () throws(BotError) in
            _ = try await self.client(ScriptedTransport([answer])).getUpdates(offset: 1, limit: 9, timeout: .zero, kinds: [])
        }
        #expect(failure?.code == .unreadableAnswer)
        #expect(failure?.isTransient == true)
    }

    @Test func `one update that is asked for alone may be long and deep`() async throws {
        let deep = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
        let long = String(repeating: " ", count: 9 << 20)
        let body = #"{"ok":true,"result":[{"update_id":1,"new":\#(deep)}\#(long)]}"#
        let transport = ScriptedTransport(
            Array(repeating: .success(CurlResponse(status: 200, body: Array(body.utf8))), count: 2)
        )
        let client = self.client(transport)
        for limit in [2, 1] {
            let updates = try await client.getUpdates(offset: 1, limit: limit, timeout: .zero, kinds: [])
            #expect(updates == [Update(id: 1, event: .other)])
        }
        #expect(transport.requests.map(\.maxAnswerBytes) == [8 << 20, 64 << 20])
    }

    @Test func `a proxy's 502 is a server's error`() async throws {
        let transport = ScriptedTransport([
            .success(CurlResponse(status: 502, body: Array("<html>".utf8), retryAfter: .seconds(3)))
        ])
        let failure = await failure { () throws(BotError) in _ = try await self.client(transport).getMe() }
        #expect(failure?.code == .serverError)
        #expect(failure?.retryAfter == .seconds(3))
    }

    @Test func `nobody asks to be left alone for longer than five minutes, by body or header`() async throws {
        let transport = ScriptedTransport([
            .success(CurlResponse(status: 429, body: Self.refusal(429, "x", ["retry_after": 86_400]).json.jsonBytes)),
            .success(CurlResponse(status: 429, body: Self.refusal(429, "x").json.jsonBytes, retryAfter: .seconds(86_400))),
            .success(CurlResponse(status: 503, body: [], retryAfter: .seconds(Int64.max))),
            .success(CurlResponse(status: 429, body: Self.refusal(429, "x", ["retry_after": -1]).json.jsonBytes)),
        ])
        let client = self.client(transport)
        for seconds in [300, 300, 300, 0] {
            let failure = await failure { () throws(BotError) in _ = try await client.getMe() }
            #expect(failure?.retryAfter == .seconds(seconds))
        }
    }

    @Test func `429 and 5xx are waited out`() async throws {
        let transport = ScriptedTransport([
            .success(CurlResponse(status: 502, body: [])),
            .failure(CurlError(.connectFailed, "down")),
            .success(CurlResponse(status: 429, body: Self.refusal(429, "Too Many Requests", ["retry_after": 4]).json.jsonBytes)),
            .success(CurlResponse(status: 200, body: Array(#"{"ok":true,"result":true}"#.utf8))),
        ])
        let clock = InstantClock()
        try await self.client(transport, retry: RetryPolicy(), clock: clock).deleteWebhook()
        #expect(transport.requests.count == 4)
        #expect(clock.slept.count == 3)
        #expect(clock.slept[0] <= .milliseconds(500))
        #expect(clock.slept[1] <= .seconds(1))
        #expect((Duration.seconds(4)..<Duration.milliseconds(4500)).contains(clock.slept[2]))
    }

    @Test func `a refusal that will stay is not asked again, nor is getUpdates`() async throws {
        let transport = ScriptedTransport(
            Self.refusal(403, "Forbidden: bot was blocked by the user"),
            Self.refusal(500, "Internal")
        )
        let client = self.client(transport, retry: RetryPolicy())
        let blocked = await failure { () throws(BotError) in _ = try await client.sendMessage("a", to: 1, keyboard: nil) }
        #expect(blocked?.code == .forbidden)
        let broken = await failure { () throws(BotError) in
            _ = try await client.getUpdates(offset: nil, limit: 1, timeout: .zero, kinds: [])
        }
        #expect(broken?.code == .serverError)
        #expect(transport.requests.count == 2)
    }

    @Test func `whoever is cancelled while it waits is told so`() async throws {
        let transport = ScriptedTransport(Self.refusal(429, "Too Many Requests", ["retry_after": 40]))
        let client = self.client(transport, retry: RetryPolicy(), clock: ContinuousClock())
        let task = Task { await failure { () throws(BotError) in try await client.deleteWebhook() } }
        while transport.requests.isEmpty { await Task.yield() }
        task.cancel()
        #expect(await task.value?.code == .cancelled)
    }

    @Test func `nothing that can be printed shows the token`() async throws {
        let transport = ScriptedTransport(
            Self.refusal(404, "Not Found: /bot123456:AAsecret-SECRET_0/getMe"),
            Self.refusal(400, "AAsecret-SECRET_0"),
            Self.refusal(400, String(repeating: "x", count: 490) + "AAsecret-SECRET_0")
        )
        let client = self.client(transport)
        var texts = ["\(client)", String(reflecting: client), "\(self.token)", String(reflecting: self.token)]
        var dumped = ""
        dump(client, to: &dumped)
        texts.append(dumped)
        for _ in 0..<3 {
            let failure = await failure { () throws(BotError) in _ = try await client.getMe() }
            texts.append("\(String(describing: failure)) \(String(reflecting: failure))")
        }
        for text in texts { #expect(!text.contains("AAsecret")) }
    }

    @Test(arguments: [
        "", ":", "1:", ":a", "1", "a:b", "1:a/b", "1:a b", "1:a?", "1:a:b", "1:\r\n", "1:" + String(repeating: "a", count: 200),
    ])
    func `what is no token is not taken`(text: String) {
        #expect(BotToken(text) == nil)
    }
}
