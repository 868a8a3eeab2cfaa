private import COpenSSL

/// What we need of OpenSSL's libcrypto for secrets; no other file sees that part of it.
///
/// A failure of these means that the process has no memory or no entropy: it stops with a sentence, since going on with less
/// than random bytes or a made-up hash is worse.
public enum Crypto {
    /// How many bytes a SHA-256 is.
    public static let sha256Count = 32

    /// SHA-256 (FIPS 180-4), 32 bytes.
    public static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: self.sha256Count)
        let result = unsafe digest.withUnsafeMutableBufferPointer { output in
            unsafe bytes.withUnsafeBytes { input in
                unsafe EVP_Digest(input.baseAddress, input.count, output.baseAddress, nil, EVP_sha256(), nil)
            }
        }
        guard result == 1 else { fatalError("OpenSSL cannot compute a SHA-256") }
        return digest
    }

    /// HMAC-SHA-256 (RFC 2104), 32 bytes.
    public static func hmacSHA256(key: [UInt8], data: [UInt8]) -> [UInt8] {
        HMACKey(key).code(of: data)
    }

    /// Random bytes that nobody can foretell, from OpenSSL's generator.
    public static func randomBytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let result = unsafe bytes.withUnsafeMutableBufferPointer { output in
            unsafe RAND_bytes(output.baseAddress, Int32(output.count))
        }
        guard result == 1 else { fatalError("OpenSSL has no random bytes") }
        return bytes
    }

    /// Whether two secrets are equal, in a time that tells nothing but their lengths.
    public static func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count, !left.isEmpty else { return left.count == right.count }
        return unsafe left.withUnsafeBytes { left in
            unsafe right.withUnsafeBytes { right in
                unsafe CRYPTO_memcmp(left.baseAddress, right.baseAddress, left.count) == 0
            }
        }
    }
}
