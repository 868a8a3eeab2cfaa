import JSON

/// A text with its formatting (Bot API, "MessageEntity").
struct RichText: Sendable, Hashable {
    /// A piece with a format; places are counted in UTF-16 units.
    struct Entity: Sendable, Hashable {
        var type: String
        var offset: Int
        var length: Int
        var url: String?

        var json: JSONObject {
            var json: JSONObject = [
                "offset": JSONValue(self.offset), "length": JSONValue(self.length), "type": .string(self.type),
            ]
            json["url"] = self.url.map { .string($0) }
            return json
        }
    }

    var text: String
    var entities: [Entity] = []

    /// Telegram's limit, after the formatting was read.
    static let longestText = 4096

    /// A text by its `parse_mode`.
    init(_ text: String, parseMode: String?) throws(APIError) {
        switch parseMode?.lowercased() ?? "" {
        case "": self.text = text
        case "html":
            var reader = HTMLReader(text)
            self = try reader.read()
        case "markdown", "markdownv2": throw APIError.badRequest("the sandbox reads no Markdown: send parse_mode HTML")
        default: throw APIError.badRequest("unsupported parse_mode")
        }
        self.trim()
    }

    init(plain text: String, entities: [Entity] = []) {
        self.text = text
        self.entities = entities
    }

    /// Characters as Telegram counts them.
    var length: Int { self.text.unicodeScalars.count }

    /// Takes white space off both ends.
    private mutating func trim() {
        let leading = self.text.prefix { $0.isWhitespace }
        let shift = leading.utf16.count
        let body = self.text.dropFirst(leading.count)
        self.text = String(body.prefix(body.count - body.reversed().prefix { $0.isWhitespace }.count))
        let end = self.text.utf16.count
        self.entities = self.entities.compactMap { entity in
            let (from, to) = (max(entity.offset - shift, 0), min(entity.offset + entity.length - shift, end))
            return from < to ? Entity(type: entity.type, offset: from, length: to - from, url: entity.url) : nil
        }
    }
}
