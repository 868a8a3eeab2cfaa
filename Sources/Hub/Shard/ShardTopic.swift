import NIOCore

/// One topic on one loop: its newest events and who follows them. Confined to the loop.
final class ShardTopic {
    let name: String
    /// The topic as its clients name it.
    let clientName: String
    private(set) var ring = TopicRing<LogEntry>(seq: \.seq, weight: \.weight)
    /// The last position that this loop was handed.
    private(set) var last: Int64 = 0
    private(set) var epoch = ""
    private(set) var isLive = false
    private(set) var subscriptions: ContiguousArray<Subscription> = []
    /// Internal readers of this loop (the access topic), which keep the topic alive as subscriptions do.
    var watchers = 0
    /// Whether it is a salon's access topic, watched at present or not.
    var isAccess = false
    /// Called once the topic is live, or failed.
    var whenLive: [(Bool) -> Void] = []
    var isDirty = false
    /// Whether a linger timer runs.
    var isLingering = false
    /// A higher number was used later.
    var lastUsed: UInt64 = 0
    /// A number that changes whenever somebody comes, so that a linger timer knows it is stale.
    var generation = 0
    /// The shard's access clock when this topic last became live or brought a change of rights.
    var changedAt: UInt64 = 0
    /// What is the case beside the log.
    var notes = TopicNotes()
    var notesFollowing: (any EphemeralFollowing)?
    private var batch: Batch?

    /// What the readers at one position share. An object, because each of a thousand looks at it.
    private final class Batch {
        let from: Int64
        let through: Int64
        let variant: FrameVariant
        let frames: ByteBuffer

        init(from: Int64, through: Int64, variant: FrameVariant, frames: ByteBuffer) {
            self.from = from
            self.through = through
            self.variant = variant
            self.frames = frames
        }
    }

    init(name: String) {
        self.name = name
        self.clientName = ClientTopic.name(of: name)
    }

    var isUnused: Bool { self.subscriptions.isEmpty && self.watchers == 0 && self.whenLive.isEmpty }

    func add(_ subscription: Subscription) {
        subscription.slot = self.subscriptions.count
        self.subscriptions.append(subscription)
        self.generation += 1
    }

    func remove(_ subscription: Subscription) {
        guard subscription.slot >= 0 else { return }
        let moved = self.subscriptions.removeLast()
        if moved !== subscription {
            self.subscriptions[subscription.slot] = moved
            moved.slot = subscription.slot
        }
        subscription.slot = -1
    }

    func start(head: Int64, epoch: String) {
        self.isLive = true
        self.last = head
        self.epoch = epoch
        self.ring.removeAll()
        self.batch = nil
    }

    func append(_ entry: LogEntry) {
        precondition(entry.seq == self.last + 1, "A loop is handed a topic's events in order")
        self.ring.append(entry)
        self.last = entry.seq
        self.batch = nil
    }

    /// Puts events of the past before those that the ring has, as far as there is room; nothing if there were a hole between.
    func prepend(_ entries: [LogEntry]) {
        let next = self.ring.first?.seq ?? self.last + 1
        // What the ring has already is of no use; what remains has to reach up to it.
        let older = entries.prefix { $0.seq < next }
        guard older.last?.seq == next - 1 else { return }
        self.ring.prepend(older)
    }

    func forgetRing() {
        self.ring.removeAll()
        self.batch = nil
    }

    /// The frames behind a position up to the last one, joined into one buffer that all readers at this position share.
    /// `nil` if the ring does not reach back that far.
    func frames(after cursor: Int64, _ variant: FrameVariant) -> ByteBuffer? {
        if let batch, batch.from == cursor, batch.through == self.last, batch.variant == variant { return batch.frames }
        guard let first = self.ring[cursor + 1] else { return nil }
        var frames = first.frame(variant)
        if cursor + 1 < self.last {
            for position in (cursor + 2)...self.last {
                guard let entry = self.ring[position] else { return nil }
                frames.writeImmutableBuffer(entry.frame(variant))
            }
        }
        self.batch = Batch(from: cursor, through: self.last, variant: variant, frames: frames)
        return frames
    }
}
