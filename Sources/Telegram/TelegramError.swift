import Redis

/// Why something of Telegram's could not be done at present. `description` is fit for a log: it holds no code and no token.
public struct TelegramError: Error, Sendable {
    /// What kind of failure it was.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Value: String { case storeAway, contended }

        private let value: Value

        /// The code's name.
        public var description: String { self.value.rawValue }
        /// What a log line says of it.
        public var words: String {
            switch self.value {
            case .storeAway: "Redis is away"
            case .contended: "a code of Telegram's kept changing"
            }
        }

        /// Redis cannot be asked; whether a step was made is unknown. It can be made again.
        public static let storeAway = Code(value: .storeAway)
        /// Others kept coming first.
        public static let contended = Code(value: .contended)
    }

    /// What kind of failure it was.
    public let code: Code
    /// One sentence.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    init(_ error: RedisError) {
        self.init(.storeAway, "\(error)")
    }
}

extension TelegramError: CustomStringConvertible {
    /// `code: message`
    public var description: String { "\(self.code): \(self.message)" }
}
