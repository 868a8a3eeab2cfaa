import JSON

/// `inline_keyboard`, within Telegram's limits (Bot API, "InlineKeyboardMarkup").
struct Keyboard: Sendable, Hashable {
    /// One button: with data, or with a link.
    struct Button: Sendable, Hashable {
        var text: String
        var data: String?
        var url: String?
    }

    var rows: [[Button]]

    /// Reads `reply_markup`; nil if it holds no inline keyboard, or an empty one.
    init?(_ markup: JSONValue) throws(APIError) {
        guard markup.object != nil else { throw APIError.badRequest("object expected as reply markup") }
        guard let rows = markup["inline_keyboard"] else { return nil }
        guard let rows = rows.array else {
            throw APIError.badRequest("field \"inline_keyboard\" of the InlineKeyboardMarkup should be an Array of Arrays")
        }
        var buttons: [[Button]] = []
        for row in rows {
            guard let row = row.array else {
                throw APIError.badRequest("field \"inline_keyboard\" of the InlineKeyboardMarkup should be an Array of Arrays")
            }
            var line: [Button] = []
            for button in row { line.append(try Self.button(button)) }
            if !line.isEmpty { buttons.append(line) }
        }
        guard !buttons.isEmpty else { return nil }
        guard buttons.joined().count <= 100, buttons.allSatisfy({ $0.count <= 8 }) else {
            throw APIError.badRequest("reply markup is too long")
        }
        self.rows = buttons
    }

    private static func button(_ json: JSONValue) throws(APIError) -> Button {
        guard json.object != nil else {
            throw APIError.badRequest("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
        }
        guard let text = json["text"]?.string else {
            throw APIError.badRequest("can't parse inline keyboard button: Can't find field \"text\"")
        }
        guard !text.isEmpty else {
            throw APIError.badRequest("inline keyboard button text is empty")
        }
        if let data = json["callback_data"]?.string {
            guard (1...64).contains(data.utf8.count) else { throw APIError.badRequest("BUTTON_DATA_INVALID") }
            return Button(text: text, data: data)
        }
        guard let url = json["url"]?.string else {
            throw APIError.badRequest("text buttons are unallowed in the inline keyboard")
        }
        guard url.hasPrefix("http://") || url.hasPrefix("https://") || url.hasPrefix("tg://") else {
            throw APIError.badRequest("inline keyboard button URL '\(url)' is invalid: Wrong HTTP URL")
        }
        return Button(text: text, url: url)
    }

    /// The buttons in the order in which they are counted.
    var buttons: [Button] { self.rows.flatMap { $0 } }

    var json: JSONObject {
        let rows = self.rows.map { row in
            JSONValue.array(
                row.map { button in
                    var json: JSONObject = ["text": .string(button.text)]
                    json["callback_data"] = button.data.map { .string($0) }
                    json["url"] = button.url.map { .string($0) }
                    return .object(json)
                }
            )
        }
        return ["inline_keyboard": .array(rows)]
    }
}
