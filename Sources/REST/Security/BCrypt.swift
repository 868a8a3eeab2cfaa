private import CXCrypt
private import Glibc
import Secrets

/// bcrypt of libxcrypt; no other file sees it. Takes a quarter of a second at cost 12, so never on an event loop.
struct BCrypt {
    /// A setting's and a hash's parts: `$2b$12$`, 22 characters of salt, 31 of hash.
    private static let prefixCount = 7
    private static let saltCount = 22
    private static let hashCount = 60

    /// What bcrypt allows: 2^4 to 2^31 rounds.
    static let costs = 4...31

    /// Hashes with a new random salt.
    ///
    /// - Parameters:
    ///   - password: UTF-8, at most 72 bytes, none of them zero.
    ///   - cost: the binary logarithm of the rounds, in ``costs``.
    static func hash(_ password: [UInt8], cost: Int) -> String? {
        self.crypt(password, setting: self.setting(cost: cost, salt: Crypto.randomBytes(16)))
    }

    /// Whether a password belongs to a hash, compared in constant time; false for what is no bcrypt hash.
    static func verify(_ password: [UInt8], against hash: String) -> Bool {
        guard self.cost(of: hash) != nil, let computed = self.crypt(password, setting: hash) else { return false }
        return Crypto.constantTimeEqual(Array(computed.utf8), Array(hash.utf8))
    }

    /// Works as long as ``verify(_:against:)`` does against a hash of that cost.
    static func waste(_ password: [UInt8], cost: Int) {
        _ = self.crypt(password, setting: self.setting(cost: cost, salt: [UInt8](repeating: 0x5A, count: 16)))
    }

    /// The cost of a bcrypt hash (`$2a$`, `$2b$` or `$2y$`); nil for anything else.
    static func cost(of hash: String) -> Int? {
        let bytes = Array(hash.utf8)
        guard bytes.count == self.hashCount, ["$2a$", "$2b$", "$2y$"].contains(String(hash.prefix(4))) else { return nil }
        let digits = bytes[4...5]
        guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), bytes[6] == UInt8(ascii: "$"),
            bytes[self.prefixCount...].allSatisfy({ self.alphabet.contains($0) })
        else { return nil }
        let cost = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        return self.costs.contains(cost) ? cost : nil
    }

    private static let alphabet = Array("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)

    private static func setting(cost: Int, salt: [UInt8]) -> String {
        var output = [CChar](repeating: 0, count: Int(CRYPT_GENSALT_OUTPUT_SIZE))
        let isDone = unsafe output.withUnsafeMutableBufferPointer { output in
            unsafe salt.withUnsafeBytes { salt in
                unsafe salt.withMemoryRebound(to: CChar.self) { salt in
                    unsafe crypt_gensalt_rn(
                        "$2b$",
                        UInt(cost),
                        salt.baseAddress,
                        Int32(salt.count),
                        output.baseAddress,
                        Int32(output.count)
                    ) != nil
                }
            }
        }
        guard isDone else { preconditionFailure("libxcrypt makes no bcrypt salt of cost \(cost)") }
        return String(decoding: output.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func crypt(_ password: [UInt8], setting: String) -> String? {
        // 32 KiB, wiped afterwards: it holds the password.
        let data = UnsafeMutablePointer<crypt_data>.allocate(capacity: 1)
        unsafe UnsafeMutableRawPointer(data).initializeMemory(as: UInt8.self, repeating: 0, count: MemoryLayout<crypt_data>.size)
        defer {
            unsafe explicit_bzero(data, MemoryLayout<crypt_data>.size)
            unsafe data.deallocate()
        }
        let phrase = password.map { CChar(bitPattern: $0) } + [0]
        let result = unsafe phrase.withUnsafeBufferPointer { phrase -> String? in
            guard let phrase = phrase.baseAddress, let hash = unsafe crypt_r(phrase, setting, data) else { return nil }
            return unsafe String(cString: hash)
        }
        // On failure crypt_r answers `*0` or `*1`.
        guard let result, result.utf8.count == self.hashCount, result.hasPrefix("$2") else { return nil }
        return result
    }
}
