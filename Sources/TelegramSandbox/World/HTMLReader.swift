/// Reads `parse_mode` HTML (Bot API, "HTML style"), and refuses what Telegram refuses.
struct HTMLReader {
    private struct Open {
        var tag: String
        var type: String
        var url: String?
        var offset: Int
    }

    private static let types = [
        "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline", "s": "strikethrough",
        "strike": "strikethrough", "del": "strikethrough", "code": "code", "pre": "pre", "a": "text_link",
        "tg-spoiler": "spoiler",
        "span": "spoiler", "blockquote": "blockquote",
    ]
    private static let named: [String: Unicode.Scalar] = ["lt": "<", "gt": ">", "amp": "&", "quot": "\""]

    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var text = String.UnicodeScalarView()
    private var units = 0
    private var open: [Open] = []
    private var entities: [RichText.Entity] = []

    init(_ html: String) {
        self.scalars = Array(html.unicodeScalars)
    }

    mutating func read() throws(APIError) -> RichText {
        while self.position < self.scalars.count {
            switch self.scalars[self.position] {
            case "<": try self.readTag()
            case "&": self.readReference()
            case let scalar:
                self.append(scalar)
                self.position += 1
            }
        }
        if let last = self.open.last {
            throw Self.error("Can't find end tag corresponding to start tag \"\(last.tag)\"")
        }
        return RichText(
            plain: String(self.text),
            entities: self.entities.sorted { ($0.offset, -$0.length) < ($1.offset, -$1.length) }
        )
    }

    private mutating func append(_ scalar: Unicode.Scalar) {
        self.text.append(scalar)
        self.units += UTF16.width(scalar)
    }

    /// `&lt;`, `&#1108;`, `&#x454;`; anything else stands for itself.
    private mutating func readReference() {
        let rest = self.scalars[(self.position + 1)...].prefix(10)
        if let end = rest.firstIndex(of: ";"), let scalar = Self.scalar(named: String(String.UnicodeScalarView(rest[..<end]))) {
            self.append(scalar)
            self.position = end + 1
        } else {
            self.append("&")
            self.position += 1
        }
    }

    private static func scalar(named name: String) -> Unicode.Scalar? {
        if let scalar = self.named[name] { return scalar }
        guard name.hasPrefix("#") else { return nil }
        let digits = name.dropFirst()
        let isHexadecimal = digits.first == "x" || digits.first == "X"
        guard let value = isHexadecimal ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits), value != 0 else { return nil }
        return Unicode.Scalar(value)
    }

    private mutating func readTag() throws(APIError) {
        let offset = String(String.UnicodeScalarView(self.scalars[..<self.position])).utf8.count
        guard let end = self.scalars[self.position...].firstIndex(of: ">") else {
            throw Self.error("Unclosed start tag at byte offset \(offset)")
        }
        let content = String(String.UnicodeScalarView(self.scalars[(self.position + 1)..<end]))
        self.position = end + 1
        if content.hasPrefix("/") {
            try self.close(String(content.dropFirst().filter { !$0.isWhitespace }).lowercased(), offset)
        } else {
            let tag = content.prefix { !$0.isWhitespace }.lowercased()
            guard let type = Self.types[tag] else {
                throw Self.error("Unsupported start tag \"\(tag)\" at byte offset \(offset)")
            }
            if tag == "span", !content.contains("tg-spoiler") {
                throw Self.error("Tag \"span\" must have class \"tg-spoiler\" at byte offset \(offset)")
            }
            self.open.append(Open(tag: tag, type: type, url: tag == "a" ? Self.link(content) : nil, offset: self.units))
        }
    }

    private mutating func close(_ tag: String, _ offset: Int) throws(APIError) {
        guard let last = self.open.popLast() else { throw Self.error("Unexpected end tag at byte offset \(offset)") }
        guard tag.isEmpty || tag == last.tag else {
            throw Self.error("Unmatched end tag at byte offset \(offset), expected \"</\(last.tag)>\", found \"</\(tag)>\"")
        }
        guard self.units > last.offset, last.tag != "a" || last.url != nil else { return }
        self.entities.append(.init(type: last.type, offset: last.offset, length: self.units - last.offset, url: last.url))
    }

    /// The value of `href`.
    private static func link(_ content: String) -> String? {
        guard let start = content.firstRange(of: "href=")?.upperBound, let quote = content[start...].first else { return nil }
        guard quote == "\"" || quote == "'" else { return String(content[start...].prefix { !$0.isWhitespace }) }
        return String(content[content.index(after: start)...].prefix { $0 != quote })
    }

    private static func error(_ what: String) -> APIError {
        APIError.badRequest("can't parse entities: \(what)")
    }
}
