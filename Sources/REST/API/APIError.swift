import JSON

/// What a handler throws so that the client gets an answer in the contract's error shape.
public struct APIError: Error {
    /// The machine-readable code, which gives the status.
    public var code: ErrorCode
    /// A text for people in place of the code's own.
    public var message: LocalizedText?
    /// What is wrong with which field.
    public var fields: [String: LocalizedText]
    /// More top-level members of the body, for example `current` or `conflict`, as JSON text.
    public var extra: [(name: String, json: String)]
    /// Seconds, for the `Retry-After` header.
    public var retryAfter: Int?

    /// - Parameters:
    ///   - code: the machine-readable code
    ///   - message: a text in place of the code's own
    ///   - fields: what is wrong with which field
    ///   - extra: more members of the body, as JSON text
    ///   - retryAfter: seconds
    public init(
        _ code: ErrorCode,
        message: LocalizedText? = nil,
        fields: [String: LocalizedText] = [:],
        extra: [(name: String, json: String)] = [],
        retryAfter: Int? = nil
    ) {
        self.code = code
        self.message = message
        self.fields = fields
        self.extra = extra
        self.retryAfter = retryAfter
    }

    /// One field is wrong.
    static func invalid(_ field: String, _ text: LocalizedText) -> APIError {
        APIError(.validation, fields: [field: text])
    }

    /// The body: `error`, `code`, `message`, `detail` (the same text), `fields` where there are any, and the extras.
    func body(in language: Language) -> [UInt8] {
        var text = self.message?.text(in: language) ?? self.code.message(in: language)
        if self.message == nil, !self.fields.isEmpty {
            // The page shows one line: let it say which fields.
            let list = self.fields.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.text(in: language))" }
            text += " (" + list.joined(separator: "; ") + ")"
        }
        var writer = JSONWriter()
        writer.object { object in
            object.field("error", self.code.message(in: .english))
            object.field("code", self.code.rawValue)
            object.field("message", text)
            object.field("detail", text)
            if !self.fields.isEmpty {
                object.object("fields") { fields in
                    for (name, value) in self.fields.sorted(by: { $0.key < $1.key }) {
                        fields.field(name, value.text(in: language))
                    }
                }
            }
            for (name, json) in self.extra { object.field(name, rawJSON: Array(json.utf8)) }
        }
        return writer.bytes
    }
}

/// A text in both languages.
public struct LocalizedText: Sendable, Hashable {
    private let english: String
    private let ukrainian: String

    /// - Parameters:
    ///   - english: the English text
    ///   - ukrainian: the Ukrainian text
    public init(_ english: String, _ ukrainian: String) {
        self.english = english
        self.ukrainian = ukrainian
    }

    func text(in language: Language) -> String {
        switch language {
        case .english: self.english
        case .ukrainian: self.ukrainian
        }
    }
}
