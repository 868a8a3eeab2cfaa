/// Why no answer came. It never holds the URL, a header or the body.
public struct CurlError: Error, Sendable, Hashable {
    /// The kind of failure, to switch on.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String, Sendable {
            case invalidRequest, connectFailed, tlsFailed, timeout, connectionLost, protocolError, answerTooLarge
            case cancelled, tooManyTransfers, closed, outOfResources
        }

        private let kind: Kind

        /// The request cannot be sent as it is. Nothing was sent.
        public static let invalidRequest = Code(kind: .invalidRequest)
        /// The host's name was not found, or nobody listens there. Nothing was sent.
        public static let connectFailed = Code(kind: .connectFailed)
        /// The server's certificate does not hold, or TLS failed otherwise. Nothing was sent.
        public static let tlsFailed = Code(kind: .tlsFailed)
        /// It took longer than the request allows; whether the server has acted on it is unknown.
        public static let timeout = Code(kind: .timeout)
        /// The connection broke; whether the server has acted on it is unknown.
        public static let connectionLost = Code(kind: .connectionLost)
        /// What came is not HTTP as libcurl understands it.
        public static let protocolError = Code(kind: .protocolError)
        /// The answer is longer than the request allows; the rest was not read.
        public static let answerTooLarge = Code(kind: .answerTooLarge)
        /// The calling task was cancelled; the transfer ends with it.
        public static let cancelled = Code(kind: .cancelled)
        /// More transfers are under way than the client allows. Nothing was sent.
        public static let tooManyTransfers = Code(kind: .tooManyTransfers)
        /// The client has ended.
        public static let closed = Code(kind: .closed)
        /// No memory or descriptor was left.
        public static let outOfResources = Code(kind: .outOfResources)

        /// The code's name.
        public var description: String { self.kind.rawValue }
    }

    /// The kind of failure.
    public let code: Code
    /// One sentence for people, without secrets.
    public let message: String

    /// An error of a kind.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension CurlError: CustomStringConvertible {
    /// `code: message`.
    public var description: String { "\(self.code): \(self.message)" }
}
