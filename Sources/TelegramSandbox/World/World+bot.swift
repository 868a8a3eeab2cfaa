import JSON

/// An answer of the Bot API that is no refusal.
struct Reply: Sendable {
    var result: JSONValue
    /// Some methods say something.
    var description: String?

    init(_ result: JSONValue, _ description: String? = nil) {
        self.result = result
        self.description = description
    }

    var json: JSONObject {
        var json: JSONObject = ["ok": true, "result": self.result]
        json["description"] = self.description.map { .string($0) }
        return json
    }
}

// The methods of the bot that answer at once; `getUpdates` alone waits.
extension World {
    /// Does what a method asks.
    ///
    /// - Parameters:
    ///   - method: its name, in whatever case.
    ///   - now: seconds since 1970.
    mutating func call(_ method: String, _ parameters: Parameters, now: Double) throws(APIError) -> Reply {
        switch method.lowercased() {
        case "getme": self.getMe()
        case "sendmessage": try self.sendMessage(parameters, now: now)
        case "editmessagetext": try self.editMessageText(parameters, now: now)
        case "answercallbackquery": try self.answerCallbackQuery(parameters, now: now)
        case "setwebhook": try self.setWebhook(parameters)
        case "deletewebhook": try self.deleteWebhook(parameters)
        case "getwebhookinfo":
            Reply(.object(Webhook.info(self.webhook, pending: self.updates.entries.count, allowed: self.updates.allowed)))
        default: throw .methodNotFound
        }
    }

    private func getMe() -> Reply {
        let abilities: JSONObject = [
            "can_join_groups": true, "can_read_all_group_messages": true, "supports_inline_queries": false,
        ]
        return Reply(.object(self.bot.json.merging(abilities)))
    }

    private mutating func sendMessage(_ parameters: Parameters, now: Double) throws(APIError) -> Reply {
        let room = try self.roomToWrite(parameters)
        let content = try self.content(parameters, tooLong: .textTooLong)
        let keyboard = try self.keyboard(parameters)
        try self.meter(room, now: now)
        var history = self.rooms[room] ?? Room()
        let post = Post(id: history.nextID(), from: self.bot, date: Int64(now), content: content, keyboard: keyboard)
        history.append(post)
        self.rooms[room] = history
        return Reply(.object(self.postJSON(post, in: room)))
    }

    private mutating func editMessageText(_ parameters: Parameters, now: Double) throws(APIError) -> Reply {
        let room = try self.roomToWrite(parameters)
        guard let id = parameters.int("message_id"), id > 0 else { throw .badRequest("message identifier is not specified") }
        let content = try self.content(parameters, tooLong: .editTooLong)
        let keyboard = try self.keyboard(parameters)
        guard var post = self.rooms[room]?[id] else { throw .editNotFound }
        guard post.from.id == self.bot.id else { throw .notEditable }
        guard post.content != content || post.keyboard != keyboard else { throw .notModified }
        (post.content, post.keyboard, post.editDate) = (content, keyboard, Int64(now))
        self.rooms[room]?.replace(post)
        return Reply(.object(self.postJSON(post, in: room)))
    }

    private mutating func answerCallbackQuery(_ parameters: Parameters, now: Double) throws(APIError) -> Reply {
        let text = parameters.string("text")
        guard (text ?? "").unicodeScalars.count <= 200 else { throw .badRequest("MESSAGE_TOO_LONG") }
        let answer = Tap.Answer(text: text, isAlert: parameters.bool("show_alert"))
        try self.answer(tap: parameters.string("callback_query_id") ?? "", answer, now: now)
        return Reply(true)
    }

    private mutating func setWebhook(_ parameters: Parameters) throws(APIError) -> Reply {
        let url = parameters.string("url") ?? ""
        guard !url.isEmpty else { return try self.deleteWebhook(parameters) }
        let secret = parameters.string("secret_token")
        try Webhook.check(secretToken: secret ?? "")
        // Telegram itself takes https alone; a sandbox's bot is on the same machine.
        guard ["https://", "http://"].contains(where: { url.hasPrefix($0) && url.utf8.count > $0.utf8.count }) else {
            throw .badRequest("bad webhook: An HTTPS URL must be provided for webhook")
        }
        guard url.utf8.count <= 2048, url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .badRequest("bad webhook: invalid webhook URL specified")
        }
        try self.allow(parameters)
        if parameters.bool("drop_pending_updates") { self.updates.removeAll() }
        let connections = min(max(Int(parameters.int("max_connections") ?? 40), 1), 100)
        if var webhook = self.webhook, webhook.url == url, webhook.secretToken == secret {
            webhook.maxConnections = connections
            self.webhook = webhook
            return Reply(true, "Webhook is already set")
        }
        self.webhooks += 1
        self.webhook = Webhook(url: url, secretToken: secret, maxConnections: connections, number: self.webhooks)
        self.endPoll(.webhookSet)
        return Reply(true, "Webhook was set")
    }

    private mutating func deleteWebhook(_ parameters: Parameters) throws(APIError) -> Reply {
        if parameters.bool("drop_pending_updates") { self.updates.removeAll() }
        defer { self.webhook = nil }
        return Reply(true, self.webhook == nil ? "Webhook is already deleted" : "Webhook was deleted")
    }

    /// `allowed_updates`, if the call has it.
    mutating func allow(_ parameters: Parameters) throws(APIError) {
        guard let list = try parameters.json("allowed_updates") else { return }
        guard let kinds = list.array else { throw .badRequest("can't parse allowed updates JSON array") }
        self.updates.allow(kinds.compactMap(\.string))
    }

    /// The chat that a message is for, if the bot may write there.
    private func roomToWrite(_ parameters: Parameters) throws(APIError) -> Int64 {
        guard let text = parameters.string("chat_id"), !text.isEmpty else { throw .badRequest("chat_id is empty") }
        guard let id = Int64(text), self.chatJSON(id) != nil else { throw .chatNotFound }
        if let person = self.person(id) {
            guard person.hasStarted else { throw .notStarted }
            guard !person.isBlocking else { throw .blocked }
        }
        return id
    }

    private func content(_ parameters: Parameters, tooLong: APIError) throws(APIError) -> RichText {
        let content = try RichText(parameters.string("text") ?? "", parseMode: parameters.string("parse_mode"))
        guard content.length > 0 else { throw .textEmpty }
        guard content.length <= RichText.longestText else { throw tooLong }
        return content
    }

    private func keyboard(_ parameters: Parameters) throws(APIError) -> Keyboard? {
        guard let markup = try parameters.json("reply_markup") else { return nil }
        return try Keyboard(markup)
    }
}
