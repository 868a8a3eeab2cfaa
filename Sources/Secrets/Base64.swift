/// Base64 with padding (RFC 4648 section 4), as data URLs have it.
public enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The text of the bytes: four characters for three.
    public static func encode(_ bytes: [UInt8]) -> String {
        let text = Base64URL.encode(bytes, in: self.alphabet)
        return String(decoding: text, as: UTF8.self) + String(repeating: "=", count: (4 - text.count % 4) % 4)
    }
}
