/// base64url without padding (RFC 4648 section 5), as JWTs and our links use it.
public enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    /// What stands for no value: no value of six bits has this one.
    private static let noValue: UInt8 = 0x80
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: noValue, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    /// The text of the bytes; four characters for three.
    public static func encode(_ bytes: [UInt8]) -> String {
        String(decoding: self.encode(bytes, in: self.alphabet), as: UTF8.self)
    }

    /// The same in any alphabet of 64 characters.
    static func encode(_ bytes: [UInt8], in alphabet: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count * 4 + 2) / 3)
        var bits: UInt32 = 0
        var count = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 6 {
                count -= 6
                text.append(alphabet[Int(bits >> UInt32(count) & 0x3F)])
            }
        }
        if count > 0 { text.append(alphabet[Int(bits << UInt32(6 - count) & 0x3F)]) }
        return text
    }

    /// The bytes of a text, strictly: nil for padding, white space, other characters, impossible lengths, and for bits left over
    /// that are not zero, so that no two texts mean the same bytes.
    public static func decode(_ text: Span<UInt8>) -> [UInt8]? {
        // Six bits over would be a lone last character.
        guard text.count % 4 != 1 else { return nil }
        let values = self.values
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3 + 2)
        var index = 0
        while index + 4 <= text.count {
            let (a, b) = (values[Int(text[index])], values[Int(text[index + 1])])
            let (c, d) = (values[Int(text[index + 2])], values[Int(text[index + 3])])
            guard (a | b | c | d) & self.noValue == 0 else { return nil }
            bytes.append(a << 2 | b >> 4)
            bytes.append(b << 4 | c >> 2)
            bytes.append(c << 6 | d)
            index += 4
        }
        guard index < text.count else { return bytes }
        let (a, b) = (values[Int(text[index])], values[Int(text[index + 1])])
        let c = index + 2 < text.count ? values[Int(text[index + 2])] : 0
        guard (a | b | c) & self.noValue == 0 else { return nil }
        bytes.append(a << 2 | b >> 4)
        if index + 2 < text.count { bytes.append(b << 4 | c >> 2) }
        let left = index + 2 < text.count ? c << 6 : b << 4
        return left == 0 ? bytes : nil
    }

    /// The bytes of a text; see ``decode(_:)-(Span<UInt8>)``.
    public static func decode(_ text: String) -> [UInt8]? { self.decode(text.utf8.span) }
}
