import Logging
import NIOCore
import WebSocket

/// What one event loop owns: the sockets accepted on it, their subscriptions and cursors, and its part of every topic's log.
///
/// Nothing of it is touched from another thread, so it needs no locks. Frames that become due within one turn of the loop
/// leave in one write a socket.
// Confined to `eventLoop`; every entry point asserts it.
final class Shard: @unchecked Sendable {
    /// How long a topic that nobody follows is kept, for those who come back.
    private static let linger = TimeAmount.seconds(30)

    let eventLoop: any EventLoop
    let settings: HubSettings
    let access: any Access
    let counts: SocketCounts
    let logger: Logger
    private let ephemeral: [any EphemeralTopics]
    let holds: (any SlotHolds)?
    private(set) var ingest: Ingest?
    /// All connections of the loop, those of other endpoints too.
    private var sockets: WebSocketLoop?
    /// By name, those that linger among them.
    private(set) var topics: [String: ShardTopic] = [:]
    private(set) var sessions: [ObjectIdentifier: SocketSession] = [:]
    /// Streams of server-sent events whose answers have not ended, those of sessions that have among them.
    private var streams: [ObjectIdentifier: EventStream] = [:]
    private var deadlines: [Int64: Set<ObjectIdentifier>] = [:]
    private var checkedUntil = Timestamp.now() / 1_000_000
    private var dirtyTopics: [ShardTopic] = []
    private var touched: [SocketSession] = []
    private var isFlushScheduled = false
    /// What all rings of this loop take.
    var ringBytes = 0
    var useCounter: UInt64 = 0
    var logins = LoginCache()
    /// Moves on with every change of rights that this loop hears of.
    private(set) var accessClock: UInt64 = 0
    private(set) var isDraining = false

    init(
        eventLoop: any EventLoop,
        settings: HubSettings,
        access: any Access,
        ephemeral: [any EphemeralTopics],
        holds: (any SlotHolds)?,
        counts: SocketCounts,
        logger: Logger
    ) {
        self.eventLoop = eventLoop
        self.settings = settings
        self.access = access
        self.ephemeral = ephemeral
        self.holds = holds
        self.counts = counts
        self.logger = logger
    }

    /// Called once, on the loop, before the first socket.
    func start(ingest: Ingest, sockets: WebSocketLoop) {
        self.eventLoop.assertInEventLoop()
        self.ingest = ingest
        self.sockets = sockets
        self.eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { [weak self] _ in
            self?.checkDeadlines()
        }
    }

    // MARK: Sockets

    func add(_ session: SocketSession) {
        self.eventLoop.assertInEventLoop()
        self.sessions[ObjectIdentifier(session)] = session
    }

    func remove(_ session: SocketSession) {
        self.eventLoop.assertInEventLoop()
        self.sessions[ObjectIdentifier(session)] = nil
        self.remind(session, at: nil)
    }

    func add(_ stream: EventStream) {
        self.eventLoop.assertInEventLoop()
        self.streams[ObjectIdentifier(stream)] = stream
    }

    func remove(_ stream: EventStream) {
        self.eventLoop.assertInEventLoop()
        self.streams[ObjectIdentifier(stream)] = nil
    }

    /// Asks to be reminded at a second of the wall clock (since 1970 UTC), and at no other.
    func remind(_ session: SocketSession, at second: Int64?) {
        let id = ObjectIdentifier(session)
        if let present = session.remindedAt {
            self.deadlines[present]?.remove(id)
            if self.deadlines[present]?.isEmpty == true { self.deadlines[present] = nil }
        }
        session.remindedAt = second.map { max($0, self.checkedUntil + 1) }
        if let next = session.remindedAt { self.deadlines[next, default: []].insert(id) }
    }

    private func checkDeadlines() {
        let now = Timestamp.now() / 1_000_000
        self.logins.prune(now: self.eventLoop.now)
        guard now > self.checkedUntil else { return }
        // A clock that jumped far ahead would mean as many steps: then look at the keys instead.
        let due = now - self.checkedUntil > 120 ? self.deadlines.keys.filter { $0 <= now } : Array((self.checkedUntil + 1)...now)
        self.checkedUntil = now
        for second in due {
            for id in self.deadlines.removeValue(forKey: second) ?? [] {
                self.sessions[id]?.deadlineReached(now: now)
            }
        }
    }

    /// Closes every socket with 1012 within the window, each told when to come back. At its end every connection of the loop is
    /// cut: who was told and has not answered, or not hung up, who was leaving before, who came meanwhile, and who comes yet.
    ///
    /// - Returns: fulfilled when all that are there now are gone
    func drain(within window: TimeAmount) -> EventLoopFuture<Void> {
        self.eventLoop.assertInEventLoop()
        self.isDraining = true
        let sessions = Array(self.sessions.values)
        let share = window.nanoseconds * 7 / 10
        for (index, session) in sessions.enumerated() {
            let delay = share * Int64(index) / Int64(max(sessions.count, 1))
            let bound = NIOLoopBound(session, eventLoop: self.eventLoop)
            self.eventLoop.scheduleTask(in: .nanoseconds(delay)) { bound.value.restart() }
        }
        self.eventLoop.scheduleTask(in: window) {
            self.sockets?.cut()
            for stream in self.streams.values { stream.cut() }
        }
        let connections = self.sockets?.connections ?? []
        return .andAllComplete(
            connections.map(\.channel.closeFuture) + self.streams.values.map(\.over.futureResult),
            on: self.eventLoop
        )
    }

    // MARK: Topics

    /// The topic as this loop has it; asks for it if it is new here.
    func topic(_ name: String) -> ShardTopic {
        self.eventLoop.assertInEventLoop()
        if let topic = self.topics[name] { return topic }
        let topic = ShardTopic(name: name)
        self.topics[name] = topic
        if let ingest = self.ingest {
            ingest.eventLoop.execute { ingest.join(name, shard: self) }
        }
        return topic
    }

    /// Who keeps the state of a topic that has no log; `nil` if it is not of that kind.
    func ephemeralTopics(of name: String) -> (any EphemeralTopics)? {
        self.ephemeral.first { $0.claims(name) }
    }

    /// Who keeps rooms, and the topic of this one.
    func rooms(_ room: String) -> (any EphemeralRooms, topic: String)? {
        self.ephemeral.lazy.compactMap { $0 as? any EphemeralRooms }.first.map { ($0, $0.topic(ofRoom: room)) }
    }

    func whenLive(_ topic: ShardTopic, _ body: @escaping (Bool) -> Void) {
        if topic.isLive { body(true) } else { topic.whenLive.append(body) }
    }

    func topicIsLive(_ name: String, head: Int64, epoch: String) {
        self.eventLoop.assertInEventLoop()
        guard let topic = self.topics[name], !topic.isLive else { return }
        topic.start(head: head, epoch: epoch)
        self.noteAccess(topic)
        self.callWaiting(topic, isLive: true)
        self.releaseIfUnused(topic)
    }

    func topicFailed(_ name: String) {
        self.eventLoop.assertInEventLoop()
        guard let topic = self.topics.removeValue(forKey: name) else { return }
        self.callWaiting(topic, isLive: false)
        self.unfollowNotes(topic)
        for subscription in topic.subscriptions { subscription.session.subscriptionFailed(subscription) }
    }

    private func callWaiting(_ topic: ShardTopic, isLive: Bool) {
        let waiting = topic.whenLive
        topic.whenLive = []
        for body in waiting { body(isLive) }
    }

    /// Another history, or one that does not reach back to us: whoever follows has to reload.
    func topicStartsOver(_ name: String, head: Int64, epoch: String) {
        self.eventLoop.assertInEventLoop()
        guard let topic = self.topics[name], topic.isLive else { return }
        self.ringBytes -= topic.ring.bytes
        topic.start(head: head, epoch: epoch)
        for subscription in topic.subscriptions { subscription.session.startOver(subscription) }
        if topic.isAccess {
            // What was revoked may have been missed.
            self.noteAccess(topic)
            for session in self.sessions.values where session.watched === topic { session.confirmRights() }
        }
    }

    func releaseIfUnused(_ topic: ShardTopic) {
        guard topic.isUnused, !topic.isLingering, self.topics[topic.name] === topic else { return }
        topic.isLingering = true
        let generation = topic.generation
        let bound = NIOLoopBound(topic, eventLoop: self.eventLoop)
        self.eventLoop.scheduleTask(in: Self.linger) {
            let topic = bound.value
            topic.isLingering = false
            guard topic.isUnused, self.topics[topic.name] === topic else { return }
            // Somebody came and went: the time begins anew.
            guard topic.generation == generation else { return self.releaseIfUnused(topic) }
            self.topics[topic.name] = nil
            self.unfollowNotes(topic)
            self.ringBytes -= topic.ring.bytes
            if let ingest = self.ingest {
                let name = topic.name
                ingest.eventLoop.execute { ingest.leave(name, shard: self) }
            }
        }
    }

    /// Also while nobody watches: a token may just be being looked up.
    private func noteAccess(_ topic: ShardTopic) {
        guard topic.isAccess else { return }
        self.accessClock += 1
        topic.changedAt = self.accessClock
    }

    // MARK: Events

    /// The next events of a topic, in order.
    func deliver(_ name: String, _ entries: [LogEntry]) {
        self.eventLoop.assertInEventLoop()
        guard let topic = self.topics[name], topic.isLive else { return }
        self.useCounter += 1
        topic.lastUsed = self.useCounter
        self.ringBytes -= topic.ring.bytes
        // Handed over before a head that already counts them.
        for entry in entries where entry.seq > topic.last { topic.append(entry) }
        self.ringBytes += topic.ring.bytes
        if self.ringBytes > self.settings.ringBytesPerLoop { self.forgetOldestRings() }
        if topic.isAccess {
            self.noteAccess(topic)
            for entry in entries { self.apply(self.access.change(in: entry.event), of: topic) }
        }
        if !topic.isDirty, !topic.subscriptions.isEmpty {
            topic.isDirty = true
            self.dirtyTopics.append(topic)
            self.scheduleFlush()
        }
    }

    func forgetOldestRings() {
        for topic in self.topics.values.filter({ !$0.ring.isEmpty }).sorted(by: { $0.lastUsed < $1.lastUsed }) {
            guard self.ringBytes > self.settings.ringBytesPerLoop / 2 else { return }
            self.ringBytes -= topic.ring.bytes
            topic.forgetRing()
        }
    }

    /// A socket has output that should leave with this turn of the loop.
    func touch(_ session: SocketSession) {
        guard !session.isTouched else { return }
        session.isTouched = true
        self.touched.append(session)
        self.scheduleFlush()
    }

    private func scheduleFlush() {
        guard !self.isFlushScheduled else { return }
        self.isFlushScheduled = true
        self.eventLoop.execute { self.flush() }
    }

    private func flush() {
        self.isFlushScheduled = false
        let dirty = self.dirtyTopics
        self.dirtyTopics.removeAll(keepingCapacity: true)
        // The usual turn has one topic's events and nothing else: then each socket is gone to once, not twice.
        let isAlone = dirty.count == 1 && self.touched.isEmpty
        for topic in dirty {
            topic.isDirty = false
            for subscription in topic.subscriptions { self.feed(subscription, atOnce: isAlone) }
        }
        let touched = self.touched
        self.touched.removeAll(keepingCapacity: true)
        for session in touched {
            session.isTouched = false
            session.flush()
        }
    }

    /// Writes to a socket what it has not had yet, as far as it takes it.
    ///
    /// - Parameter atOnce: nothing else is to leave in this turn, so it need not wait for the turn's end
    func feed(_ subscription: Subscription, atOnce: Bool = false) {
        // One that has left meanwhile has no session any more.
        guard subscription.slot >= 0, case .live = subscription.phase else { return }
        let (session, topic) = (subscription.session, subscription.topic)
        // Written now or read again: neither a reader that does not read nor one that has caught up keeps a page alive.
        let page = subscription.page
        if !page.isEmpty { subscription.page = [] }
        guard session.isWritable else { return }
        if subscription.variant.streamed, let stream = session.stream {
            if !session.write(page, of: subscription, to: stream) { self.refill(subscription) }
            return
        }
        // A cursor that was moved on meanwhile has passed some of these.
        for entry in page where entry.seq == subscription.cursor + 1 {
            session.write(frames: entry.frame(subscription.variant))
            subscription.cursor = entry.seq
        }
        guard subscription.cursor < topic.last else { return }
        if let frames = topic.frames(after: subscription.cursor, subscription.variant) {
            if !atOnce || !session.writeAtOnce(frames: frames) { session.write(frames: frames) }
            subscription.cursor = topic.last
        } else {
            self.refill(subscription)
        }
    }
}
