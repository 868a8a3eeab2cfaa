import Redis
import Secrets
import Synchronization

/// How many wrong passwords there may be within fifteen minutes: for one account from one address, for one account, and from
/// one address. A try needs a place among them before it is checked, so that a burst cannot pass; a right one gives it back.
/// An IPv6 client has a whole network of addresses, which counts as one.
///
/// Nobody can lock another's account from elsewhere but by thousands of tries. Counted in Redis for all nodes; without Redis
/// each node counts for itself.
final class LoginLimits: Sendable {
    private static let window: Int64 = 15 * 60
    private static let perPair: Int64 = 10
    private static let perAccount: Int64 = 1_000
    private static let perAddress: Int64 = 100
    /// How long a try keeps its places if its node dies.
    private static let longestTry: Int64 = 30
    /// How long a try waits for places that others may give back.
    private static let patience = Duration.seconds(5)
    private static let pause = Duration.milliseconds(50)

    /// Takes a place under every key. Answers the seconds to wait if there were too many wrong tries under one of them, -1 if
    /// only those under way leave no place, else 0.
    private static let begin = RedisScript(
        """
        local clock = redis.call('TIME')
        local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
        local count = #KEYS / 2
        local wait = 0
        for i = 1, count do
            local wrong = tonumber(redis.call('GET', KEYS[i]) or '0')
            local most = tonumber(ARGV[i + 2])
            redis.call('ZREMRANGEBYSCORE', KEYS[count + i], '-inf', now)
            if wrong >= most then
                wait = math.max(wait, redis.call('TTL', KEYS[i]), 1)
            elseif wait == 0 and wrong + redis.call('ZCARD', KEYS[count + i]) >= most then
                wait = -1
            end
        end
        if wait ~= 0 then return wait end
        for i = count + 1, #KEYS do
            redis.call('ZADD', KEYS[i], now + ARGV[2] * 1000, ARGV[1])
            redis.call('EXPIRE', KEYS[i], ARGV[2])
        end
        return 0
        """
    )

    /// Gives the places back; counts a wrong try under every key; after a right one the pair starts anew.
    private static let end = RedisScript(
        """
        local count = #KEYS / 2
        for i = 1, count do
            redis.call('ZREM', KEYS[count + i], ARGV[1])
            if ARGV[3] == 'wrong' and redis.call('INCR', KEYS[i]) == 1 then redis.call('EXPIRE', KEYS[i], ARGV[2]) end
        end
        if ARGV[3] == 'right' then redis.call('DEL', KEYS[1]) end
        return 1
        """
    )

    private enum Verdict: String { case right, wrong, undecided }

    /// A try that has its places.
    private struct Attempt {
        var limits: [Limit]
        /// Its name in Redis; `nil` if this node alone knows of it.
        var name: String?
    }

    private struct Limit {
        var key: String
        var maximum: Int64
    }

    private struct Count {
        var wrong: Int64 = 0
        var underWay: Int64 = 0
        var until: Int64
    }

    private let redis: RedisClient
    private let prefix: String
    private let isOn: Bool
    private let local = Mutex<[String: Count]>([:])

    /// - Parameters:
    ///   - redis: the command connection
    ///   - prefix: of keys, apart for each database: `adelante:<instance>:`
    ///   - isOn: RATE_LIMITS
    init(redis: RedisClient, prefix: String, isOn: Bool) {
        self.redis = redis
        self.prefix = "\(prefix)login:"
        self.isOn = isOn
    }

    /// Runs a try. It was right if `body` returns and wrong if it throws an error of the client's; any other error leaves it
    /// undecided, and it counts for nothing.
    ///
    /// - Throws: 429 with `Retry-After` if there were too many; what `body` throws
    func attempt<Value: Sendable>(
        account: String,
        address: String,
        _ body: () async throws -> Value
    ) async throws -> Value {
        guard self.isOn else { return try await body() }
        let attempt = try await self.begin(self.limits(account, address))
        do {
            let value = try await body()
            await self.end(attempt, .right)
            return value
        } catch {
            let isWrong = (error as? APIError).map { $0.code.status < 500 } ?? false
            await self.end(attempt, isWrong ? .wrong : .undecided)
            throw error
        }
    }

    /// Counts what is limited even if it is right, and is no account's: by its address alone, so that nobody can shut others
    /// out, and apart from wrong tries.
    ///
    /// - Parameter isCostly: whether there may be but ten of it, not as many as wrong tries of one address
    /// - Throws: 429 with `Retry-After` if there were too many
    func count(_ what: String, address: String, isCostly: Bool = false) async throws {
        guard self.isOn else { return }
        let key = "\(self.prefix)\(what):\(ClientAddress.network(of: address))"
        let limit = Limit(key: key, maximum: isCostly ? Self.perPair : Self.perAddress)
        await self.end(try await self.begin([limit]), .wrong)
    }

    private func begin(_ limits: [Limit]) async throws -> Attempt {
        let name = String(UInt64.random(in: .min ... .max), radix: 36)
        var arguments = [RedisArgument(name), RedisArgument("\(Self.longestTry)")]
        for limit in limits { arguments.append(RedisArgument("\(limit.maximum)")) }
        let deadline = ContinuousClock.now + Self.patience
        while true {
            let answer = try? await self.redis.evaluate(Self.begin, keys: Self.keys(limits), arguments: arguments)
            let shared = answer?.int.map { Int64($0) }
            let wait = shared ?? self.beginLocally(limits)
            if wait == 0 { return Attempt(limits: limits, name: shared == nil ? nil : name) }
            guard wait < 0, ContinuousClock.now < deadline else {
                throw APIError(.rateLimited, retryAfter: Int(max(wait, 1)))
            }
            // Redis tells nobody that a place is free, which another node may have given back.
            try await Task.sleep(for: Self.pause)
        }
    }

    private func end(_ attempt: Attempt, _ verdict: Verdict) async {
        guard let name = attempt.name else {
            self.endLocally(attempt.limits, verdict)
            return
        }
        _ = try? await self.redis.evaluate(
            Self.end,
            keys: Self.keys(attempt.limits),
            arguments: [RedisArgument(name), RedisArgument("\(Self.window)"), RedisArgument(verdict.rawValue)]
        )
    }

    /// The pair first. The account's name itself stays out of Redis.
    private func limits(_ account: String, _ address: String) -> [Limit] {
        let account = Base64URL.encode(Crypto.sha256(Array(account.utf8)))
        let network = ClientAddress.network(of: address)
        return [
            Limit(key: "\(self.prefix)\(account):\(network)", maximum: Self.perPair),
            Limit(key: "\(self.prefix)account:\(account)", maximum: Self.perAccount),
            Limit(key: "\(self.prefix)address:\(network)", maximum: Self.perAddress),
        ]
    }

    /// Those of the wrong tries, then those of the tries under way.
    private static func keys(_ limits: [Limit]) -> [String] {
        limits.map(\.key) + limits.map { $0.key + ":under-way" }
    }

    // MARK: Without Redis

    private func beginLocally(_ limits: [Limit]) -> Int64 {
        let now = UnixTime.now()
        return self.local.withLock { counts in
            if counts.count > 10_000 { counts = counts.filter { $0.value.until > now || $0.value.underWay > 0 } }
            var wait: Int64 = 0
            for limit in limits {
                var count = counts[limit.key] ?? Count(until: now + Self.window)
                if count.until <= now { (count.wrong, count.until) = (0, now + Self.window) }
                counts[limit.key] = count
                if count.wrong >= limit.maximum {
                    wait = max(wait, count.until - now)
                } else if wait == 0, count.wrong + count.underWay >= limit.maximum {
                    wait = -1
                }
            }
            guard wait == 0 else { return wait }
            for limit in limits { counts[limit.key]?.underWay += 1 }
            return 0
        }
    }

    private func endLocally(_ limits: [Limit], _ verdict: Verdict) {
        self.local.withLock { counts in
            for limit in limits {
                counts[limit.key]?.underWay -= 1
                if verdict == .wrong { counts[limit.key]?.wrong += 1 }
            }
            if verdict == .right { counts[limits[0].key]?.wrong = 0 }
        }
    }
}
