import JSON

/// `application/x-www-form-urlencoded`, and a URL's query.
enum FormText {
    /// How many names may come.
    private static let limit = 100

    /// The names and values; nil for a `%` without two hexadecimal digits, what is no UTF-8, or far too many.
    static func parse(_ text: some StringProtocol) -> JSONObject? {
        let pairs = text.split(separator: "&")
        guard pairs.count <= self.limit else { return nil }
        var result: JSONObject = [:]
        for pair in pairs {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = self.decode(parts[0]), let value = self.decode(parts.count == 2 ? parts[1] : "") else { return nil }
            result[name] = .string(value)
        }
        return result
    }

    private static func decode(_ text: some StringProtocol) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                let digits = rest.prefix(2)
                guard digits.count == 2, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
                    let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
                else { return nil }
                bytes.append(value)
                rest = rest.dropFirst(2)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
