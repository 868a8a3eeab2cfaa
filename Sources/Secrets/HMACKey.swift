private import COpenSSL

/// A key of HMAC-SHA-256 (RFC 2104), prepared: its two padded blocks are hashed once, not for every message.
public struct HMACKey: Sendable {
    private let inner: SHA256_CTX
    private let outer: SHA256_CTX

    /// - Parameter bytes: of any length; those that are longer than a block are hashed first.
    public init(_ bytes: [UInt8]) {
        let blockBytes = Int(SHA256_CBLOCK)
        var block = bytes.count > blockBytes ? Crypto.sha256(bytes) : bytes
        block += [UInt8](repeating: 0, count: blockBytes - block.count)
        self.inner = Self.hashed(block.map { $0 ^ 0x36 })
        self.outer = Self.hashed(block.map { $0 ^ 0x5C })
    }

    private static func hashed(_ block: [UInt8]) -> SHA256_CTX {
        var context = SHA256_CTX()
        unsafe SHA256_Init(&context)
        unsafe SHA256_Update(&context, block, block.count)
        return context
    }

    /// The code of a message, 32 bytes.
    public func code(of message: Span<UInt8>) -> [UInt8] {
        var code = [UInt8](repeating: 0, count: Crypto.sha256Count)
        unsafe message.withUnsafeBufferPointer { bytes in
            unsafe withUnsafePointer(to: self.inner) { inner in
                unsafe withUnsafePointer(to: self.outer) { outer in
                    unsafe adelante_hmac_sha256(inner, outer, bytes.baseAddress, bytes.count, &code)
                }
            }
        }
        return code
    }

    /// The code of a message, 32 bytes.
    public func code(of message: some Collection<UInt8>) -> [UInt8] {
        message.withContiguousStorageIfAvailable { unsafe self.code(of: $0.span) } ?? self.code(of: Array(message).span)
    }
}
