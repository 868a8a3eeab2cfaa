/// The query of a request: `+` and `%20` are spaces, a repeated name's last value counts, an empty value is as good as none.
struct QueryParameters: Sendable {
    /// Of more than this the rest is not looked at.
    private static let most = 100
    /// So many a page sends at most.
    private static let usual = 6

    private var values: [String: String] = [:]

    /// - Throws: 400 for an encoding that is none
    init(_ query: String?) throws(APIError) {
        guard let query else { return }
        self.values.reserveCapacity(Self.usual)
        var rest = Substring(query).utf8
        var left = Self.most
        while left > 0, let start = rest.firstIndex(where: { $0 != UInt8(ascii: "&") }) {
            rest = rest[start...]
            let pair = rest.prefix { $0 != UInt8(ascii: "&") }
            rest = rest[pair.endIndex...]
            left -= 1
            guard let middle = pair.firstIndex(of: UInt8(ascii: "=")) else { continue }
            guard let name = Self.decode(pair[..<middle]), let value = Self.decode(pair[middle...].dropFirst()) else {
                throw APIError(.badRequest)
            }
            self.values[name] = value
        }
    }

    /// The value, unless it is absent or empty.
    subscript(name: String) -> String? {
        guard let value = self.values[name], !value.isEmpty else { return nil }
        return value
    }

    /// Percent-decoded text; `nil` if it is none.
    static func decode(_ text: Substring.UTF8View) -> String? {
        // As nearly all is that people and pages send.
        if text.allSatisfy(Self.isPlain) { return String(Substring(text)) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var iterator = text.makeIterator()
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "+"):
                bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = iterator.next().flatMap(Self.hexDigit), let low = iterator.next().flatMap(Self.hexDigit) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            default:
                bytes.append(byte)
            }
        }
        // A zero byte is no text for PostgreSQL, nor for people.
        guard !bytes.contains(0) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte != UInt8(ascii: "+") && byte != UInt8(ascii: "%") && byte != 0
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
