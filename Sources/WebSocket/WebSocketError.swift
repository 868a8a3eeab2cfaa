/// What went wrong inside this module, for logs and for callers that must tell one failure from another.
///
/// The peer's mistakes on an open connection are not thrown: they are ``WebSocketStateMachine/ReceiveAction/fail(code:reason:)``.
public struct WebSocketError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure; may grow.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Value: String { case malformedDeflate, messageTooBig, malformedHeader, compressorUnavailable }
        private let value: Value

        /// A compressed message is no valid DEFLATE data (RFC 7692 7.2.2).
        public static let malformedDeflate = Code(value: .malformedDeflate)
        /// A compressed message grows beyond the limit when inflated.
        public static let messageTooBig = Code(value: .messageTooBig)
        /// A handshake header does not follow its grammar (RFC 6455 9.1, 4.1).
        public static let malformedHeader = Code(value: .malformedHeader)
        /// zlib could not set up its state (out of memory).
        public static let compressorUnavailable = Code(value: .compressorUnavailable)

        /// The code's name.
        public var description: String { self.value.rawValue }
    }

    /// The kind of failure.
    public let code: Code
    /// One sentence for people.
    public let message: String
    /// What it concerned, such as a header's name; empty if nothing in particular.
    public let context: String

    init(_ code: Code, _ message: String, context: String = "") {
        self.code = code
        self.message = message
        self.context = context
    }

    /// Code, message and context on one line.
    public var description: String {
        self.context.isEmpty ? "\(self.code): \(self.message)" : "\(self.code): \(self.message) (\(self.context))"
    }
}
