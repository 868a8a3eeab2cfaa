/// Why a text was refused, and where.
public struct JSONError: Error, Hashable, Sendable {
    /// What kind of mistake it is; more may be added.
    public struct Code: Hashable, Sendable {
        private enum Raw: String, Hashable {
            case unexpectedEnd, unexpectedByte, trailingBytes, invalidNumber, invalidEscape, loneSurrogate
            case controlCharacter, invalidUTF8, tooDeep, tooLarge
        }

        private let raw: Raw

        /// The text stops inside a value, or is empty.
        public static let unexpectedEnd = Code(raw: .unexpectedEnd)
        /// A byte that the grammar does not allow here.
        public static let unexpectedByte = Code(raw: .unexpectedByte)
        /// Something other than white space follows the value.
        public static let trailingBytes = Code(raw: .trailingBytes)
        /// Not a number as RFC 8259 section 6 writes them.
        public static let invalidNumber = Code(raw: .invalidNumber)
        /// A backslash followed by something that RFC 8259 section 7 does not know.
        public static let invalidEscape = Code(raw: .invalidEscape)
        /// `\uD800` to `\uDFFF` without its other half.
        public static let loneSurrogate = Code(raw: .loneSurrogate)
        /// A byte below 0x20 in a string that is not escaped.
        public static let controlCharacter = Code(raw: .controlCharacter)
        /// A string's bytes are not UTF-8.
        public static let invalidUTF8 = Code(raw: .invalidUTF8)
        /// More arrays and objects within each other than ``JSONLimits/maxDepth``.
        public static let tooDeep = Code(raw: .tooDeep)
        /// More bytes than ``JSONLimits/maxBytes``.
        public static let tooLarge = Code(raw: .tooLarge)
    }

    /// What kind of mistake it is.
    public let code: Code
    /// Where it was noticed: the number of bytes before it.
    public let offset: Int
    /// One English sentence for a log or a developer; quotes nothing from the text.
    public let message: String
}

extension JSONError.Code: CustomStringConvertible {
    /// The code's name, as in the source.
    public var description: String { self.raw.rawValue }
}

extension JSONError: CustomStringConvertible {
    /// The message with its place.
    public var description: String { "\(self.message) at byte \(self.offset)" }
}
