public import NIOCore

/// When a gathered question is put: at once if it stays alone, and when no more come if it does not.
///
/// One that comes alone waits a millisecond. When many come (a deploy reconnects every desk) the question waits until they stop
/// coming, as their own pace tells: a few times the usual gap between them without one. So what a storm asks becomes a few queries,
/// while those who knock again only when they were answered are not held up for longer than it takes to see that all of them have.
public struct GatherWindow: Sendable {
    /// What one that comes alone waits.
    public static let alone = TimeAmount.milliseconds(1)
    /// They keep coming: nobody waits longer.
    public static let longest = TimeAmount.milliseconds(200)
    /// Those that come further apart, on average, come alone.
    static let together = TimeAmount.milliseconds(10)
    /// So many usual gaps without one: that were all.
    private static let patience: Int64 = 4
    /// After such a gap the pace is another one.
    private static let memory = TimeAmount.milliseconds(100)

    private var openedAt: NIODeadline?
    private var dueAt = NIODeadline.distantFuture
    private var lastAt: NIODeadline?
    /// The usual gap, in nanoseconds: a moving average.
    private var gap = Self.memory.nanoseconds

    /// Nothing is gathered yet.
    public init() {}

    /// One more to be asked about.
    public mutating func add(at now: NIODeadline) {
        if let lastAt {
            let gap = (now - lastAt).nanoseconds
            let isNewPace = max(gap, self.gap) >= Self.memory.nanoseconds
            self.gap = isNewPace ? gap : self.gap + (gap - self.gap) / 8
        }
        self.lastAt = now
        let opened = self.openedAt ?? now
        self.openedAt = opened
        let isAlone = self.gap > Self.together.nanoseconds
        let pause = isAlone ? Self.alone : .nanoseconds(max(Self.alone.nanoseconds, self.gap * Self.patience))
        self.dueAt = min(opened + Self.longest, isAlone ? opened + pause : now + pause)
    }

    /// How long to wait yet; `nil` if the question is to be put now.
    public func wait(at now: NIODeadline) -> TimeAmount? {
        now < self.dueAt ? self.dueAt - now : nil
    }

    /// The question is put; what comes from here on belongs to the next.
    public mutating func close() {
        self.openedAt = nil
        self.dueAt = .distantFuture
    }
}
