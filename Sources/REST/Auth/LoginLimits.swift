import Redis
import Synchronization

/// How many passwords may be tried within fifteen minutes: for one account from one address, for one account, and from one
/// address. A try is counted before it is checked, so that a burst cannot pass, and taken back if it was right.
///
/// Nobody can lock another's account from elsewhere but by thousands of tries. Counted in Redis for all nodes; without Redis
/// each node counts for itself.
final class LoginLimits: Sendable {
    private static let window: Int64 = 15 * 60
    private static let perPair: Int64 = 10
    private static let perAccount: Int64 = 1_000
    private static let perAddress: Int64 = 100

    /// Counts a try under every key; answers the seconds to wait if one of them has had too many, else 0.
    private static let count = RedisScript(
        """
        local wait = 0
        for i, key in ipairs(KEYS) do
            local n = redis.call('INCR', key)
            if n == 1 then redis.call('EXPIRE', key, ARGV[1]) end
            if n > tonumber(ARGV[i + 1]) then wait = math.max(wait, redis.call('TTL', key), 1) end
        end
        return wait
        """
    )

    /// Takes a right try back: the pair starts anew.
    private static let takeBack = RedisScript(
        """
        redis.call('DEL', KEYS[1])
        for i = 2, #KEYS do
            if tonumber(redis.call('GET', KEYS[i]) or '0') > 0 then redis.call('DECR', KEYS[i]) end
        end
        return 1
        """
    )

    private let redis: RedisClient
    private let isOn: Bool
    private let local = Mutex<[String: (count: Int64, until: Int64)]>([:])

    init(redis: RedisClient, isOn: Bool) {
        self.redis = redis
        self.isOn = isOn
    }

    /// Counts a try.
    ///
    /// - Throws: 429 with `Retry-After` if there were too many
    func count(account: String, address: String) async throws(APIError) {
        guard self.isOn else { return }
        let limits = Self.limits(account, address)
        let arguments = [RedisArgument("\(Self.window)")] + limits.map { RedisArgument("\($0.maximum)") }
        let answer = try? await self.redis.evaluate(Self.count, keys: limits.map(\.key), arguments: arguments)
        let wait = answer?.int.map { Int64($0) } ?? self.countLocally(limits)
        if wait > 0 { throw APIError(.rateLimited, retryAfter: Int(wait)) }
    }

    /// The try was right.
    func succeeded(account: String, address: String) async {
        guard self.isOn else { return }
        let keys = Self.limits(account, address).map(\.key)
        self.local.withLock { counts in
            counts[keys[0]] = nil
            for key in keys.dropFirst() { counts[key]?.count -= 1 }
        }
        _ = try? await self.redis.evaluate(Self.takeBack, keys: keys, arguments: [])
    }

    /// The pair first. The account's name itself stays out of Redis.
    private static func limits(_ account: String, _ address: String) -> [(key: String, maximum: Int64)] {
        let account = Base64URL.encode(Crypto.sha256(Array(account.utf8)))
        return [
            ("adelante:login:\(account):\(address)", self.perPair),
            ("adelante:login:account:\(account)", self.perAccount),
            ("adelante:login:address:\(address)", self.perAddress),
        ]
    }

    private func countLocally(_ limits: [(key: String, maximum: Int64)]) -> Int64 {
        let now = UnixTime.now()
        return self.local.withLock { counts in
            if counts.count > 10_000 { counts = counts.filter { $0.value.until > now } }
            var wait: Int64 = 0
            for (key, maximum) in limits {
                let fresh: (count: Int64, until: Int64) = (0, now + Self.window)
                var entry = counts[key].flatMap { $0.until > now ? $0 : nil } ?? fresh
                entry.count += 1
                counts[key] = entry
                if entry.count > maximum { wait = max(wait, entry.until - now) }
            }
            return wait
        }
    }
}
