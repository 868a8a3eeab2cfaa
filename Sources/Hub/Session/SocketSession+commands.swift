import NIOCore
import WebSocket

extension SocketSession: WebSocketDelegate {
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
        for subscription in self.subscriptions {
            self.shard.feed(subscription)
            self.shard.tellMissedNotes(subscription)
        }
        self.tellMissedStates()
        self.shard.touch(self)
    }

    func connectionClosed(_ connection: WebSocketConnection, code: UInt16) {
        self.disconnected()
    }
}

/// What a client may ask for.
extension SocketSession {
    private func perform(_ command: Command, _ id: CommandID?) {
        switch command {
        case .auth(let token): self.authenticateInBand(token, id)
        case .subscribe(let topic, let since, let epoch):
            self.subscribe(topic, SubscribeRequest(id: id, since: since, epoch: epoch))
        case .unsubscribe(let topic): self.unsubscribe(topic, id)
        case .ping: self.answerPing(id)
        case .enter(let room, let state): self.enter(room: room, state: state, id)
        case .leave(let room): self.leave(room: room, id)
        case .hold(let slot): self.hold(slot, id)
        case .release(let slot): self.release(slot, id)
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
                let before = self.principal
                self.accept(principal)
                if let before, before.role != principal.role || before.rights != principal.rights { self.grantAnew() }
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
        let heads = self.subscriptions.filter(\.isAcknowledged).map { (subscription: $0, seq: $0.topic.last) }
        guard self.pongs.append(id, heads) else {
            return self.send(Reply.error(.rateLimited, "Read what was sent first", retryAfter: 1_000, id: id))
        }
        self.sendDuePongs()
    }

    func sendDuePongs() {
        while let pong = self.pongs.takeDue() {
            self.send(Reply.pong(heads: pong.heads.map { ($0.subscription.topic.clientName, $0.seq) }, id: pong.id))
        }
    }
}
