import COpenSSL

/// The challenge and response of the opening handshake (RFC 6455 1.3, 4.2.2). This file alone uses OpenSSL.
enum SecWebSocketKey {
    private static let guid = Array("258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8)
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Whether `key` is 16 bytes in base64 (RFC 4648 4).
    static func isValid(_ key: String) -> Bool {
        var count = 0
        for byte in key.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2F:
                guard count < 22 else { return false }
            case 0x3D:
                guard count == 22 || count == 23 else { return false }
            default:
                return false
            }
            count += 1
        }
        return count == 24
    }

    /// The value of `Sec-WebSocket-Accept`: base64 of SHA-1 of the key and the protocol's GUID.
    static func accept(for key: String) -> String {
        let input = Array(key.utf8) + self.guid
        var digest = [UInt8](repeating: 0, count: Int(SHA_DIGEST_LENGTH))
        unsafe adelante_sha1(input, input.count, &digest)
        return self.base64(digest)
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        let (count, alphabet) = ((bytes.count + 2) / 3 * 4, self.alphabet)
        return unsafe String(unsafeUninitializedCapacity: count) { text in
            var position = 0
            for start in stride(from: 0, to: bytes.count, by: 3) {
                let present = min(3, bytes.count - start)
                var word: UInt32 = 0
                for offset in 0..<3 { word = word << 8 | (offset < present ? UInt32(bytes[start + offset]) : 0) }
                for sextet in 0..<4 {
                    let index = Int(word >> UInt32(18 - 6 * sextet)) & 0x3F
                    unsafe text[position] = sextet <= present ? alphabet[index] : 0x3D
                    position += 1
                }
            }
            return count
        }
    }
}
