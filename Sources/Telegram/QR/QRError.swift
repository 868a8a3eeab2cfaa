/// Why there is no QR code.
public struct QRError: Error, Sendable, Hashable {
    /// The kind of failure, to switch on.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String, Sendable { case textLength, outOfMemory, encoding }

        private let kind: Kind

        /// The text is empty, or longer than a code that a telephone reads easily.
        public static let textLength = Code(kind: .textLength)
        /// No memory was left.
        public static let outOfMemory = Code(kind: .outOfMemory)
        /// libqrencode or libpng refused.
        public static let encoding = Code(kind: .encoding)

        /// The code's name.
        public var description: String { self.kind.rawValue }
    }

    /// The kind of failure.
    public let code: Code
    /// One sentence, which does not quote the text: it may be a secret.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension QRError: CustomStringConvertible {
    /// `code: message`.
    public var description: String { "\(self.code): \(self.message)" }
}
