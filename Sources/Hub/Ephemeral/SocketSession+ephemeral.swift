import JSON
import NIOCore

/// Ephemeral topics on a socket: it is told the present state, then every change, until a last one. Anonymous sockets may
/// follow them too, as far as the topic's keeper lets them.
extension SocketSession {
    /// Subscribes; the same topic again begins anew.
    func follow(_ name: String, of topics: any EphemeralTopics, _ id: CommandID?) {
        if let present = self.ephemeral.removeValue(forKey: name) {
            present.end()
        } else {
            guard self.topicCount < self.shard.settings.maximumTopics else {
                return self.send(Reply.error(.tooManyTopics, "Too many topics on one socket", id: id))
            }
        }
        let subscription = EphemeralSubscription(name: name, id: id)
        self.ephemeral[name] = subscription
        let eventLoop = self.shard.eventLoop
        let bound = NIOLoopBound((session: self, subscription: subscription), eventLoop: eventLoop)
        let reader = EphemeralReader(address: self.address, principal: self.principal)
        let following = topics.follow(name, by: reader) { news in
            eventLoop.execute { bound.value.session.heard(news, bound.value.subscription) }
        }
        subscription.begin(following)
    }

    /// - Returns: whether there was such a subscription
    func unfollow(_ name: String) -> Bool {
        guard let subscription = self.ephemeral[name] else { return false }
        self.end(subscription)
        return true
    }

    /// The socket goes.
    func unfollowAll() {
        for subscription in self.ephemeral.values { subscription.end() }
        self.ephemeral = [:]
    }

    private func end(_ subscription: EphemeralSubscription) {
        subscription.end()
        self.ephemeral[subscription.name] = nil
        // An anonymous socket that follows nothing any more has to say something again; one that never did has no more time.
        if self.ephemeral.isEmpty, self.principal == nil, self.silentUntil == nil { self.expectSomething() }
    }

    private func heard(_ news: EphemeralNews, _ subscription: EphemeralSubscription) {
        guard !subscription.isOver else { return }
        switch news {
        case .event(let type, let data):
            if self.principal == nil { self.waitQuietly() }
            self.tell(type, data, subscription)
        case .last(let type, let data):
            self.tell(type, data, subscription)
            self.end(subscription)
        case .refused(let refusal):
            self.end(subscription)
            if case .rateLimited = refusal, self.shard.settings.limitsRates, self.budget.refused(now: .now()) {
                return self.end(.tooFast, "too many subscriptions")
            }
            self.send(Self.error(refusal, id: subscription.id))
        }
    }

    private func tell(_ type: String, _ data: ByteBuffer, _ subscription: EphemeralSubscription) {
        if !subscription.isAcknowledged {
            subscription.isAcknowledged = true
            self.send(Reply.subscribed(topic: subscription.name, id: subscription.id))
        }
        self.send(Reply.event(type, topic: subscription.name, data: data))
    }

    private static func error(_ refusal: EphemeralRefusal, id: CommandID?) -> ByteBuffer {
        switch refusal {
        case .unauthorized: Reply.error(.unauthorized, "Authenticate first", id: id)
        case .forbidden: Reply.error(.forbidden, "The role may not read this topic", id: id)
        case .rateLimited(let wait): Reply.error(.rateLimited, "Too many subscriptions", retryAfter: wait, id: id)
        case .unavailable(let wait): Reply.error(.unavailable, "Try again", retryAfter: wait, id: id)
        }
    }
}
