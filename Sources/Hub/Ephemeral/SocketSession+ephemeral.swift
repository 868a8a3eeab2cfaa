import JSON
import NIOCore

/// Ephemeral topics on a socket: it is told the present state, then every change, until a last one. Anonymous sockets may
/// follow them too, as far as the topic's keeper lets them.
extension SocketSession {
    /// Rooms that one socket may be in.
    private static let maximumRooms = 10

    /// Who this is to those who keep what is ephemeral.
    var reader: EphemeralReader {
        EphemeralReader(address: self.address, connection: self.connectionID, principal: self.principal)
    }

    /// Subscribes; the same topic again begins anew. Whoever is in a room stays there.
    func follow(_ name: String, of topics: any EphemeralTopics, _ id: CommandID?) {
        if let present = self.ephemeral[name], let entry = present.entry, let rooms = topics as? any EphemeralRooms {
            return self.enter(name, of: rooms, entry, id)
        }
        self.replace(EphemeralSubscription(name: name, id: id, entry: nil), id) { tell in
            topics.follow(name, by: self.reader, tell)
        }
    }

    /// Enters a room, or says something else there.
    func enter(room: String, state: JSONObject?, _ id: CommandID?) {
        guard let (rooms, name) = self.shard.rooms(room) else {
            return self.send(Reply.error(.unknownTopic, "There are no rooms here", id: id))
        }
        let entered = self.ephemeral.values.filter { $0.entry != nil && $0.name != name }.count
        guard entered < Self.maximumRooms else {
            return self.send(Reply.error(.tooManyTopics, "Too many rooms for one socket", id: id))
        }
        self.enter(name, of: rooms, .init(state: state), id)
    }

    private func enter(_ name: String, of rooms: any EphemeralRooms, _ entry: EphemeralSubscription.Entry, _ id: CommandID?) {
        self.replace(EphemeralSubscription(name: name, id: id, entry: entry), id) { tell in
            rooms.enter(name, by: self.reader, state: entry.state, tell)
        }
    }

    func leave(room: String, _ id: CommandID?) {
        guard let (_, name) = self.shard.rooms(room) else {
            return self.send(Reply.error(.unknownTopic, "There are no rooms here", id: id))
        }
        self.unsubscribe(name, id)
    }

    private func replace(
        _ subscription: EphemeralSubscription,
        _ id: CommandID?,
        _ begin: (@escaping @Sendable (EphemeralNews) -> Void) -> any EphemeralFollowing
    ) {
        let present = self.ephemeral[subscription.name]
        guard present != nil || self.topicCount < self.shard.settings.maximumTopics else {
            return self.send(Reply.error(.tooManyTopics, "Too many topics on one socket", id: id))
        }
        if let present { subscription.replace(present) }
        self.ephemeral[subscription.name] = subscription
        let eventLoop = self.shard.eventLoop
        let bound = NIOLoopBound((session: self, subscription: subscription), eventLoop: eventLoop)
        subscription.begin(
            begin { news in eventLoop.execute { bound.value.session.heard(news, bound.value.subscription) } }
        )
        // Only now: whoever is in a room is not to leave it in between.
        present?.end()
    }

    /// The socket takes something again.
    func tellMissedStates() {
        for subscription in self.ephemeral.values where subscription.isBehind {
            subscription.isBehind = false
            subscription.tellAgain()
        }
    }

    /// - Returns: whether there was such a subscription
    func unfollow(_ name: String) -> Bool {
        guard let subscription = self.ephemeral[name] else { return false }
        self.end(subscription)
        self.answerOvertaken(subscription.takeUnanswered(), name)
        return true
    }

    /// The rights are others: who may not follow a topic any more is told no more of it, and is in no such room.
    func endForbiddenStates() {
        for subscription in self.ephemeral.values.sorted(by: { $0.name < $1.name }) {
            let name = subscription.name
            guard let topics = self.shard.ephemeralTopics(of: name), !topics.mayFollow(name, by: self.reader) else { continue }
            self.end(subscription)
            if subscription.wasMade { self.send(Reply.unsubscribed(topic: name, code: .forbidden, id: nil)) }
            for id in subscription.takeUnanswered() { self.send(Self.error(.forbidden, id: id)) }
        }
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
            if subscription.isAcknowledged, subscription.canTellAgain, !self.isWritable {
                // The whole state, once, is all that somebody who does not read will have to read.
                subscription.isBehind = true
                return
            }
            self.tell(type, data, subscription)
        case .last(let type, let data):
            self.tell(type, data, subscription)
            self.end(subscription)
        case .refused(let refusal):
            self.end(subscription)
            if case .rateLimited = refusal, self.shard.settings.limitsRates, self.budget.refused(now: .now()) {
                return self.end(.tooFast, "too many subscriptions")
            }
            for id in subscription.takeUnanswered() { self.send(Self.error(refusal, id: id)) }
            // The one whose place it took is over too: whoever was in a room is not any more.
            if subscription.isRepeated {
                self.send(Reply.unsubscribed(topic: subscription.name, code: refusal.code, id: nil))
            }
        }
    }

    private func tell(_ type: String, _ data: ByteBuffer, _ subscription: EphemeralSubscription) {
        if !subscription.isAcknowledged {
            subscription.isAcknowledged = true
            for id in subscription.takeUnanswered() { self.send(Reply.subscribed(topic: subscription.name, id: id)) }
        }
        self.send(Reply.event(type, topic: subscription.name, data: data, id: nil))
    }

    static func error(_ refusal: EphemeralRefusal, id: CommandID?) -> ByteBuffer {
        let (message, wait): (String, Int64?) =
            switch refusal {
            case .unauthorized: ("Authenticate first", nil)
            case .forbidden: ("The role may not do this", nil)
            case .unknown: ("There is no such topic", nil)
            case .full: ("There are as many as there may be", nil)
            case .rateLimited(let wait): ("Too often", wait)
            case .unavailable(let wait): ("Try again", wait)
            }
        return Reply.error(refusal.code, message, retryAfter: wait, id: id)
    }
}

extension EphemeralRefusal {
    fileprivate var code: SocketError {
        switch self {
        case .unauthorized: .unauthorized
        case .forbidden: .forbidden
        case .unknown: .unknownTopic
        case .full: .full
        case .rateLimited: .rateLimited
        case .unavailable: .unavailable
        }
    }
}
