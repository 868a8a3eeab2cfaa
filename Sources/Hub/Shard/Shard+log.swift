import NIOCore

/// What a topic's ring does not have, the log does.
extension Shard {
    /// A cursor fell off the ring: its next page is read from the log.
    func refill(_ subscription: Subscription) {
        subscription.phase = .refilling
        let (cursor, topic) = (subscription.cursor, subscription.topic)
        let lookup = subscription.beginLookup()
        self.page(topic, after: cursor) { result in
            guard subscription.awaits(lookup), case .refilling = subscription.phase else { return }
            switch result {
            case .success(let entries) where entries.contains { $0.event.epoch != topic.epoch }:
                // Another history: the ingest is finding out about it, and will tell us to start over.
                self.refillLater(subscription, lookup)
            case .success(let entries) where entries.first?.seq == cursor + 1:
                self.keep(entries, in: topic)
                subscription.phase = .live
                subscription.page = entries
                self.feed(subscription)
                self.touch(subscription.session)
            case .success:
                // Past retention.
                subscription.session.startOver(subscription)
            case .failure:
                self.refillLater(subscription, lookup)
            }
        }
    }

    /// What was read for one reader is there for the next, if it joins on to what the ring has: after a restart all rings are
    /// empty, and everybody comes back from about the same positions.
    func keep(_ entries: [LogEntry], in topic: ShardTopic) {
        self.useCounter += 1
        topic.lastUsed = self.useCounter
        self.ringBytes -= topic.ring.bytes
        topic.prepend(entries)
        self.ringBytes += topic.ring.bytes
        if self.ringBytes > self.settings.ringBytesPerLoop { self.forgetOldestRings() }
    }

    private func refillLater(_ subscription: Subscription, _ lookup: UInt64) {
        let bound = NIOLoopBound(subscription, eventLoop: self.eventLoop)
        self.eventLoop.scheduleTask(in: .milliseconds(500)) {
            guard bound.value.awaits(lookup), case .refilling = bound.value.phase else { return }
            self.refill(bound.value)
        }
    }

    /// The page of a topic's past behind a position; the answer comes on this loop.
    func page(_ topic: ShardTopic, after: Int64, _ completion: @escaping (Result<[LogEntry], any Error>) -> Void) {
        guard let ingest = self.ingest else { return }
        let promise = self.eventLoop.makePromise(of: [LogEntry].self)
        let range = LogRange(topic: topic.name, after: after)
        ingest.eventLoop.execute { ingest.page(range) { promise.completeWith($0) } }
        promise.futureResult.assumeIsolated().whenComplete(completion)
    }

    /// A topic's head as PostgreSQL has it now; the answer comes on this loop.
    func head(_ topic: ShardTopic, _ completion: @escaping (Result<TopicHead?, any Error>) -> Void) {
        guard let ingest = self.ingest else { return }
        let promise = self.eventLoop.makePromise(of: TopicHead?.self)
        let name = topic.name
        ingest.eventLoop.execute { ingest.head(name) { promise.completeWith($0) } }
        promise.futureResult.assumeIsolated().whenComplete(completion)
    }
}
