import COpenSSL

/// The challenge and response of the opening handshake (RFC 6455 1.3, 4.2.2). This file alone uses OpenSSL.
enum SecWebSocketKey {
    private static let guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Whether `key` is 16 bytes in base64 (RFC 4648 4).
    static func isValid(_ key: String) -> Bool {
        let bytes = Array(key.utf8)
        guard bytes.count == 24, bytes[22] == 0x3D, bytes[23] == 0x3D else { return false }
        return bytes[..<22].allSatisfy { self.alphabet.contains($0) }
    }

    /// The value of `Sec-WebSocket-Accept`: base64 of SHA-1 of the key and the protocol's GUID.
    static func accept(for key: String) -> String {
        let input = Array((key + self.guid).utf8)
        var digest = [UInt8](repeating: 0, count: Int(SHA_DIGEST_LENGTH))
        _ = unsafe SHA1(input, input.count, &digest)
        return self.base64(digest)
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let count = min(3, bytes.count - start)
            var word: UInt32 = 0
            for offset in 0..<3 { word = word << 8 | (offset < count ? UInt32(bytes[start + offset]) : 0) }
            for position in 0..<4 {
                let index = Int(word >> UInt32(18 - 6 * position)) & 0x3F
                text.append(position <= count ? self.alphabet[index] : 0x3D)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
