public import JSON

// What Telegram sends is read leniently: fields that are not known are passed over, and what lacks an expected one is `other`.

extension Update {
    /// An update of `getUpdates` or of a webhook; nil if it has no number, so that nobody could confirm it.
    public init?(json: JSONValue) {
        guard let id = json["update_id"]?.int else { return nil }
        self.id = id
        if let message = json["message"].flatMap(Message.init(json:)) {
            self.event = .message(message)
        } else if let query = json["callback_query"].flatMap(CallbackQuery.init(json:)) {
            self.event = .callbackQuery(query)
        } else {
            self.event = .other
        }
    }
}

extension Message {
    init?(json: JSONValue) {
        guard let id = json["message_id"]?.int, let chat = json["chat"].flatMap(Chat.init(json:)) else { return nil }
        self.init(
            id: id,
            chat: chat,
            from: json["from"].flatMap(TelegramUser.init(json:)),
            date: json["date"]?.int ?? 0,
            text: json["text"]?.string,
            // `forward_date` and `forward_from` are what Telegram had before Bot API 7.0, and what older servers of one's own still have.
            isForwarded: ["forward_origin", "forward_date", "forward_from"].contains { json.has($0) }
                || json["is_automatic_forward"]?.bool == true,
            isEdited: json.has("edit_date"),
            isByAnotherBot: json.has("via_bot") || json.has("sender_business_bot")
        )
    }
}

extension CallbackQuery {
    init?(json: JSONValue) {
        guard let id = json["id"]?.string, let from = json["from"].flatMap(TelegramUser.init(json:)) else { return nil }
        self.init(id: id, from: from, message: json["message"].flatMap(Message.init(json:)), data: json["data"]?.string)
    }
}

extension Chat {
    init?(json: JSONValue) {
        guard let id = json["id"]?.int else { return nil }
        self.init(id: id, kind: json["type"]?.string.flatMap(Kind.init(rawValue:)) ?? .other)
    }
}

extension TelegramUser {
    init?(json: JSONValue) {
        guard let id = json["id"]?.int else { return nil }
        self.init(
            id: id,
            isBot: json["is_bot"]?.bool ?? false,
            firstName: json["first_name"]?.string ?? "",
            lastName: json["last_name"]?.string,
            username: json["username"]?.string,
            languageCode: json["language_code"]?.string
        )
    }
}

extension InlineKeyboard {
    var json: JSONValue {
        [
            "inline_keyboard": .array(
                self.rows.map { row in .array(row.map { ["text": .string($0.text), "callback_data": .string($0.data)] }) }
            )
        ]
    }
}

extension JSONValue {
    /// Whether there is such a member and it is not null.
    fileprivate func has(_ key: String) -> Bool { self[key].map { !$0.isNull } ?? false }
}
