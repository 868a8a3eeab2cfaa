import NIOCore

/// Who a socket speaks for, and for how long.
extension SocketSession {
    /// How long after its token's end a socket may still bring a new one, in seconds.
    private static let refreshGrace: Int64 = 10

    /// A stream has no way to bring one: it ends with its token.
    private var grace: Int64 { self.stream == nil ? Self.refreshGrace : 0 }

    /// Whose token is this, and does the login live?
    func authenticate(_ token: String, _ completion: @escaping (Authentication) -> Void) {
        switch self.shard.access.read(token) {
        case .login(let login): self.lookUp(login, completion)
        case .expired: completion(.expired)
        case .invalid: completion(.invalid)
        }
    }

    /// Looks a login up, in such a way that no change of rights can fall between the look-up and the salon's access topic.
    private func lookUp(_ login: Login, attempt: Int = 0, _ completion: @escaping (Authentication) -> Void) {
        if let known = self.shard.recentLogin(login) {
            let stamp = self.shard.accessClock
            return self.watch(known.accessTopic, login, known.principal, stamp: stamp, attempt: attempt, completion)
        }
        let stamp = self.shard.accessClock
        let began = self.shard.eventLoop.now
        self.shard.access.lookUp(login, on: self.shard.eventLoop)
            .assumeIsolated()
            .whenSuccess { outcome in
                guard case .granted(let principal) = outcome else {
                    if case .unavailable = outcome { self.shard.forgetLogins() }
                    return completion(outcome)
                }
                // Rights that change faster than they can be read.
                if attempt >= 5 { return completion(.unavailable) }
                let accessTopic = self.shard.access.accessTopic(ofSalon: principal.salonID)
                self.shard.remember(principal, accessTopic: accessTopic, stamp: stamp, readAt: began)
                self.watch(accessTopic, login, principal, stamp: stamp, attempt: attempt, completion)
            }
    }

    /// Keeps the salon's access topic served; a login that was looked up before a change of rights is looked up again.
    private func watch(
        _ accessTopic: String,
        _ login: Login,
        _ principal: Principal,
        stamp: UInt64,
        attempt: Int,
        _ completion: @escaping (Authentication) -> Void
    ) {
        let check = { (watched: ShardTopic) in
            if watched.changedAt <= stamp { return completion(.granted(principal)) }
            self.lookUp(login, attempt: attempt + 1, completion)
        }
        if let watched = self.watched {
            if watched.name == accessTopic { return check(watched) }
            // Of an earlier token that was not accepted in the end, or of this user's other salon.
            guard self.principal == nil else { return completion(.invalid) }
            self.forgetAccess()
        }
        self.shard.watchAccess(accessTopic) { topic in
            guard let topic else { return completion(.unavailable) }
            if case .closed = self.state {
                self.shard.unwatchAccess(topic)
                return completion(.unavailable)
            }
            self.watched = topic
            check(topic)
        }
    }

    /// A change of rights may have been missed: who still may stays, with the role that they have by now; where nobody can say,
    /// they have to come back.
    func confirmRights(attempt: Int = 0) {
        guard let principal, let watched else { return }
        let stamp = self.shard.accessClock
        self.shard.access.lookUp(principal.login, on: self.shard.eventLoop)
            .assumeIsolated()
            .whenSuccess { outcome in
                // Gone, or of another token, which was looked up itself.
                guard self.watched === watched, self.principal?.sessionID == principal.sessionID else { return }
                switch outcome {
                case .granted where watched.changedAt > stamp:
                    if attempt < 5 { self.confirmRights(attempt: attempt + 1) } else { self.restart() }
                case .granted(let found):
                    self.rightsChanged(role: found.role, rights: found.rights)
                case .invalid, .expired:
                    self.revoke()
                case .unavailable:
                    self.restart()
                }
            }
    }

    func accept(_ principal: Principal) {
        self.principal = principal
        self.silentUntil = nil
        self.shard.remind(self, at: principal.expiresAt + self.grace)
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
            if now >= principal.expiresAt + self.grace { self.end(.tokenExpired, "token expired") }
        } else if let silentUntil, now >= silentUntil {
            self.end(.timeout, "nothing said in time")
        }
    }

    /// The login behind this socket has ended.
    func revoke() {
        self.leaveSlots(atOnce: true)
        self.end(.badToken, "session ended")
    }

    /// The user has another role, or the role may do something else.
    func rightsChanged(role: String, rights: UInt64) {
        guard var principal, principal.role != role || principal.rights != rights else { return }
        principal.role = role
        principal.rights = rights
        self.principal = principal
        self.grantAnew()
    }

    /// What the socket may no longer read ends, the rest is shaped anew from the next event.
    func grantAnew() {
        guard let principal else { return }
        // Whoever may still hold them holds them again.
        self.leaveSlots(atOnce: true)
        for subscription in self.subscriptions {
            switch self.shard.access.grant(subscription.topic.clientName, to: principal) {
            case .durable(_, let shape):
                subscription.variant.shape = shape
            case .forbidden, .unknown:
                let (wasMade, unanswered) = (subscription.wasMade, subscription.unanswered)
                self.remove(subscription)
                // A default that is still being made was asked for by nobody, and is the client's all the same.
                let isDefault = self.whenSettled != nil
                if wasMade || isDefault {
                    self.send(Reply.unsubscribed(topic: subscription.topic.clientName, code: .forbidden, id: nil))
                }
                for request in unanswered where !isDefault {
                    self.send(Reply.error(.forbidden, "The role may not read this topic", id: request.id))
                }
                // Whoever comes back has to ask for other topics.
                if self.stream != nil { return self.end(.forbidden, "the role may not") }
            }
        }
        self.endForbiddenStates()
        self.settleIfDone()
    }
}
