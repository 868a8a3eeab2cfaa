public import Redis

/// The rates of Telegram login: how often one address may begin a login, or ask about a code. So codes cannot be guessed, nor
/// Redis be filled.
public struct TelegramLimits: Sendable {
    let begin: MinuteLimit
    /// The status route and the sockets' subscriptions together.
    let look: MinuteLimit

    /// - Parameters:
    ///   - redis: the command connection
    ///   - prefix: of keys, apart for each database: `adelante:<instance>:`
    ///   - isOn: RATE_LIMITS
    public init(redis: RedisClient, prefix: String, isOn: Bool) {
        self.begin = MinuteLimit(redis: redis, prefix: prefix, name: "telegram-init", maximum: 10, isOn: isOn)
        self.look = MinuteLimit(redis: redis, prefix: prefix, name: "telegram-code", maximum: 60, isOn: isOn)
    }
}
