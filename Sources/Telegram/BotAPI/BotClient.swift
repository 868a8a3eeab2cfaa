import Curl
import JSON

/// The Bot API over HTTPS.
public struct BotClient: BotAPI {
    /// Telegram's own server.
    public static let telegram = "https://api.telegram.org"

    private let transport: any BotTransport
    private let token: BotToken
    private let base: String
    private let retry: RetryPolicy
    private let clock: any Clock<Duration>

    /// - Parameters:
    ///   - transport: sends the requests; a `CurlClient`.
    ///   - token: the bot's.
    ///   - base: the server, with or without a slash at its end; another than Telegram's for a Bot API server of one's own.
    ///   - retry: how 429 and 5xx are waited out.
    ///   - clock: of these waits.
    public init(
        transport: any BotTransport,
        token: BotToken,
        base: String = Self.telegram,
        retry: RetryPolicy = RetryPolicy(),
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.transport = transport
        self.token = token
        self.base = BaseURL.trimmed(base)
        self.retry = retry
        self.clock = clock
    }

    /// The bot itself; see ``BotAPI/getMe()``.
    public func getMe() async throws(BotError) -> TelegramUser {
        let result = try await self.patiently("getMe", [:])
        guard let user = TelegramUser(json: result) else { throw self.unexpected("getMe") }
        return user
    }

    /// Waits for updates; see ``BotAPI/getUpdates(offset:limit:timeout:kinds:)``.
    public func getUpdates(
        offset: Int64?,
        limit: Int,
        timeout: Duration,
        kinds: [UpdateKind]
    ) async throws(BotError) -> [Update] {
        let seconds = max(timeout.components.seconds, 0)
        var parameters: JSONObject = ["limit": JSONValue(limit), "timeout": JSONValue(seconds), "allowed_updates": kinds.json]
        parameters["offset"] = offset.map { JSONValue($0) }
        // An update has some kilobytes; a hundred of the largest are far below this. One that is asked for alone is let through
        // whatever it is.
        let maximum = limit == 1 ? 64 << 20 : 8 << 20
        let result = try await self.call("getUpdates", parameters, timeout: .seconds(seconds + 10), maxAnswerBytes: maximum)
        guard let updates = result.array else { throw self.unexpected("getUpdates") }
        return updates.compactMap(Update.init(json:))
    }

    /// Sends a message; see ``BotAPI/sendMessage(_:to:keyboard:)``.
    @discardableResult
    public func sendMessage(_ text: String, to chatID: Int64, keyboard: InlineKeyboard?) async throws(BotError) -> Message {
        var parameters = Self.text(text, chatID, keyboard)
        parameters["link_preview_options"] = ["is_disabled": true]
        let result = try await self.patiently("sendMessage", parameters)
        guard let message = Message(json: result) else { throw self.unexpected("sendMessage") }
        return message
    }

    /// Changes a message; see ``BotAPI/editMessageText(_:chatID:messageID:keyboard:)``.
    public func editMessageText(
        _ text: String,
        chatID: Int64,
        messageID: Int64,
        keyboard: InlineKeyboard?
    ) async throws(BotError) {
        var parameters = Self.text(text, chatID, keyboard)
        parameters["message_id"] = JSONValue(messageID)
        do throws(BotError) {
            _ = try await self.patiently("editMessageText", parameters)
        } catch {
            guard error.isMessageNotModified else { throw error }
        }
    }

    /// Answers a tap; see ``BotAPI/answerCallbackQuery(_:text:showAlert:)``.
    public func answerCallbackQuery(_ id: String, text: String?, showAlert: Bool) async throws(BotError) {
        var parameters: JSONObject = ["callback_query_id": .string(id)]
        parameters["text"] = text.map { .string($0) }
        if showAlert { parameters["show_alert"] = true }
        _ = try await self.patiently("answerCallbackQuery", parameters)
    }

    /// Has updates sent; see ``BotAPI/setWebhook(url:secretToken:kinds:)``.
    public func setWebhook(url: String, secretToken: String, kinds: [UpdateKind]) async throws(BotError) {
        let parameters: JSONObject = [
            "url": .string(url), "secret_token": .string(secretToken), "allowed_updates": kinds.json,
        ]
        _ = try await self.patiently("setWebhook", parameters)
    }

    /// Has updates fetched; see ``BotAPI/deleteWebhook()``.
    public func deleteWebhook() async throws(BotError) {
        _ = try await self.patiently("deleteWebhook", [:])
    }

    private static func text(_ text: String, _ chatID: Int64, _ keyboard: InlineKeyboard?) -> JSONObject {
        var parameters: JSONObject = ["chat_id": JSONValue(chatID), "text": .string(text), "parse_mode": "HTML"]
        parameters["reply_markup"] = keyboard?.json
        return parameters
    }

    /// As ``call(_:_:timeout:maxAnswerBytes:)``, and again and again as the policy has it.
    private func patiently(_ method: String, _ parameters: JSONObject) async throws(BotError) -> JSONValue {
        var policy = self.retry
        while true {
            do throws(BotError) {
                return try await self.call(method, parameters, timeout: .seconds(20), maxAnswerBytes: 1 << 20)
            } catch {
                switch policy.next(after: error, random: .random(in: 0..<1)) {
                case .giveUp: throw error
                case .wait(let duration): try await self.sleep(duration)
                }
            }
        }
    }

    private func sleep(_ duration: Duration) async throws(BotError) {
        do {
            try await self.clock.sleep(for: duration)
        } catch {
            throw BotError(.cancelled, "Cancelled while Telegram was waited out")
        }
    }

    private func call(
        _ method: String,
        _ parameters: JSONObject,
        timeout: Duration,
        maxAnswerBytes: Int
    ) async throws(BotError) -> JSONValue {
        let request = CurlRequest(
            .post,
            "\(self.base)/bot\(self.token.text)/\(method)",
            headers: [("Content-Type", "application/json")],
            body: parameters.jsonBytes,
            timeout: timeout,
            maxAnswerBytes: maxAnswerBytes
        )
        let response: CurlResponse
        do throws(CurlError) {
            response = try await self.transport.send(request)
        } catch {
            throw BotError(error)
        }
        return try BotAnswer.result(of: response, token: self.token)
    }

    private func unexpected(_ method: String) -> BotError {
        BotError(.invalidAnswer, "The result of \(method) is not what the Bot API documents")
    }
}

extension [UpdateKind] {
    fileprivate var json: JSONValue { .array(self.map { .string($0.rawValue) }) }
}
