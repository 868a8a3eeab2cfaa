import NIOCore

/// Who may what, as this loop has heard of it.
extension Shard {
    /// Keeps a salon's `access` topic served while a socket of the salon is here.
    func watchAccess(_ name: String, _ completion: @escaping (ShardTopic?) -> Void) {
        let topic = self.topic(name)
        topic.isAccess = true
        topic.watchers += 1
        topic.generation += 1
        self.whenLive(topic) { isLive in
            if !isLive { self.unwatchAccess(topic) }
            completion(isLive ? topic : nil)
        }
    }

    func unwatchAccess(_ topic: ShardTopic) {
        topic.watchers -= 1
        self.releaseIfUnused(topic)
    }

    /// A login that was looked up a moment ago, and of whose salon no change of rights was heard since.
    func recentLogin(_ login: Login) -> (principal: Principal, accessTopic: String)? {
        guard let entry = self.logins.find(login, now: self.eventLoop.now),
            let topic = self.topics[entry.accessTopic], topic.isLive, topic.isAccess,
            topic.changedAt <= entry.stamp
        else { return nil }
        var principal = entry.principal
        principal.expiresAt = login.expiresAt
        return (principal, entry.accessTopic)
    }

    /// - Parameters:
    ///   - accessTopic: that of the principal's salon
    ///   - stamp: the access clock when the look-up began
    ///   - readAt: when that was
    func remember(_ principal: Principal, accessTopic: String, stamp: UInt64, readAt: NIODeadline) {
        self.logins.remember(principal, accessTopic: accessTopic, stamp: stamp, readAt: readAt)
    }

    /// PostgreSQL is away: nobody can say who lives.
    func forgetLogins() {
        self.logins.removeAll()
    }

    func apply(_ change: AccessChange, of topic: ShardTopic) {
        switch change {
        case .sessionEnded(let id):
            for session in self.sessions.values where session.principal?.sessionID == id { session.revoke() }
        case .userEnded(let id, let newest):
            for session in self.sessions.values where session.principal?.userID == id {
                if let sessionID = session.principal?.sessionID, sessionID <= newest { session.revoke() }
            }
        case .roleChanged(let id, let role, let rights):
            for session in self.sessions.values where session.principal?.userID == id {
                session.rightsChanged(role: role, rights: rights)
            }
        case .rightsChanged(let role, let rights):
            for session in self.sessions.values where session.watched === topic && session.principal?.role == role {
                session.rightsChanged(role: role, rights: rights)
            }
        case .none:
            break
        }
    }
}
