public import Redis

/// The codes in Redis, keyed by their start codes, gone when their time is up. No token is ever kept here.
///
/// A step is: read, decide (``Login``, ``LinkRequest``), and one script that stores what was decided if nothing has changed
/// meanwhile, and publishes it. Who comes second reads again, and decides on what is there then.
public struct CodeStore: Sendable {
    /// How long what is over can still be asked about, in milliseconds. Tokens have to be taken within it.
    static let finalLifetime: Int64 = 60_000
    /// How often a step is decided anew when others keep coming first.
    private static let attempts = 20

    /// KEYS: the code, perhaps that of the waiting account. ARGV: the value that is expected, the new one, its life in ms (0: what is left), the channel, the start code. Answers the life in ms, or -1 if another value was there.
    private static let replace = RedisScript(
        """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end
        local left = tonumber(ARGV[3])
        if left == 0 then left = redis.call('PTTL', KEYS[1]) end
        if left <= 0 then return -1 end
        redis.call('SET', KEYS[1], ARGV[2], 'PX', left)
        if KEYS[2] then redis.call('SET', KEYS[2], ARGV[5], 'PX', left) end
        redis.call('PUBLISH', ARGV[4], ARGV[5] .. ' ' .. left .. ' ' .. ARGV[2])
        return left
        """
    )

    /// KEYS: codes. Answers for each its value (or nil) and the milliseconds that are left.
    private static let look = RedisScript(
        """
        local found = {}
        for i, key in ipairs(KEYS) do
            found[i * 2 - 1] = redis.call('GET', key)
            found[i * 2] = redis.call('PTTL', key)
        end
        return found
        """
    )

    private let redis: RedisClient
    private let prefix: String
    /// How long a code lives, in seconds.
    public let lifetime: Int64
    /// Where every change is published.
    let channel: String

    /// - Parameters:
    ///   - redis: the command connection
    ///   - prefix: of keys and channel, apart for each database: `adelante:<instance>:`
    ///   - lifetime: of a code, in seconds
    public init(redis: RedisClient, prefix: String, lifetime: Int64) {
        self.redis = redis
        self.prefix = "\(prefix)telegram:"
        self.lifetime = lifetime
        self.channel = "\(prefix)telegram"
    }

    // MARK: Reading

    func read(_ code: StartCode) async throws(TelegramError) -> StoredCode? {
        try await self.read([code])[code]
    }

    /// Reads codes in one step; those that are gone are absent from the answer.
    func read(_ codes: [StartCode]) async throws(TelegramError) -> [StartCode: StoredCode] {
        guard !codes.isEmpty else { return [:] }
        let answer = try await self.evaluate(Self.look, keys: codes.map(self.key), arguments: [])
        let values = answer.elements ?? []
        var found: [StartCode: StoredCode] = [:]
        for (index, code) in codes.enumerated() where values.count > index * 2 + 1 {
            guard let text = values[index * 2].string, let remaining = values[index * 2 + 1].int else { continue }
            found[code] = StoredCode(text: text, remaining: Int64(remaining))
        }
        return found
    }

    // MARK: Writing

    /// Stores a new code.
    func add(_ content: CodeContent, as code: StartCode) async throws(TelegramError) {
        let stored = StoredCode(version: 1, content: content, remaining: self.lifetime * 1_000)
        let life = RedisArgument.integer(Int(stored.remaining))
        _ = try await self.send(["SET", .string(self.key(code)), .string(stored.text), "PX", life, "NX"])
    }

    /// Makes one step, of this or of nobody.
    ///
    /// - Parameter decide: changes the content, and says what comes of it; called again if another step came first
    /// - Returns: what came of it; nil if there is no such code
    func step<Action>(
        _ code: StartCode,
        _ decide: (inout CodeContent) -> Action
    ) async throws(TelegramError) -> Action? {
        for _ in 0..<Self.attempts {
            guard let stored = try await self.read(code) else { return nil }
            var content = stored.content
            let action = decide(&content)
            if content == stored.content { return action }
            if try await self.replace(stored, of: code, by: content) { return action }
        }
        throw Self.contended
    }

    /// Makes one step of a login; nil if there is no such code, or it is not a login's.
    func stepLogin<Action>(_ code: StartCode, _ decide: (inout Login) -> Action) async throws(TelegramError) -> Action? {
        let action = try await self.step(code) { content -> Action? in
            guard case .login(var login) = content else { return nil }
            defer { content = .login(login) }
            return decide(&login)
        }
        return action ?? nil
    }

    /// Makes one step of a linking; nil if there is no such code, or it is not a linking's.
    func stepLink<Action>(_ code: StartCode, _ decide: (inout LinkRequest) -> Action) async throws(TelegramError) -> Action? {
        let action = try await self.step(code) { content -> Action? in
            guard case .link(var link) = content else { return nil }
            defer { content = .link(link) }
            return decide(&link)
        }
        return action ?? nil
    }

    /// Takes the tokens of a login that is completed: its user's are for whoever gets an answer here, and for nobody else.
    func take(_ code: StartCode) async throws(TelegramError) -> Taken {
        let taken = try await self.step(code) { content -> Taken? in
            guard case .login(var login) = content, case .handOver(let userID) = login.taken() else { return nil }
            content = .login(login)
            return .user(userID)
        }
        if let taken = taken ?? nil { return taken }
        return .status(try await self.read(code).map { CodeStatus($0) } ?? .expired)
    }

    private static let contended = TelegramError(.contended, "a code kept changing while a step was decided")

    /// The code of the login in which this account waits for its approval.
    func waiting(userID: Int64) async throws(TelegramError) -> StartCode? {
        try await self.send(["GET", .string(self.waitingKey(userID))]).string.flatMap { StartCode($0) }
    }

    private func replace(
        _ stored: StoredCode,
        of code: StartCode,
        by content: CodeContent
    ) async throws(TelegramError) -> Bool {
        var keys = [self.key(code)]
        if case .login(let login) = content, login.status == .awaitingApproval, let userID = login.userID {
            keys.append(self.waitingKey(userID))
        }
        let next = StoredCode(version: stored.version + 1, content: content, remaining: stored.remaining).text
        // What was over already lives no longer for a step that comes after.
        let life = content.isFinal && !stored.content.isFinal ? Self.finalLifetime : 0
        let answer = try await self.evaluate(
            Self.replace,
            keys: keys,
            arguments: [
                .string(stored.text), .string(next), .integer(Int(life)), .string(self.channel), .string(code.text),
            ]
        )
        return (answer.int ?? -1) >= 0
    }

    private func send(_ command: [RedisArgument]) async throws(TelegramError) -> RESPValue {
        do throws(RedisError) { return try await self.redis.send(command) } catch { throw TelegramError(error) }
    }

    private func evaluate(
        _ script: RedisScript,
        keys: [String],
        arguments: [RedisArgument]
    ) async throws(TelegramError) -> RESPValue {
        do throws(RedisError) {
            return try await self.redis.evaluate(script, keys: keys, arguments: arguments)
        } catch {
            throw TelegramError(error)
        }
    }

    private func key(_ code: StartCode) -> String { "\(self.prefix)code:\(code.text)" }
    private func waitingKey(_ userID: Int64) -> String { "\(self.prefix)waiting:\(userID)" }
}

/// What the page that asked for its tokens gets.
public enum Taken: Sendable, Equatable {
    /// The tokens of this user, which nobody else gets.
    case user(Int64)
    /// How far it is.
    case status(CodeStatus)
}
