/// A socket's place in a topic: a cursor into the topic's log, not a queue.
///
/// Confined to the shard's loop. It costs its few words whether its reader is quick or has stopped reading.
final class Subscription {
    /// How far a subscription is.
    enum Phase {
        /// The topic is not live on this loop yet; the request waits for it.
        case joining(SubscribeRequest)
        /// Where the client stands is being looked up; the request waits for the answer.
        case locating(SubscribeRequest)
        /// Acknowledged: events flow.
        case live
        /// Acknowledged, and fell off the ring: a page of the past is being read.
        case refilling
    }

    unowned let session: SocketSession
    let topic: ShardTopic
    /// Where `topic.subscriptions` holds this one.
    var slot = -1
    /// The last position that was written to the socket.
    var cursor: Int64 = 0
    var variant: FrameVariant
    var phase: Phase
    /// Read from the log for this reader alone, and not yet written.
    var page: [LogEntry] = []
    /// Further requests that came before the first was answered.
    var waiting: [SubscribeRequest] = []
    /// What it was told beside the log before it stopped taking anything; nil while it is told everything.
    var toldNotes: TopicNotes?
    private var lookup: UInt64 = 0

    init(session: SocketSession, topic: ShardTopic, variant: FrameVariant, request: SubscribeRequest) {
        self.session = session
        self.topic = topic
        self.variant = variant
        self.phase = .joining(request)
    }

    /// Starts a question to the log; the answers to all earlier ones are no use any more.
    func beginLookup() -> UInt64 {
        self.lookup += 1
        return self.lookup
    }

    /// Whether the answer to this question is still wanted.
    func awaits(_ lookup: UInt64) -> Bool {
        self.slot >= 0 && self.lookup == lookup
    }

    /// Whether the client was told that it has this subscription, also if it is just being moved.
    var wasMade: Bool {
        if case .locating(let request) = self.phase { return request.isRepeated }
        return self.isAcknowledged
    }

    /// What was asked of it and not answered yet.
    var unanswered: [SubscribeRequest] {
        switch self.phase {
        case .joining(let request), .locating(let request): [request] + self.waiting
        case .live, .refilling: self.waiting
        }
    }

    var isAcknowledged: Bool {
        switch self.phase {
        case .live, .refilling: true
        case .joining, .locating: false
        }
    }
}

/// What a client asked for when it subscribed.
struct SubscribeRequest {
    /// Echoed in the reply.
    var id: CommandID?
    /// The last position that the client has.
    var since: Int64?
    /// The history that this position belongs to.
    var epoch: String?
    /// Whether the socket already had this subscription.
    var isRepeated = false

    /// Whether the client's position belongs to a history that is not this topic's.
    func isOfAnotherHistory(than topic: ShardTopic) -> Bool {
        self.epoch.map { $0 != topic.epoch } ?? false
    }
}
