import NIOCore
import WebSocket

/// What one socket may and follows. Confined to its event loop; holds no task, no timer and no queue of events.
final class SocketSession: WebSocketDelegate {
    /// Whether commands are taken.
    private enum State {
        case open
        /// A token is being checked; commands wait for the answer.
        case authenticating(waiting: [(Command, CommandID?)])
        case closed
    }

    private struct PendingPong {
        var id: CommandID?
        var heads: [(subscription: Subscription, seq: Int64)]
    }

    /// Pings that may wait for a reader that does not read.
    private static let maximumPongs = 16
    /// How long after its token's end a socket may still bring a new one, in seconds.
    private static let refreshGrace: Int64 = 10

    unowned let shard: Shard
    private(set) var connection: WebSocketConnection?
    private(set) var principal: Principal?
    /// The access topic that is kept served for this socket.
    private(set) var watched: ShardTopic?
    private(set) var subscriptions: [Subscription] = []
    /// By topic.
    var ephemeral: [String: EphemeralSubscription] = [:]
    var isTouched = false
    /// The second at which the shard reminds this session.
    var remindedAt: Int64?
    let address: String
    private var state = State.open
    private var budget: CommandBudget
    private var pongs: [PendingPong] = []
    /// What was said before the connection was there, right behind the 101.
    private var early: [ByteBuffer] = []
    private var closeOnArrival: (code: SocketClose, reason: String)?
    private var whenSettled: ((Bool) -> Void)?
    private var silentUntil: Int64?
    /// Whether the address's count has this socket.
    private var isCounted = true

    init(shard: Shard, address: String) {
        self.shard = shard
        self.address = address
        self.budget = CommandBudget(burst: shard.settings.commandBurst, now: .now())
    }

    // MARK: Coming and going

    /// Checks a token and, if asked to, starts the default subscriptions; `completion` says whether all of that came about.
    /// Whatever does not is told to the client by a close code once the connection is there.
    func admit(token: String?, withDefaults: Bool, _ completion: @escaping () -> Void) {
        guard let token else {
            self.shard.add(self)
            self.expectSomething()
            return completion()
        }
        self.authenticate(token) { outcome in
            switch outcome {
            case .granted(let principal):
                guard self.shard.counts.addSocket(ofUser: principal.userID) else {
                    self.forgetAccess()
                    self.closeOnArrival = (.tooFast, "too many sockets")
                    return completion()
                }
                self.accept(principal)
                self.shard.add(self)
                guard withDefaults else { return completion() }
                self.subscribeToDefaults(principal) { isLive in
                    if !isLive, self.closeOnArrival == nil { self.closeOnArrival = (.overloaded, "unavailable") }
                    completion()
                }
            case .expired:
                self.closeOnArrival = (.tokenExpired, "token expired")
                completion()
            case .invalid:
                self.closeOnArrival = (.badToken, "bad token")
                completion()
            case .unavailable:
                self.closeOnArrival = (.overloaded, "unavailable")
                completion()
            }
        }
    }

    /// This address has as many sockets as it may: the close code will say so.
    func turnAway() {
        self.closeOnArrival = (.tooFast, "too many sockets")
        self.isCounted = false
    }

    /// The 101 is about to leave: what is sent now goes with it.
    func attach(_ connection: WebSocketConnection) {
        self.connection = connection
        if let (code, reason) = self.closeOnArrival {
            self.early = []
            self.end(code, reason)
            return
        }
        if self.shard.isDraining { return self.restart() }
        for text in self.early { connection.send(text: text) }
        self.early = []
        for subscription in self.subscriptions {
            // The variant depends on what the connection negotiated.
            subscription.variant.deflated = connection.acceptsSharedDeflate
            self.shard.feed(subscription)
        }
        self.shard.touch(self)
    }

    /// The handshake came to nothing after all.
    func abandon() {
        self.leave()
    }

    private func leave() {
        if case .closed = self.state { return }
        self.state = .closed
        self.shard.remove(self)
        for subscription in self.subscriptions { self.drop(subscription) }
        self.subscriptions = []
        self.unfollowAll()
        self.pongs = []
        if let principal { self.shard.counts.removeSocket(ofUser: principal.userID) }
        self.forgetAccess()
        if self.isCounted { self.shard.counts.removeSocket(from: self.address) }
        self.settle(isLive: false)
    }

    private func forgetAccess() {
        if let watched { self.shard.unwatchAccess(watched) }
        self.watched = nil
    }

    private func end(_ code: SocketClose, _ reason: String) {
        let connection = self.connection
        // During the handshake there is nobody to tell yet.
        if connection == nil, self.closeOnArrival == nil { self.closeOnArrival = (code, reason) }
        self.leave()
        connection?.close(code: code.rawValue, reason: reason)
    }

    /// The node is about to stop: come back after a while, each at its own time.
    func restart() {
        self.end(.restart, String(Int64.random(in: 0...self.shard.settings.restartSpreadMilliseconds)))
    }

    // MARK: Rights

    /// Looks a token up, in such a way that no change of rights can fall between the look-up and the salon's access topic.
    private func authenticate(_ token: String, attempt: Int = 0, _ completion: @escaping (Authentication) -> Void) {
        let stamp = self.shard.accessClock
        let access = self.shard.access
        access.authenticate(token, on: self.shard.eventLoop)
            .assumeIsolated()
            .whenSuccess { outcome in
                guard case .granted(let principal) = outcome else { return completion(outcome) }
                // Rights that change faster than they can be read.
                if attempt >= 5 { return completion(.unavailable) }
                let check = { (watched: ShardTopic) in
                    if watched.changedAt <= stamp { return completion(outcome) }
                    self.authenticate(token, attempt: attempt + 1, completion)
                }
                if let watched = self.watched {
                    if watched.name == access.accessTopic(ofSalon: principal.salonID) { return check(watched) }
                    // Of an earlier token that was not accepted in the end, or of this user's other salon.
                    guard self.principal == nil else { return completion(.invalid) }
                    self.forgetAccess()
                }
                self.shard.watchAccess(ofSalon: principal.salonID) { topic in
                    guard let topic else { return completion(.unavailable) }
                    if case .closed = self.state {
                        self.shard.unwatchAccess(topic)
                        return completion(.unavailable)
                    }
                    self.watched = topic
                    check(topic)
                }
            }
    }

    private func accept(_ principal: Principal) {
        self.principal = principal
        self.silentUntil = nil
        self.shard.remind(self, at: principal.expiresAt + Self.refreshGrace)
    }

    /// An anonymous socket waits for something that may take its time.
    func waitQuietly() {
        self.silentUntil = nil
    }

    func expectSomething() {
        let until = Timestamp.now() / 1_000_000 + self.shard.settings.anonymousSeconds
        self.silentUntil = until
        self.shard.remind(self, at: until)
    }

    /// A second that this session asked to be reminded of has come.
    func deadlineReached(now: Int64) {
        if let principal {
            if now >= principal.expiresAt + Self.refreshGrace { self.end(.tokenExpired, "token expired") }
        } else if let silentUntil, now >= silentUntil {
            self.end(.timeout, "nothing said in time")
        }
    }

    /// The login behind this socket has ended.
    func revoke() {
        self.end(.badToken, "session ended")
    }

    /// The user's role has changed: what it may no longer read ends, the rest is shaped anew from the next event.
    func roleChanged(to role: String) {
        guard var principal else { return }
        principal.role = role
        self.principal = principal
        for subscription in self.subscriptions {
            switch self.shard.access.grant(subscription.topic.clientName, to: principal) {
            case .durable(_, let shape):
                subscription.variant.shape = shape
            case .forbidden, .unknown:
                self.remove(subscription)
                self.send(Reply.unsubscribed(topic: subscription.topic.clientName, code: .forbidden, id: nil))
            }
        }
        self.settleIfDone()
    }

    // MARK: WebSocketDelegate

    func connection(_ connection: WebSocketConnection, received text: ByteBuffer) {
        if case .closed = self.state { return }
        let settings = self.shard.settings
        if settings.limitsRates {
            let now = NIODeadline.now()
            switch self.budget.command(perSecond: settings.commandsPerSecond, burst: settings.commandBurst, now: now) {
            case .accept:
                break
            case .refuse(let retryAfter):
                let id = Command.id(of: text)
                return self.send(Reply.error(.rateLimited, "Too many commands", retryAfter: retryAfter, id: id))
            case .close:
                return self.end(.tooFast, "too many commands")
            }
        }
        do throws(Command.Malformed) {
            let (command, id) = try Command.parse(text)
            if case .authenticating(let waiting) = self.state {
                self.state = .authenticating(waiting: waiting + [(command, id)])
            } else {
                self.perform(command, id)
            }
        } catch {
            self.send(Reply.error(.badRequest, error.message, id: error.id))
        }
    }

    func connection(_ connection: WebSocketConnection, receivedBinary: ByteBuffer) {
        // Refused by the engine with 1003: this endpoint speaks text.
    }

    func connectionBecameWritable(_ connection: WebSocketConnection) {
        if case .closed = self.state { return }
        for subscription in self.subscriptions { self.shard.feed(subscription) }
        self.shard.touch(self)
    }

    func connectionClosed(_ connection: WebSocketConnection, code: UInt16) {
        self.leave()
        self.connection = nil
    }

    // MARK: Commands

    private func perform(_ command: Command, _ id: CommandID?) {
        switch command {
        case .auth(let token): self.authenticateInBand(token, id)
        case .subscribe(let topic, let since, let epoch):
            self.subscribe(topic, SubscribeRequest(id: id, since: since, epoch: epoch))
        case .unsubscribe(let topic): self.unsubscribe(topic, id)
        case .ping: self.answerPing(id)
        }
    }

    private func authenticateInBand(_ token: String, _ id: CommandID?) {
        self.state = .authenticating(waiting: [])
        self.authenticate(token) { outcome in
            guard case .authenticating(let waiting) = self.state else { return }
            self.state = .open
            switch outcome {
            case .granted(let principal):
                if let present = self.principal {
                    guard present.userID == principal.userID else {
                        self.send(Reply.error(.unauthorized, "The token belongs to another user", id: id))
                        return self.end(.badToken, "another user")
                    }
                } else {
                    guard self.shard.counts.addSocket(ofUser: principal.userID) else {
                        return self.end(.tooFast, "too many sockets")
                    }
                }
                let roleBefore = self.principal?.role
                self.accept(principal)
                if let roleBefore, roleBefore != principal.role { self.roleChanged(to: principal.role) }
                self.send(Reply.authenticated(principal, id: id))
            case .expired:
                self.send(Reply.error(.unauthorized, "The token has expired", id: id))
                return self.end(.tokenExpired, "token expired")
            case .invalid:
                self.send(Reply.error(.unauthorized, "The token is not valid", id: id))
                return self.end(.badToken, "bad token")
            case .unavailable:
                self.send(Reply.error(.unavailable, "Try again", retryAfter: 1_000, id: id))
            }
            for (command, id) in waiting {
                if case .closed = self.state { return }
                if case .authenticating(let later) = self.state {
                    self.state = .authenticating(waiting: later + [(command, id)])
                } else {
                    self.perform(command, id)
                }
            }
        }
    }

    private func answerPing(_ id: CommandID?) {
        guard self.pongs.count < Self.maximumPongs else {
            return self.send(Reply.error(.rateLimited, "Read what was sent first", retryAfter: 1_000, id: id))
        }
        let heads = self.subscriptions.filter(\.isAcknowledged).map { (subscription: $0, seq: $0.topic.last) }
        self.pongs.append(PendingPong(id: id, heads: heads))
        self.sendDuePongs()
    }

    /// A pong leaves only behind every event that its heads count.
    private func sendDuePongs() {
        while let pong = self.pongs.first {
            let heads = pong.heads.filter { $0.subscription.slot >= 0 }
            guard heads.allSatisfy({ $0.subscription.cursor >= $0.seq }) else { return }
            self.pongs.removeFirst()
            self.send(Reply.pong(heads: heads.map { ($0.subscription.topic.clientName, $0.seq) }, id: pong.id))
        }
    }

    // MARK: Subscriptions

    private func subscribeToDefaults(_ principal: Principal, _ completion: @escaping (Bool) -> Void) {
        for name in self.shard.access.defaultTopics {
            // A default that the role may not read is left out, not refused: nobody asked for it.
            guard case .durable = self.shard.access.grant(name, to: principal) else { continue }
            self.subscribe(name, SubscribeRequest())
        }
        // Not before: the first one may be acknowledged at once, and is not all of them.
        self.whenSettled = completion
        self.settleIfDone()
    }

    private func settleIfDone() {
        if self.subscriptions.allSatisfy(\.isAcknowledged) { self.settle(isLive: true) }
    }

    private func settle(isLive: Bool) {
        let whenSettled = self.whenSettled
        self.whenSettled = nil
        whenSettled?(isLive)
    }

    /// Topics of both kinds.
    var topicCount: Int { self.subscriptions.count + self.ephemeral.count }

    private func subscribe(_ name: String, _ request: SubscribeRequest) {
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
            let variant = FrameVariant(shape: shape, deflated: self.connection?.acceptsSharedDeflate ?? false)
            let subscription = Subscription(session: self, topic: topic, variant: variant, request: request)
            self.subscriptions.append(subscription)
            topic.add(subscription)
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
        self.lowerPongs(subscription)
        self.acknowledge(subscription, request, seq: seq, recovered: false)
    }

    private func acknowledge(_ subscription: Subscription, _ request: SubscribeRequest, seq: Int64, recovered: Bool) {
        subscription.phase = .live
        let topic = subscription.topic
        self.send(
            Reply.subscribed(topic: topic.clientName, seq: seq, epoch: topic.epoch, recovered: recovered, id: request.id)
        )
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
            self.lowerPongs(subscription)
            self.send(
                Reply.subscribed(topic: topic.clientName, seq: topic.last, epoch: topic.epoch, recovered: false, id: nil)
            )
        case .locating(let request):
            subscription.cursor = topic.last
            self.lowerPongs(subscription)
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

    /// What a waiting pong counts will not come any more: it is told of by `recovered:false`.
    private func lowerPongs(_ subscription: Subscription) {
        for pong in self.pongs.indices {
            for head in self.pongs[pong].heads.indices where self.pongs[pong].heads[head].subscription === subscription {
                self.pongs[pong].heads[head].seq = min(self.pongs[pong].heads[head].seq, subscription.cursor)
            }
        }
    }

    private func unsubscribe(_ name: String, _ id: CommandID?) {
        if let subscription = self.subscriptions.first(where: { $0.topic.clientName == name }) {
            self.remove(subscription)
        } else if !self.unfollow(name), !self.shard.access.knows(name), self.shard.ephemeralTopics(of: name) == nil {
            return self.send(Reply.error(.unknownTopic, "There is no such topic", id: id))
        }
        self.send(Reply.unsubscribed(topic: name, id: id))
    }

    private func remove(_ subscription: Subscription) {
        self.subscriptions.removeAll { $0 === subscription }
        self.drop(subscription)
    }

    private func drop(_ subscription: Subscription) {
        subscription.topic.remove(subscription)
        subscription.page = []
        subscription.waiting = []
        self.shard.releaseIfUnused(subscription.topic)
    }

    // MARK: Output

    var isWritable: Bool { self.connection?.isWritable ?? false }

    func write(frames: ByteBuffer) {
        self.connection?.send(frames: frames)
        self.shard.touch(self)
    }

    func send(_ text: ByteBuffer) {
        if case .closed = self.state { return }
        guard let connection else { return self.early.append(text) }
        connection.send(text: text)
        self.shard.touch(self)
    }

    /// The turn of the loop ends: everything said in it leaves in one write.
    func flush() {
        self.sendDuePongs()
        self.connection?.flush()
    }
}
