import NIOCore
import WebSocket

/// What a socket follows: where each subscription starts, and what becomes of it.
extension SocketSession {
    func subscribeToDefaults(_ principal: Principal, _ completion: @escaping (Bool) -> Void) {
        for name in self.shard.access.defaultTopics {
            // A default that the role may not read is left out, not refused: nobody asked for it.
            guard case .durable = self.shard.access.grant(name, to: principal) else { continue }
            self.subscribe(name, SubscribeRequest())
        }
        // Not before: the first one may be acknowledged at once, and is not all of them.
        self.whenSettled = completion
        self.settleIfDone()
    }

    func settleIfDone() {
        if self.subscriptions.allSatisfy(\.isAcknowledged) { self.settle(isLive: true) }
    }

    func settle(isLive: Bool) {
        let whenSettled = self.whenSettled
        self.whenSettled = nil
        whenSettled?(isLive)
    }

    /// Topics of both kinds.
    var topicCount: Int { self.subscriptions.count + self.ephemeral.count }

    func subscribe(_ name: String, _ request: SubscribeRequest) {
        if let topics = self.shard.ephemeralTopics(of: name) { return self.follow(name, of: topics, request.id) }
        guard let principal else {
            let known = self.shard.access.knows(name)
            let code = known ? SocketError.unauthorized : .unknownTopic
            return self.send(Reply.error(code, known ? "Authenticate first" : "There is no such topic", id: request.id))
        }
        switch self.shard.access.grant(name, to: principal) {
        case .unknown:
            self.send(Reply.error(.unknownTopic, "There is no such topic", id: request.id))
        case .forbidden:
            self.send(Reply.error(.forbidden, "The role may not read this topic", id: request.id))
        case .durable(let topicName, let shape):
            if let present = self.subscriptions.first(where: { $0.topic.name == topicName }) {
                return self.subscribeAgain(present, request)
            }
            guard self.topicCount < self.shard.settings.maximumTopics else {
                return self.send(Reply.error(.tooManyTopics, "Too many topics on one socket", id: request.id))
            }
            let topic = self.shard.topic(topicName)
            let deflated = self.connection?.acceptsSharedDeflate ?? false
            let variant = FrameVariant(shape: shape, deflated: deflated, streamed: self.stream != nil)
            let subscription = Subscription(session: self, topic: topic, variant: variant, request: request)
            self.subscriptions.append(subscription)
            topic.add(subscription)
            self.shard.followNotes(topic)
            // Not weakly: a subscription with a side table for weak references would be slow to retain ever after.
            self.shard.whenLive(topic) { isLive in
                guard isLive, subscription.slot >= 0 else { return }
                guard case .joining(let request) = subscription.phase else { return }
                self.locate(subscription, request)
            }
        }
    }

    /// The same topic again: with `since` it goes on from there, without it from where it is.
    private func subscribeAgain(_ subscription: Subscription, _ request: SubscribeRequest) {
        var request = request
        request.isRepeated = true
        switch subscription.phase {
        case .joining, .locating:
            // Not acknowledged yet: the first request is answered as it would have been, this one right behind it.
            subscription.waiting.append(request)
        case .live, .refilling:
            subscription.page = []
            // Told with the acknowledgement; should there be none, then the difference.
            subscription.toldNotes = subscription.toldNotes ?? subscription.topic.notes
            self.locate(subscription, request)
        }
    }

    /// Finds where the client stands in the topic's history, and acknowledges.
    private func locate(_ subscription: Subscription, _ request: SubscribeRequest) {
        let topic = subscription.topic
        subscription.phase = .locating(request)
        guard let since = request.since else {
            if !request.isRepeated { subscription.cursor = topic.last }
            return self.acknowledge(subscription, request, seq: topic.last, recovered: true)
        }
        if since < 0 {
            self.acknowledgeAnew(subscription, request)
        } else if since > topic.last || request.isOfAnotherHistory(than: topic) {
            self.locateByHead(subscription, request, since)
        } else if since == topic.last || topic.ring[since + 1] != nil {
            subscription.cursor = since
            self.acknowledge(subscription, request, seq: topic.last, recovered: true)
        } else {
            self.locateInPast(subscription, request, since)
        }
    }

    /// The client stands behind this node's ring: the log knows whether it still reaches back that far.
    private func locateInPast(_ subscription: Subscription, _ request: SubscribeRequest, _ since: Int64) {
        let (topic, lookup) = (subscription.topic, subscription.beginLookup())
        self.shard.page(topic, after: since) { result in
            guard subscription.awaits(lookup), case .locating = subscription.phase else { return }
            switch result {
            case .success(let entries)
            where entries.first?.seq == since + 1 && entries.allSatisfy { $0.event.epoch == topic.epoch }:
                self.shard.keep(entries, in: topic)
                subscription.cursor = since
                subscription.page = entries
                self.acknowledge(subscription, request, seq: max(topic.last, entries.last?.seq ?? 0), recovered: true)
            case .success:
                self.acknowledgeAnew(subscription, request)
            case .failure:
                self.subscriptionFailed(subscription)
            }
        }
    }

    /// The client is ahead of this node, or of another history: PostgreSQL knows whether what it has seen exists.
    private func locateByHead(_ subscription: Subscription, _ request: SubscribeRequest, _ since: Int64) {
        let (topic, lookup) = (subscription.topic, subscription.beginLookup())
        self.shard.head(topic) { result in
            guard subscription.awaits(lookup), case .locating = subscription.phase else { return }
            guard case .success(let head?) = result else { return self.subscriptionFailed(subscription) }
            guard head.epoch == topic.epoch, !request.isOfAnotherHistory(than: topic), since <= head.seq else {
                // If it is this node that lags behind a restored database, it will be told to start over.
                let seq = head.epoch == topic.epoch ? head.seq : topic.last
                return self.acknowledgeAnew(subscription, request, at: max(seq, topic.last))
            }
            subscription.cursor = since
            self.acknowledge(subscription, request, seq: max(head.seq, topic.last), recovered: true)
        }
    }

    /// The client has to reload, and goes on from the head.
    private func acknowledgeAnew(_ subscription: Subscription, _ request: SubscribeRequest, at seq: Int64? = nil) {
        let seq = seq ?? subscription.topic.last
        subscription.cursor = seq
        self.pongs.lower(subscription)
        self.acknowledge(subscription, request, seq: seq, recovered: false)
    }

    private func acknowledge(_ subscription: Subscription, _ request: SubscribeRequest, seq: Int64, recovered: Bool) {
        subscription.phase = .live
        let topic = subscription.topic
        self.send(
            Reply.subscribed(topic: topic.clientName, seq: seq, epoch: topic.epoch, recovered: recovered, id: request.id)
        )
        self.tellNotes(subscription)
        self.shard.feed(subscription)
        self.answerWaiting(subscription)
        self.settleIfDone()
    }

    private func answerWaiting(_ subscription: Subscription) {
        guard subscription.slot >= 0, !subscription.waiting.isEmpty else { return }
        self.subscribeAgain(subscription, subscription.waiting.removeFirst())
    }

    /// The subscription cannot be made, or not found its place, at present.
    func subscriptionFailed(_ subscription: Subscription) {
        let id: CommandID?
        switch subscription.phase {
        case .joining(let request), .locating(let request): id = request.id
        case .live, .refilling: id = nil
        }
        if case .locating(let request) = subscription.phase, request.isRepeated {
            // The subscription itself is as good as it was: it goes on from where it is.
            subscription.phase = .live
            self.send(Reply.error(.unavailable, "Try again", retryAfter: 1_000, id: id))
            self.shard.feed(subscription)
            self.shard.tellMissedNotes(subscription)
            return self.answerWaiting(subscription)
        }
        let waiting = subscription.waiting
        self.remove(subscription)
        if self.whenSettled != nil { return self.settle(isLive: false) }
        for id in [id] + waiting.map(\.id) {
            self.send(Reply.error(.unavailable, "Try again", retryAfter: 1_000, id: id))
        }
    }

    /// A live subscription cannot go on from where it is: told unasked, goes on from the head.
    func startOver(_ subscription: Subscription) {
        let topic = subscription.topic
        subscription.page = []
        switch subscription.phase {
        case .live, .refilling:
            subscription.phase = .live
            subscription.cursor = topic.last
            self.pongs.lower(subscription)
            self.send(
                Reply.subscribed(topic: topic.clientName, seq: topic.last, epoch: topic.epoch, recovered: false, id: nil)
            )
            self.tellNotes(subscription)
        case .locating(let request):
            subscription.cursor = topic.last
            self.pongs.lower(subscription)
            // What the log answers would be of the old history.
            if request.epoch == topic.epoch {
                self.locate(subscription, request)
            } else {
                self.acknowledgeAnew(subscription, request)
            }
        case .joining:
            break
        }
    }

    func unsubscribe(_ name: String, _ id: CommandID?) {
        if let subscription = self.subscriptions.first(where: { $0.topic.clientName == name }) {
            let overtaken = subscription.unanswered.map(\.id)
            self.remove(subscription)
            self.answerOvertaken(overtaken, name)
        } else if !self.unfollow(name), !self.shard.access.knows(name), self.shard.ephemeralTopics(of: name) == nil {
            return self.send(Reply.error(.unknownTopic, "There is no such topic", id: id))
        }
        self.send(Reply.unsubscribed(topic: name, id: id))
    }

    /// Whoever asks for a topic and gives it up before the answer gets an answer to both.
    func answerOvertaken(_ ids: [CommandID?], _ name: String) {
        for case let id? in ids { self.send(Reply.unsubscribed(topic: name, id: id)) }
    }

    func remove(_ subscription: Subscription) {
        self.subscriptions.removeAll { $0 === subscription }
        self.drop(subscription)
    }

    func drop(_ subscription: Subscription) {
        subscription.topic.remove(subscription)
        subscription.page = []
        subscription.waiting = []
        self.shard.releaseIfUnused(subscription.topic)
    }
}
