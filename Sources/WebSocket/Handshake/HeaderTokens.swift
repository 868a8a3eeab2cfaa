/// Header values that are comma-separated lists of tokens (RFC 9110 5.6.1, 5.6.2), read byte by byte.
struct HeaderTokens {
    private let bytes: [UInt8]
    private var index = 0

    init(_ value: String) {
        self.bytes = Array(value.utf8)
    }

    var isAtEnd: Bool { self.index == self.bytes.count }

    /// Skips optional white space.
    mutating func skipSpace() {
        while self.index < self.bytes.count, self.bytes[self.index] == 0x20 || self.bytes[self.index] == 0x09 {
            self.index += 1
        }
    }

    /// Skips one character if it is next.
    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard self.index < self.bytes.count, UInt32(self.bytes[self.index]) == character.value else { return false }
        self.index += 1
        return true
    }

    /// Reads a token; nil if there is none.
    mutating func token() -> String? {
        let start = self.index
        var end = start
        while end < self.bytes.count, Self.isTokenCharacter(self.bytes[end]) { end += 1 }
        self.index = end
        return start == self.index ? nil : String(decoding: self.bytes[start..<self.index], as: UTF8.self)
    }

    /// Reads a quoted string whose content is a token, as RFC 6455 9.1 demands of parameters; nil if it isn't one.
    mutating func quotedToken() -> String? {
        guard self.skip("\"") else { return nil }
        var content: [UInt8] = []
        while self.index < self.bytes.count {
            var byte = self.bytes[self.index]
            self.index += 1
            if byte == 0x22 { return content.isEmpty ? nil : String(decoding: content, as: UTF8.self) }
            if byte == 0x5C {
                guard self.index < self.bytes.count else { return nil }
                byte = self.bytes[self.index]
                self.index += 1
            }
            guard Self.isTokenCharacter(byte) else { return nil }
            content.append(byte)
        }
        return nil
    }

    /// All elements of a list of tokens; nil if the value is anything else. Empty elements are skipped.
    static func list(_ value: String) -> [String]? {
        var reader = HeaderTokens(value)
        var tokens: [String] = []
        while true {
            reader.skipSpace()
            if reader.isAtEnd { return tokens }
            if reader.skip(",") { continue }
            guard let token = reader.token() else { return nil }
            tokens.append(token)
            reader.skipSpace()
            guard reader.isAtEnd || reader.skip(",") else { return nil }
        }
    }

    static func isTokenCharacter(_ byte: UInt8) -> Bool {
        // A bit for each: !#$%&'*+-. and digits; letters, ^_` and |~.
        let bits: UInt64 = byte < 64 ? 0x03FF_6CFA_0000_0000 : 0x57FF_FFFF_C7FF_FFFE
        return byte < 128 && bits >> UInt64(byte & 63) & 1 == 1
    }
}
