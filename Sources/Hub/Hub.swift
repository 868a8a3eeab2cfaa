public import Logging
public import NIOCore
import Synchronization
public import WebSocket

/// A node's realtime side: shards of sockets, and the ingest that feeds them.
///
/// Knows topics and roles only through ``Access``, PostgreSQL through ``EventLog`` and Redis through ``Broker``.
public final class RealtimeHub: Sendable {
    /// The limits in force.
    public let settings: HubSettings
    let access: any Access
    let counts: SocketCounts
    private let shards: [ObjectIdentifier: Shard]
    private let ingest: Ingest
    /// Set when draining begins: fulfilled when every socket is gone.
    private let drain = Mutex<EventLoopFuture<Void>?>(nil)

    /// - Parameters:
    ///   - loops: the loops that accept sockets
    ///   - ingestLoop: the loop that the broker is confined to; events are put in order there
    ///   - settings: limits and timings
    ///   - broker: carries events between nodes
    ///   - log: PostgreSQL's events
    ///   - access: who may read what
    ///   - ephemeral: who keep the states of topics that have no log
    ///   - holds: who keeps the slots that desks are booking
    ///   - logger: for what an operator should know
    ///   - onRecovery: called on the ingest loop when the broker hears everything again: look for what was missed
    public init(
        loops: WebSocketLoops,
        ingestLoop: any EventLoop,
        settings: HubSettings,
        broker: sending any Broker,
        log: any EventLog,
        access: any Access,
        ephemeral: [any EphemeralTopics] = [],
        holds: (any SlotHolds)? = nil,
        logger: Logger,
        onRecovery: @escaping @Sendable () -> Void
    ) {
        self.settings = settings
        self.access = access
        let counts = SocketCounts(settings: settings)
        self.counts = counts
        let ingest = Ingest(
            eventLoop: ingestLoop,
            broker: broker,
            log: log,
            access: access,
            logger: logger,
            onRecovery: onRecovery
        )
        self.ingest = ingest
        var shards: [ObjectIdentifier: Shard] = [:]
        for eventLoop in loops.eventLoops {
            let shard = Shard(
                eventLoop: eventLoop,
                settings: settings,
                access: access,
                ephemeral: ephemeral,
                holds: holds,
                counts: counts,
                logger: logger
            )
            shards[ObjectIdentifier(eventLoop)] = shard
            eventLoop.execute { shard.start(ingest: ingest, sockets: loops[eventLoop]) }
        }
        self.shards = shards
        ingestLoop.execute { ingest.attachToBroker() }
    }

    /// Events that this node has committed: they need not wait for Redis to come back round.
    public func committed(_ events: [CommittedEvent]) {
        guard !events.isEmpty else { return }
        let ingest = self.ingest
        ingest.eventLoop.execute {
            for event in events { ingest.received(event) }
        }
    }

    /// What a look at the database found to be committed.
    public func learned(_ changes: [LogChanges.Change]) {
        guard !changes.isEmpty else { return }
        let ingest = self.ingest
        ingest.eventLoop.execute { ingest.learned(changes) }
    }

    /// PostgreSQL cannot be asked what was committed: nobody knows who may what at present.
    public func cannotLook() {
        for shard in self.shards.values {
            shard.eventLoop.execute { shard.forgetLogins() }
        }
    }

    /// The epochs were renewed: whoever follows a topic is told now, not with its next event.
    public func historyRenewed() {
        let ingest = self.ingest
        ingest.eventLoop.execute { ingest.historyRenewed() }
    }

    /// Whether new sockets are turned away because the node is about to stop.
    public var isDraining: Bool { self.drain.withLock { $0 != nil } }

    /// Closes all sockets with 1012, spread over the window.
    ///
    /// - Parameter window: after this time what is still open is cut
    public func drain(within window: TimeAmount) {
        self.drain.withLock { drain in
            guard drain == nil else { return }
            let shards = self.shards.values.map { shard in
                shard.eventLoop.flatSubmit { shard.drain(within: window) }
            }
            drain = .andAllComplete(shards, on: self.ingest.eventLoop)
        }
    }

    /// Returns when every socket of a drain is gone; at once if none has begun.
    public func drained() async {
        let drain = self.drain.withLock { $0 }
        try? await drain?.get()
    }

    /// Open sockets on this node.
    public func socketCount() async -> Int {
        var count = 0
        for shard in self.shards.values {
            count += (try? await shard.eventLoop.submit { shard.sessions.count }.get()) ?? 0
        }
        return count
    }

    func shard(of eventLoop: any EventLoop) -> Shard {
        guard let shard = self.shards[ObjectIdentifier(eventLoop)] else {
            preconditionFailure("A socket was accepted on a loop that the Hub was not given")
        }
        return shard
    }
}
