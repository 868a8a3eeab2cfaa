import Redis
import Synchronization

/// How many wrong passwords an account and an address may try within fifteen minutes.
///
/// Counted in Redis for all nodes; without Redis each node counts for itself. A right password counts nothing.
final class LoginLimits: Sendable {
    private static let window: Int64 = 15 * 60
    private static let perAccount: Int64 = 10
    private static let perAddress: Int64 = 100

    private static let count = RedisScript(
        """
        local n = redis.call('INCR', KEYS[1])
        if n == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
        return n
        """
    )

    private let redis: RedisClient
    private let isOn: Bool
    private let local = Mutex<[String: (count: Int64, until: Int64)]>([:])

    init(redis: RedisClient, isOn: Bool) {
        self.redis = redis
        self.isOn = isOn
    }

    /// - Throws: 429 with `Retry-After` if there were too many wrong ones already
    func check(account: String, address: String) async throws(APIError) {
        guard self.isOn else { return }
        for (key, maximum) in Self.keys(account, address) where await self.read(key) >= maximum {
            throw APIError(.rateLimited, retryAfter: Int(Self.window))
        }
    }

    /// Counts a wrong password.
    func failed(account: String, address: String) async {
        guard self.isOn else { return }
        for (key, _) in Self.keys(account, address) {
            let answer = try? await self.redis.evaluate(Self.count, keys: [key], arguments: ["\(Self.window)"])
            if answer == nil { self.countLocally(key) }
        }
    }

    /// The account's own count starts again after a right password.
    func succeeded(account: String) async {
        guard self.isOn else { return }
        let key = Self.accountKey(account)
        self.local.withLock { $0[key] = nil }
        _ = try? await self.redis.send(["DEL", RedisArgument(key)])
    }

    private static func accountKey(_ account: String) -> String {
        // The address itself stays out of Redis.
        "adelante:login:account:" + Base64URL.encode(Crypto.sha256(Array(account.utf8)))
    }

    private static func keys(_ account: String, _ address: String) -> [(key: String, maximum: Int64)] {
        [(self.accountKey(account), self.perAccount), ("adelante:login:address:\(address)", self.perAddress)]
    }

    private func read(_ key: String) async -> Int64 {
        let local = self.local.withLock { counts -> Int64 in
            guard let entry = counts[key], entry.until > UnixTime.now() else { return 0 }
            return entry.count
        }
        guard let answer = try? await self.redis.send(["GET", RedisArgument(key)]), let text = answer.string else { return local }
        return max(local, Int64(text) ?? 0)
    }

    private func countLocally(_ key: String) {
        let now = UnixTime.now()
        self.local.withLock { counts in
            if counts.count > 10_000 { counts = counts.filter { $0.value.until > now } }
            let fresh: (count: Int64, until: Int64) = (0, now + Self.window)
            let entry = counts[key].flatMap { $0.until > now ? $0 : nil } ?? fresh
            counts[key] = (entry.count + 1, entry.until)
        }
    }
}
