import NIOCore
import WebSocket

/// What one socket, or one stream of server-sent events, may and follows. Confined to its event loop; holds no task, no timer and
/// no queue of events.
///
/// Here: how it comes and goes, and what it says. Its rights, its commands, its subscriptions and the stream have files of their
/// own.
final class SocketSession {
    /// Whether commands are taken.
    enum State {
        case open
        /// A token is being checked; commands wait for the answer.
        case authenticating(waiting: [(Command, CommandID?)])
        case closed
    }

    unowned let shard: Shard
    private(set) var connection: WebSocketConnection?
    /// In place of a connection.
    var stream: EventStream?
    var principal: Principal?
    /// The access topic that is kept served for this socket.
    var watched: ShardTopic?
    var subscriptions: [Subscription] = []
    /// By topic.
    var ephemeral: [String: EphemeralSubscription] = [:]
    var isTouched = false
    /// The second at which the shard reminds this session.
    var remindedAt: Int64?
    var state = State.open
    var budget: CommandBudget
    var pongs = PongQueue()
    /// Called once the default subscriptions are all acknowledged, or one of them failed.
    var whenSettled: ((Bool) -> Void)?
    /// The second until which an anonymous socket may say nothing.
    var silentUntil: Int64?
    let address: String
    /// Names this socket among those of all nodes, once somebody has asked.
    private(set) var knownConnectionID: String?
    /// Whether there may be slots that end with this socket.
    var hasHeldSlots = false
    /// What was said before the connection was there, right behind the 101.
    private var early: [ByteBuffer] = []
    private(set) var closeOnArrival: (code: SocketClose, reason: String)?
    /// Whether the address's count has this socket.
    private var isCounted = true

    init(shard: Shard, address: String) {
        self.shard = shard
        self.address = address
        self.budget = CommandBudget(burst: shard.settings.commandBurst, now: .now())
    }

    var connectionID: String {
        if let knownConnectionID { return knownConnectionID }
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        let id = String(repeating: "0", count: 16 - digits.count) + digits
        self.knownConnectionID = id
        return id
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
            self.shard.tellMissedNotes(subscription)
        }
        self.shard.touch(self)
    }

    /// The handshake came to nothing after all.
    func abandon() {
        self.leave()
    }

    func leave() {
        if case .closed = self.state { return }
        self.state = .closed
        self.shard.remove(self)
        for subscription in self.subscriptions { self.drop(subscription) }
        self.subscriptions = []
        self.unfollowAll()
        self.leaveSlots(atOnce: false)
        self.pongs.removeAll()
        if let principal { self.shard.counts.removeSocket(ofUser: principal.userID) }
        self.forgetAccess()
        if self.isCounted { self.shard.counts.removeSocket(from: self.address) }
        self.settle(isLive: false)
    }

    func forgetAccess() {
        if let watched { self.shard.unwatchAccess(watched) }
        self.watched = nil
    }

    func end(_ code: SocketClose, _ reason: String) {
        let connection = self.connection
        // During the handshake there is nobody to tell yet.
        if connection == nil, self.closeOnArrival == nil { self.closeOnArrival = (code, reason) }
        self.leave()
        connection?.close(code: code.rawValue, reason: reason)
        if let stream {
            stream.end(code, reason)
            self.shard.touch(self)
        }
    }

    /// The node is about to stop: come back after a while, each at its own time.
    func restart() {
        self.end(.restart, String(Int64.random(in: 0...self.shard.settings.restartSpreadMilliseconds)))
    }

    /// TCP is gone, or both sides have said goodbye.
    func disconnected() {
        self.leave()
        self.connection = nil
    }

    // MARK: Output

    var isWritable: Bool { self.connection?.isWritable ?? self.stream?.isWritable ?? false }

    func write(frames: ByteBuffer) {
        self.connection?.send(frames: frames)
        self.shard.touch(self)
    }

    /// Writes an event that stands beside a topic's log.
    func tell(_ note: Note, isDeflated: Bool) {
        if let stream { return self.write(note, to: stream) }
        self.write(frames: note.frame(isDeflated: isDeflated))
    }

    /// Writes and flushes in one go; `false` if something else is to leave with it.
    func writeAtOnce(frames: ByteBuffer) -> Bool {
        guard self.pongs.isEmpty, !self.isTouched, let connection else { return false }
        return connection.sendAtOnce(frames: frames)
    }

    func send(_ text: ByteBuffer) {
        if case .closed = self.state { return }
        if let stream { return self.write(text, to: stream) }
        guard let connection else { return self.early.append(text) }
        connection.send(text: text)
        self.shard.touch(self)
    }

    /// The turn of the loop ends: everything said in it leaves in one write.
    func flush() {
        self.sendDuePongs()
        self.connection?.flush()
        self.stream?.flush()
    }
}
