import Redis

/// Why something that lives in Redis could not be done at present. It can be asked for again.
public struct DeskError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it was.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Value: String { case away, contended }

        private let value: Value

        /// The code's name.
        public var description: String { self.value.rawValue }

        /// Redis cannot be asked; whether something was changed is unknown.
        public static let away = Code(value: .away)
        /// Others kept coming first; nothing was changed.
        public static let contended = Code(value: .contended)
    }

    /// What kind of failure it was.
    public let code: Code
    /// One sentence.
    public let message: String

    /// `code: message`
    public var description: String { "\(self.code): \(self.message)" }

    init(_ error: RedisError) {
        self.code = .away
        self.message = "\(error)"
    }

    private init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    static let contended = DeskError(.contended, "a board kept changing while a step was decided")
}
