/// Keeps passwords out of messages.
struct Redaction: Sendable {
    private let secrets: [String]

    /// What must not be shown, as it stands and as a URL writes it.
    init(secrets: [String]) {
        self.secrets = secrets.filter { !$0.isEmpty }.flatMap { [$0, Self.percentEncoded($0)] }
    }

    /// The message on one line, without the secrets.
    func scrub(_ message: String) -> String {
        var scrubbed = message.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for secret in self.secrets {
            scrubbed = Self.replace(secret, in: scrubbed)
        }
        return scrubbed
    }

    /// A message without anything that it quotes.
    static func withoutQuotations(_ message: String) -> String {
        let parts = message.split(separator: "\"", omittingEmptySubsequences: false)
        guard parts.count > 1 else { return message.split(whereSeparator: \.isNewline).joined(separator: " ") }
        // first quote to last: what is quoted may hold quotes itself
        return (parts[0] + "\"…\"" + (parts.count % 2 == 1 ? parts[parts.count - 1] : ""))
            .split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    private static func replace(_ secret: String, in text: String) -> String {
        let needle = Array(secret.utf8)
        let bytes = Array(text.utf8)
        var kept: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index...].starts(with: needle) {
                kept.append(contentsOf: "***".utf8)
                index += needle.count
            } else {
                kept.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: kept, as: UTF8.self)
    }

    private static func percentEncoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                encoded.append(byte)
            default:
                encoded.append(contentsOf: [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]])
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }
}
