import Logging
import NIOCore

/// Puts the events of every topic that this node serves in order, repairs gaps, and hands them to the loops that want them.
///
/// Confined to one event loop. Events come in from Redis, from the node's own commits and from anti-entropy, whichever is
/// first; each leaves once, in the order of `seq`, by `execute`, once a loop and not once a connection.
// Confined to `eventLoop`; every entry point asserts it.
final class Ingest: BrokerDelegate, @unchecked Sendable {
    /// How long an early event waits for its predecessor before that counts as lost.
    private static let gapPatience = TimeAmount.milliseconds(20)
    /// How long a subscription waits for Redis before anti-entropy alone has the topic.
    private static let brokerPatience = TimeAmount.milliseconds(500)
    /// How long after a failure the log is asked again.
    private static let retryDelay = TimeAmount.milliseconds(250)
    /// An event that is older than this and was not brought by Redis makes us doubt Redis.
    private static let suspiciousAge: Int64 = 500_000

    let eventLoop: any EventLoop
    private let broker: any Broker
    private let reader: LogReader
    private let access: any Access
    private let logger: Logger
    private var topics: [String: ServedTopic] = [:]
    private let onRecovery: @Sendable () -> Void

    init(
        eventLoop: any EventLoop,
        broker: any Broker,
        log: any EventLog,
        access: any Access,
        logger: Logger,
        onRecovery: @escaping @Sendable () -> Void
    ) {
        self.eventLoop = eventLoop
        self.broker = broker
        self.access = access
        self.reader = LogReader(eventLoop: eventLoop, log: log, access: access)
        self.logger = logger
        self.onRecovery = onRecovery
    }

    /// Called once, on the loop, before anything else.
    func attachToBroker() {
        self.eventLoop.assertInEventLoop()
        self.broker.delegate = self
    }

    // MARK: Loops come and go

    /// A loop wants a topic: it is handed `live(head)` ahead of every event behind that head.
    func join(_ topic: String, shard: Shard) {
        self.eventLoop.assertInEventLoop()
        guard let served = self.topics[topic] else {
            let served = ServedTopic()
            served.loops.append(shard)
            self.topics[topic] = served
            self.broker.subscribe(topic)
            // With Redis away nobody will confirm it: anti-entropy has the topic from here.
            guard self.broker.isHearing else { return self.fanOutIsLive(topic, served) }
            self.later(Self.brokerPatience) { ingest in
                ingest.fanOutIsLive(topic, served)
            }
            return
        }
        served.loops.append(shard)
        if let sequencer = served.sequencer {
            let (last, epoch) = (sequencer.last, served.epoch)
            shard.eventLoop.execute { shard.topicIsLive(topic, head: last, epoch: epoch) }
        }
    }

    /// A loop has no more use for a topic.
    func leave(_ topic: String, shard: Shard) {
        self.eventLoop.assertInEventLoop()
        guard let served = self.topics[topic] else { return }
        served.loops.removeAll { $0 === shard }
        if served.loops.isEmpty {
            self.topics[topic] = nil
            self.broker.unsubscribe(topic)
        }
    }

    /// Fan-out is on, or anti-entropy has the topic from here: what its head is now is where the loops start.
    private func fanOutIsLive(_ topic: String, _ served: ServedTopic) {
        guard self.topics[topic] === served, served.sequencer == nil, !served.isReadingHead else { return }
        served.isReadingHead = true
        self.reader.head(topic) { [weak self] result in
            guard let self, self.topics[topic] === served else { return }
            served.isReadingHead = false
            switch result {
            case .success(let head?):
                self.start(topic, served, at: head)
            case .success(nil):
                self.logger.error("a topic has no head", metadata: ["topic": "\(topic)"])
                self.fail(topic, served)
            case .failure:
                self.fail(topic, served)
            }
        }
    }

    private func start(_ topic: String, _ served: ServedTopic, at head: TopicHead) {
        served.begin(at: head)
        for shard in served.loops {
            shard.eventLoop.execute { shard.topicIsLive(topic, head: head.seq, epoch: head.epoch) }
        }
        let early = served.beforeHead
        served.beforeHead = []
        for event in early { self.received(event) }
        self.catchUp(topic, served)
        if served.mustVerifyAgain { self.verifyHead(topic, served) }
    }

    /// What was heard of while the head was being read may be behind that head: nobody will tell us again.
    private func catchUp(_ topic: String, _ served: ServedTopic) {
        let announced = served.announced
        served.announced = 0
        self.perform(served.sequencer?.learned(head: announced), topic, served)
    }

    private func fail(_ topic: String, _ served: ServedTopic) {
        self.topics[topic] = nil
        self.broker.unsubscribe(topic)
        for shard in served.loops {
            shard.eventLoop.execute { shard.topicFailed(topic) }
        }
    }

    // MARK: Events come in

    /// From Redis, or from a commit of this node.
    func received(_ event: CommittedEvent) {
        self.eventLoop.assertInEventLoop()
        guard let served = self.topics[event.topic] else { return }
        guard served.sequencer != nil else {
            // The head is still being read; what comes meanwhile may be behind it.
            served.announced = max(served.announced, event.seq)
            if served.beforeHead.count < TopicSequencer<LogEntry>.maximumEarly { served.beforeHead.append(event) }
            return
        }
        guard event.epoch == served.epoch else {
            served.announced = max(served.announced, event.seq)
            self.verifyHead(event.topic, served)
            return
        }
        switch served.sequencer?.received(LogEntry(event, access: self.access)) {
        case .deliver(let entries):
            self.deliver(event.topic, served, entries)
        case .startGapTimer:
            self.startGapTimer(event.topic, served)
        case .ignore, nil:
            break
        }
    }

    /// What anti-entropy found.
    func learned(_ changes: [LogChanges.Change]) {
        self.eventLoop.assertInEventLoop()
        var missedByBroker = false
        for change in changes {
            guard let served = self.topics[change.topic] else { continue }
            if served.isReadingHead { served.announced = max(served.announced, change.seq) }
            guard let last = served.sequencer?.last else { continue }
            if change.seq > last, change.age > Self.suspiciousAge { missedByBroker = true }
            self.perform(served.sequencer?.learned(head: change.seq), change.topic, served)
            // Usually we were quicker than the look; or the database was restored and counts from further back.
            if change.seq < last { self.verifyHead(change.topic, served) }
        }
        if missedByBroker, self.broker.isHearing { self.broker.probe() }
    }

    /// The epochs were renewed: all topics are asked about, in one query.
    func historyRenewed() {
        self.eventLoop.assertInEventLoop()
        for (topic, served) in self.topics { self.verifyHead(topic, served) }
    }

    // MARK: BrokerDelegate

    func brokerReceived(_ event: CommittedEvent) {
        self.received(event)
    }

    func brokerSubscribed(_ topic: String) {
        guard let served = self.topics[topic] else { return }
        self.fanOutIsLive(topic, served)
    }

    func brokerRecovered() {
        self.onRecovery()
    }

    // MARK: Heads and pages for sockets

    /// A topic's head as PostgreSQL has it now.
    func head(_ topic: String, _ completion: @escaping LogReader.HeadCompletion) {
        self.reader.head(topic) { [weak self] result in
            if let self, case .success(let head?) = result, let served = self.topics[topic], served.sequencer != nil {
                if head.epoch == served.epoch {
                    self.perform(served.sequencer?.learned(head: head.seq), topic, served)
                } else {
                    self.verifyHead(topic, served)
                }
            }
            completion(result)
        }
    }

    /// A page of a topic's past.
    func page(_ range: LogRange, _ completion: @escaping LogReader.PageCompletion) {
        self.reader.page(range) { [weak self] result in
            if let self, case .success(let entries) = result, let served = self.topics[range.topic], served.sequencer != nil,
                let epoch = entries.first?.event.epoch, epoch != served.epoch
            {
                self.verifyHead(range.topic, served)
            }
            completion(result)
        }
    }

    // MARK: Gaps

    private func startGapTimer(_ topic: String, _ served: ServedTopic) {
        guard !served.isGapTimerRunning else { return }
        served.isGapTimerRunning = true
        self.later(Self.gapPatience) { ingest in
            served.isGapTimerRunning = false
            ingest.perform(served.sequencer?.gapTimerFired(), topic, served)
        }
    }

    private func perform(_ action: TopicSequencer<LogEntry>.ReadAction?, _ topic: String, _ served: ServedTopic) {
        guard case .read(let after) = action else { return }
        self.readGap(topic, served, after: after)
    }

    private func readGap(_ topic: String, _ served: ServedTopic, after: Int64) {
        let history = served.history
        self.reader.page(LogRange(topic: topic, after: after)) { [weak self] result in
            guard let self, self.topics[topic] === served, served.history == history else { return }
            switch result {
            case .success(let entries):
                self.gapRead(topic, served, entries, after: after)
            case .failure:
                self.retryGap(topic, served)
            }
        }
    }

    private func retryGap(_ topic: String, _ served: ServedTopic) {
        served.sequencer?.readFailed()
        self.later(Self.retryDelay) { $0.perform(served.sequencer?.gapTimerFired(), topic, served) }
    }

    private func gapRead(_ topic: String, _ served: ServedTopic, _ entries: [LogEntry], after: Int64) {
        guard entries.allSatisfy({ $0.event.epoch == served.epoch }) else {
            self.retryGap(topic, served)
            self.verifyHead(topic, served)
            return
        }
        switch served.sequencer?.readCompleted(entries, after: after) {
        case .deliver(let entries, let next):
            self.deliver(topic, served, entries)
            if let next { self.readGap(topic, served, after: next) }
        case .verifyHead:
            let history = served.history
            self.reader.head(topic) { [weak self] result in
                guard let self, self.topics[topic] === served, served.history == history else { return }
                self.headVerified(topic, served, result)
            }
        case .startOver:
            self.verifyHead(topic, served)
        case nil:
            break
        }
    }

    private func headVerified(_ topic: String, _ served: ServedTopic, _ result: Result<TopicHead?, any Error>) {
        guard case .success(let head?) = result else { return self.retryGap(topic, served) }
        guard head.epoch == served.epoch else { return self.reset(topic, served, to: head) }
        switch served.sequencer?.verified(head: head.seq) {
        case .read(let after): self.readGap(topic, served, after: after)
        case .startOver: self.reset(topic, served, to: head)
        case .wait, nil: break
        }
    }

    /// The topic's history may not be ours any more: read its head and, if so, start over from there.
    private func verifyHead(_ topic: String, _ served: ServedTopic) {
        guard self.topics[topic] === served else { return }
        guard let asked = served.sequencer?.last, !served.isReadingHead else {
            // The answer under way may be older than what made us doubt.
            served.mustVerifyAgain = true
            return
        }
        served.isReadingHead = true
        served.mustVerifyAgain = false
        let history = served.history
        self.reader.head(topic) { [weak self] result in
            guard let self, self.topics[topic] === served else { return }
            served.isReadingHead = false
            guard case .success(let head?) = result else {
                self.later(Self.retryDelay) { $0.verifyHead(topic, served) }
                return
            }
            // Events that came since we asked are not in the answer: they make it no other history.
            let isOurs = head.epoch == served.epoch && head.seq >= asked && served.sequencer?.isHopeless != true
            if served.history != history {
                served.mustVerifyAgain = served.mustVerifyAgain || head.epoch != served.epoch
            } else if !isOurs {
                self.reset(topic, served, to: head)
            }
            // What was heard of before may have been forgotten with the history that it was taken for.
            if head.epoch == served.epoch { served.announced = max(served.announced, head.seq) }
            if served.mustVerifyAgain { self.verifyHead(topic, served) } else { self.catchUp(topic, served) }
        }
    }

    private func reset(_ topic: String, _ served: ServedTopic, to head: TopicHead) {
        self.logger.warning("a topic starts over", metadata: ["topic": "\(topic)", "seq": "\(head.seq)"])
        if head.epoch == served.epoch { served.announced = max(served.announced, served.sequencer?.known ?? 0) }
        served.begin(at: head)
        for shard in served.loops {
            shard.eventLoop.execute { shard.topicStartsOver(topic, head: head.seq, epoch: head.epoch) }
        }
        self.catchUp(topic, served)
    }

    private func deliver(_ topic: String, _ served: ServedTopic, _ entries: [LogEntry]) {
        for shard in served.loops {
            shard.eventLoop.execute { shard.deliver(topic, entries) }
        }
    }

    private func later(_ delay: TimeAmount, _ body: @escaping (Ingest) -> Void) {
        let bound = NIOLoopBound((self, body), eventLoop: self.eventLoop)
        self.eventLoop.scheduleTask(in: delay) {
            let (ingest, body) = bound.value
            body(ingest)
        }
    }
}

/// A topic that at least one loop of this node wants.
private final class ServedTopic {
    var loops: [Shard] = []
    var epoch = ""
    /// Set once the head is known.
    var sequencer: TopicSequencer<LogEntry>?
    /// What arrived before the head was known.
    var beforeHead: [CommittedEvent] = []
    /// The highest position heard of while it could not be told whether it is behind the head.
    var announced: Int64 = 0
    var isReadingHead = false
    var mustVerifyAgain = false
    var isGapTimerRunning = false
    /// Which history the sequencer is of; answers to questions of an earlier one are no use.
    private(set) var history = 0

    func begin(at head: TopicHead) {
        self.epoch = head.epoch
        self.sequencer = TopicSequencer(head: head.seq, seq: { $0.seq })
        self.history += 1
    }
}
