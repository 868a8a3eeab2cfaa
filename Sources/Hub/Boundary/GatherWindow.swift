public import NIOCore

/// When a gathered question is put: soon if it stays alone, and when no more come if it does not.
///
/// One that comes alone waits a millisecond. A second one within it says that many come at once (a deploy reconnects every
/// desk), and then the question waits as long as they come close together, up to ``longest``: what a storm asks becomes a few
/// queries, and who knocks one after the other (each waiting for the answer) is not held up for more than ``quiet``.
public struct GatherWindow: Sendable {
    /// What one that comes alone waits.
    public static let alone = TimeAmount.milliseconds(1)
    /// More have come, and then none for this long: that were all.
    public static let quiet = TimeAmount.milliseconds(5)
    /// They keep coming: nobody waits longer.
    public static let longest = TimeAmount.milliseconds(150)

    private var openedAt: NIODeadline?
    private var dueAt = NIODeadline.distantFuture

    /// Nothing is gathered yet.
    public init() {}

    /// One more to be asked about.
    public mutating func add(at now: NIODeadline) {
        if let openedAt {
            self.dueAt = min(openedAt + Self.longest, now + Self.quiet)
        } else {
            self.openedAt = now
            self.dueAt = now + Self.alone
        }
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
