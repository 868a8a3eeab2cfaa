import Curl

/// Why the Bot API did not do what was asked. It never holds the bot's token, a text or a name.
public struct BotError: Error, Sendable, Hashable {
    /// The kind of failure, to switch on.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String, Sendable {
            case badRequest, unauthorized, forbidden, notFound, conflict, tooManyRequests, serverError, refused
            case unreachable, invalidAnswer, unreadableAnswer, cancelled
        }

        private let kind: Kind

        /// 400: such as a chat that does not exist; see ``BotError/description``.
        public static let badRequest = Code(kind: .badRequest)
        /// 401: the token is not, or no longer, a bot's.
        public static let unauthorized = Code(kind: .unauthorized)
        /// 403: the person has blocked the bot, or has never written to it.
        public static let forbidden = Code(kind: .forbidden)
        /// 404: no such method, which is also what a malformed token is told.
        public static let notFound = Code(kind: .notFound)
        /// 409: somebody else asks for updates with this token, or a webhook is set.
        public static let conflict = Code(kind: .conflict)
        /// 429: too many requests; see ``BotError/retryAfter``.
        public static let tooManyRequests = Code(kind: .tooManyRequests)
        /// 5xx: Telegram, or what is in front of it, does not work at the moment.
        public static let serverError = Code(kind: .serverError)
        /// Any other refusal.
        public static let refused = Code(kind: .refused)
        /// No answer came; whether Telegram has acted on it is unknown.
        public static let unreachable = Code(kind: .unreachable)
        /// The answer is not the Bot API's.
        public static let invalidAnswer = Code(kind: .invalidAnswer)
        /// The answer is the Bot API's, as far as it goes, but longer than was asked for, or no JSON that can be read.
        public static let unreadableAnswer = Code(kind: .unreadableAnswer)
        /// The calling task was cancelled.
        public static let cancelled = Code(kind: .cancelled)

        /// The code's name.
        public var description: String { self.kind.rawValue }
    }

    /// The kind of failure.
    public let code: Code
    /// Telegram's `error_code`, or the HTTP status of what answered in its place; nil when nothing answered.
    public let status: Int?
    /// Telegram's `description`, or ours: one sentence without secrets.
    public let message: String
    /// How long Telegram wants to be left alone.
    public let retryAfter: Duration?

    /// An error; see the properties.
    public init(_ code: Code, _ message: String, status: Int? = nil, retryAfter: Duration? = nil) {
        self.code = code
        self.status = status
        self.message = message
        self.retryAfter = retryAfter
    }

    /// What Telegram refused with this `error_code`.
    static func code(of status: Int) -> Code {
        switch status {
        case 400: .badRequest
        case 401: .unauthorized
        case 403: .forbidden
        case 404: .notFound
        case 409: .conflict
        case 429: .tooManyRequests
        case 500...599: .serverError
        default: .refused
        }
    }

    init(_ error: CurlError) {
        switch error.code {
        case .cancelled: self.init(.cancelled, error.message)
        case .answerTooLarge: self.init(.unreadableAnswer, error.message)
        default: self.init(.unreachable, "\(error)")
        }
    }
}

extension BotError {
    /// Whether the same request may succeed later.
    public var isTransient: Bool {
        [.tooManyRequests, .serverError, .unreachable, .invalidAnswer, .unreadableAnswer].contains(self.code)
    }

    /// Whether an edit changed nothing, since the message is so already: as good as done.
    public var isMessageNotModified: Bool { self.code == .badRequest && self.message.contains("message is not modified") }

    /// Whether the message to edit is gone, or may not be edited any more.
    public var isMessageGone: Bool {
        self.code == .badRequest
            && (self.message.contains("message to edit not found") || self.message.contains("message can't be edited"))
    }
}

extension BotError: CustomStringConvertible {
    /// `code: message`.
    public var description: String { "\(self.code): \(self.message)" }
}
