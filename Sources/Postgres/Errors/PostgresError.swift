/// Why something did not work, in the server's words where it was the server that refused.
///
/// `description` is fit for a log: it holds no password, no parameter's value and not the server's ``detail``, which may quote a
/// row's data ("Key (email)=(…) already exists").
public struct PostgresError: Error, Sendable {
    /// What kind of failure it was.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Value: String {
            case sqlState, connectionFailed, connectionLost, poolTimeout, statementTimeout, cancelled, commitUnknown
            case decoding, encoding, closed, transactionEnded, migration
        }

        private let value: Value

        /// The code's name.
        public var description: String { self.value.rawValue }

        /// The server refused the statement; ``PostgresError/sqlState`` says why. The connection is fine.
        public static let sqlState = Code(value: .sqlState)
        /// No connection could be made, or the last attempt failed a moment ago. Nothing was sent.
        public static let connectionFailed = Code(value: .connectionFailed)
        /// The connection broke. A statement outside a transaction may or may not have been done; a transaction was not.
        public static let connectionLost = Code(value: .connectionLost)
        /// All connections were busy for too long. Nothing was sent.
        public static let poolTimeout = Code(value: .poolTimeout)
        /// The statement ran over its deadline and was cancelled; it had no effect.
        public static let statementTimeout = Code(value: .statementTimeout)
        /// The task was cancelled, and so was its statement; it had no effect.
        public static let cancelled = Code(value: .cancelled)
        /// The connection broke after COMMIT was sent: the transaction may or may not have taken effect. Never retried here.
        public static let commitUnknown = Code(value: .commitUnknown)
        /// A column could not be read as the type asked for.
        public static let decoding = Code(value: .decoding)
        /// A parameter can't be sent, such as text with a zero byte. Nothing was sent.
        public static let encoding = Code(value: .encoding)
        /// The client or connection has ended. Nothing was sent.
        public static let closed = Code(value: .closed)
        /// Something was asked of a transaction that is over: a mistake in the program.
        public static let transactionEnded = Code(value: .transactionEnded)
        /// The migrations don't fit the database.
        public static let migration = Code(value: .migration)
    }

    /// What kind of failure it was.
    public var code: Code
    /// One line, in the server's words if it has any.
    public var message: String
    /// The server's error code, when the server answered.
    public var sqlState: SQLState?
    /// The server's detail; it may quote a row's data.
    public var detail: String?
    /// The server's hint.
    public var hint: String?
    /// The schema concerned.
    public var schema: String?
    /// The table concerned.
    public var table: String?
    /// The column concerned.
    public var column: String?
    /// The constraint that was violated.
    public var constraint: String?
    /// The server's function that reported it; tells apart what shares a state.
    var serverFunction: String?
    /// Where in the program the statement stands: `Module/File.swift`, empty when unknown.
    public var file: String = ""
    /// The line there.
    public var line: Int = 0

    /// An error of a kind.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Whether running the whole transaction again may succeed: a serialization failure (40001) or a deadlock (40P01).
    public var isRetryable: Bool {
        self.code == .sqlState && (self.sqlState == .serializationFailure || self.sqlState == .deadlockDetected)
    }

    /// Whether the database can't be used at the moment, whatever the statement: a 503 and not a 500. Not so `commitUnknown`, which
    /// must never be answered by "try again".
    public var isUnavailable: Bool {
        switch self.code {
        case .connectionFailed, .connectionLost, .poolTimeout, .closed: true
        case .sqlState: self.sqlState.map(Self.isUnavailable) ?? false
        default: false
        }
    }

    /// Whether the server is there and refuses what the connection URL says: the login, or the database. Waiting changes nothing.
    public var isRefusedLogin: Bool {
        guard self.code == .connectionFailed, let sqlState else { return false }
        return switch sqlState {
        case .invalidAuthorization, .invalidCatalogName: true
        default: false
        }
    }

    private static func isUnavailable(_ state: SQLState) -> Bool {
        switch state {
        case .connectionException, .insufficientResources, .adminShutdown, .crashShutdown, .cannotConnectNow: true
        default: false
        }
    }

    /// The same error with the place of the statement, unless it has one.
    func at(_ file: String, _ line: Int) -> PostgresError {
        guard self.file.isEmpty else { return self }
        var error = self
        error.file = file
        error.line = line
        return error
    }
}

extension PostgresError: CustomStringConvertible {
    /// Code, state, message and place, on one line.
    public var description: String {
        var text = "PostgresError \(self.code)"
        if let sqlState = self.sqlState {
            text += " \(sqlState)"
        }
        text += ": \(self.message)"
        if let constraint = self.constraint {
            text += " (constraint \(constraint))"
        }
        if let hint = self.hint {
            text += " (hint: \(hint))"
        }
        if !self.file.isEmpty {
            text += " at \(self.file):\(self.line)"
        }
        return text
    }
}
