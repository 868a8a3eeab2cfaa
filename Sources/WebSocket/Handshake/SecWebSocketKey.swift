import COpenSSL

/// The challenge and response of the opening handshake (RFC 6455 1.3, 4.2.2). This file alone uses OpenSSL.
enum SecWebSocketKey {
    /// Of an accept value: base64 of the 20 bytes of a SHA-1.
    private static let acceptCount = 28

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
        // OpenSSL ends it with a zero.
        unsafe String(unsafeUninitializedCapacity: self.acceptCount + 1) { text in
            unsafe key.utf8.span.withUnsafeBufferPointer { key in
                unsafe adelante_websocket_accept(key.baseAddress, key.count, text.baseAddress)
            }
            return self.acceptCount
        }
    }
}
