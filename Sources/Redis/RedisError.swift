/// What went wrong between this process and Redis.
///
/// No error of this module ever carries a password: what a server says about `AUTH` is redacted first.
public struct RedisError: Error, Sendable {
    /// The kind of failure, to switch on.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String, Sendable {
            case invalidURL, notConnected, connectFailed, connectionLost, timeout, protocolError, tlsFailed
            case authenticationRequired, authenticationFailed, noPermission
            case loading, readOnly, moved, noScript, outOfMemory, busy, masterDown
            case commandTooLarge, serverError
        }

        private let kind: Kind

        /// The URL can't be understood.
        public static let invalidURL = Code(kind: .invalidURL)
        /// There is no connection now; nothing was sent.
        public static let notConnected = Code(kind: .notConnected)
        /// The server could not be reached.
        public static let connectFailed = Code(kind: .connectFailed)
        /// The connection closed before the reply came; whether the command was carried out is unknown.
        public static let connectionLost = Code(kind: .connectionLost)
        /// The reply did not come in time; whether the command was carried out is unknown. The connection is closed.
        public static let timeout = Code(kind: .timeout)
        /// The server sent what RESP2 does not allow, or more than the limits allow. The connection is closed.
        public static let protocolError = Code(kind: .protocolError)
        /// The TLS handshake failed, or the certificates can't be loaded.
        public static let tlsFailed = Code(kind: .tlsFailed)
        /// `NOAUTH`: the server wants a password and the URL has none.
        public static let authenticationRequired = Code(kind: .authenticationRequired)
        /// `WRONGPASS`: the server refused this user and password.
        public static let authenticationFailed = Code(kind: .authenticationFailed)
        /// `NOPERM`: the ACL user may not run this command, or not on this key or channel.
        public static let noPermission = Code(kind: .noPermission)
        /// `LOADING`: the server is reading its data set.
        public static let loading = Code(kind: .loading)
        /// `READONLY`: this server is a replica now. The connection is closed and made anew.
        public static let readOnly = Code(kind: .readOnly)
        /// `MOVED`, `ASK`, `CLUSTERDOWN`, `CROSSSLOT`: the server is part of a Redis Cluster.
        public static let moved = Code(kind: .moved)
        /// `NOSCRIPT`: no script of this digest.
        public static let noScript = Code(kind: .noScript)
        /// `OOM`: the server is at its memory limit.
        public static let outOfMemory = Code(kind: .outOfMemory)
        /// `BUSY`: a script is running.
        public static let busy = Code(kind: .busy)
        /// `MASTERDOWN`: a replica that has lost its master.
        public static let masterDown = Code(kind: .masterDown)
        /// The command is larger than Redis takes (512 MiB).
        public static let commandTooLarge = Code(kind: .commandTooLarge)
        /// Every other error reply; `message` is the server's.
        public static let serverError = Code(kind: .serverError)

        /// The code's name.
        public var description: String { self.kind.rawValue }
    }

    /// The kind of failure.
    public let code: Code
    /// One sentence for people; the server's own words where it sent some.
    public let message: String
    /// What caused it, when something else did: for `notConnected`, why the last attempt failed.
    public let underlying: (any Error)?
    /// Where in this module it was made.
    public let file: String
    /// Where in this module it was made.
    public let line: Int

    init(_ code: Code, _ message: String, underlying: (any Error)? = nil, file: String = #fileID, line: Int = #line) {
        self.code = code
        self.message = message
        self.underlying = underlying
        self.file = file
        self.line = line
    }

    /// An error reply (RESP `-…`): its first word is the code.
    init(reply: String, file: String = #fileID, line: Int = #line) {
        let word = reply.prefix { $0 != " " }
        self.init(Self.codes[String(word)] ?? .serverError, reply, file: file, line: line)
    }

    private static let codes: [String: Code] = [
        "NOAUTH": .authenticationRequired,
        "WRONGPASS": .authenticationFailed,
        "NOPERM": .noPermission,
        "LOADING": .loading,
        "READONLY": .readOnly,
        "MOVED": .moved,
        "ASK": .moved,
        "CLUSTERDOWN": .moved,
        "CROSSSLOT": .moved,
        "NOSCRIPT": .noScript,
        "OOM": .outOfMemory,
        "BUSY": .busy,
        "MASTERDOWN": .masterDown,
    ]
}

extension RedisError: CustomStringConvertible {
    /// `code: message`, and the cause after it.
    public var description: String {
        let own = "\(self.code): \(self.message)"
        return self.underlying.map { "\(own) (\($0))" } ?? own
    }
}
