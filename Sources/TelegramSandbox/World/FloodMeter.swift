/// How many messages a chat takes (core.telegram.org/bots/faq): short bursts are fine, then about one a second.
struct FloodMeter: Sendable {
    private static let burst = 20.0
    private static let perSecond = 1.0

    private var left = Self.burst
    private var time: Double

    /// - Parameter now: seconds, of any clock.
    init(now: Double) {
        self.time = now
    }

    /// One more message.
    ///
    /// - Returns: nil if it may be sent, otherwise after how many seconds.
    mutating func take(now: Double) -> Int? {
        self.left = min(self.left + max(now - self.time, 0) * Self.perSecond, Self.burst)
        self.time = now
        guard self.left >= 1 else { return max(Int(((1 - self.left) / Self.perSecond).rounded(.up)), 1) }
        self.left -= 1
        return nil
    }
}
