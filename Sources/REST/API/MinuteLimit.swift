import Redis

/// How often something may be asked for within a minute, by one address or one user; counted in Redis for all nodes.
///
/// Only for what does not work without Redis anyway: nobody counts while it is away.
struct MinuteLimit: Sendable {
    /// KEYS: the count. ARGV: how many there may be. Answers the milliseconds to wait, or 0.
    private static let count = RedisScript(
        """
        if redis.call('INCR', KEYS[1]) == 1 then redis.call('PEXPIRE', KEYS[1], 60000) end
        if tonumber(redis.call('GET', KEYS[1])) <= tonumber(ARGV[1]) then return 0 end
        return math.max(redis.call('PTTL', KEYS[1]), 1)
        """
    )

    private let redis: RedisClient
    private let key: String
    private let maximum: Int
    private let isOn: Bool

    /// - Parameters:
    ///   - redis: the command connection
    ///   - prefix: of keys, apart for each database: `adelante:<instance>:`
    ///   - name: of what is counted
    ///   - maximum: within a minute
    ///   - isOn: RATE_LIMITS
    init(redis: RedisClient, prefix: String, name: String, maximum: Int, isOn: Bool) {
        self.redis = redis
        self.key = "\(prefix)rate:\(name):"
        self.maximum = maximum
        self.isOn = isOn
    }

    /// Counts one more.
    ///
    /// - Parameter asker: an address, which stands for its network, or whoever else is limited
    /// - Returns: the milliseconds to wait if there were too many, else 0
    func count(_ asker: String) async throws(RedisError) -> Int64 {
        guard self.isOn else { return 0 }
        let key = self.key + ClientAddress.network(of: asker)
        let answer = try await self.redis.evaluate(Self.count, keys: [key], arguments: [.integer(self.maximum)])
        return Int64(answer.int ?? 0)
    }

    /// As ``count(_:)``.
    ///
    /// - Throws: 429 with `Retry-After` if there were too many, 503 without Redis
    func check(_ asker: String) async throws {
        let wait = try await self.count(asker)
        guard wait == 0 else { throw APIError(.rateLimited, retryAfter: Int((wait + 999) / 1_000)) }
    }
}
