public import Logging
public import NIOCore
public import ServiceLifecycle
import Synchronization

/// The subscription connection of a process, confined to one event loop: resubscribes by itself after a loss, and probes whether it hears.
///
/// A lost connection and a deaf one look the same to the delegate: `disconnected()`, then after the reconnect `subscribed(channel:)` for every
/// wanted channel and `allSubscribed()`.
public final class RedisSubscriber: Service, Sendable {
    /// The loop that owns the connection and calls the delegate.
    public let eventLoop: any EventLoop

    private let configuration: RedisConfiguration
    private let logger: Logger
    private let stateBox: SubscriberStateBox
    private let core: NIOLoopBoundBox<SubscriptionCore>
    /// Kept here, since the core holds its delegate weakly.
    private let fanOut = Mutex<RedisSubscriptionFanOut?>(nil)

    /// Makes a subscriber that does nothing until ``run()``.
    ///
    /// - Parameters:
    ///   - configuration: where Redis is, and the deadlines.
    ///   - eventLoop: the loop the connection will live on.
    ///   - probe: the channel of the self-probe and its times.
    ///   - client: publishes the probes; of the same server.
    ///   - logger: for connection losses.
    public init(
        configuration: RedisConfiguration,
        eventLoop: any EventLoop,
        probe: RedisProbe,
        client: RedisClient,
        logger: Logger
    ) {
        let stateBox = SubscriberStateBox()
        self.configuration = configuration
        self.eventLoop = eventLoop
        self.logger = logger
        self.stateBox = stateBox
        self.core = .makeBoxSendingValue(
            SubscriptionCore(
                configuration: configuration,
                eventLoop: eventLoop,
                probe: probe,
                publishNonce: { nonce, failed in
                    guard let command = try? RESPCommand.encode(["PUBLISH", .string(probe.channel), .string(nonce)]) else {
                        return
                    }
                    client.submit(command) { result in
                        if case .failure(let error) = result {
                            failed(error)
                        }
                    }
                },
                state: stateBox,
                logger: logger
            ),
            eventLoop: eventLoop
        )
    }

    /// As ``init(configuration:eventLoop:probe:client:logger:)``, with the probe's usual times.
    public convenience init(
        configuration: RedisConfiguration,
        eventLoop: any EventLoop,
        probeChannel: String,
        client: RedisClient,
        logger: Logger
    ) {
        self.init(
            configuration: configuration,
            eventLoop: eventLoop,
            probe: RedisProbe(channel: probeChannel),
            client: client,
            logger: logger
        )
    }

    /// Who hears; held weakly, and read and set on the event loop only. Set it before ``run()``.
    public var delegate: (any RedisSubscriptionDelegate)? {
        get { self.core.value.delegate }
        set { self.core.value.delegate = newValue }
    }

    /// Sets the delegate from any thread; done before anything that is asked for later.
    public func setDelegate(_ delegate: any RedisSubscriptionDelegate & Sendable) {
        self.eventLoop.execute { [core] in core.value.delegate = delegate }
    }

    /// Sets several delegates, held weakly, from any thread: each hears everything, in this order, and passes over what is not its.
    public func setDelegates(_ delegates: [any RedisSubscriptionDelegate & Sendable]) {
        let fanOut = RedisSubscriptionFanOut(delegates)
        self.fanOut.withLock { $0 = fanOut }
        self.setDelegate(fanOut)
    }

    /// Connects, and connects again whenever the connection is lost or deaf, until graceful shutdown or cancellation. To be called once.
    ///
    /// - Throws: ``RedisError`` `.tlsFailed` when the certificate authorities can't be loaded.
    public func run() async throws {
        try await ConnectionKeeper(
            configuration: self.configuration,
            eventLoop: self.eventLoop,
            logger: self.logger,
            owner: { [core] in core.value },
            failed: { [stateBox] in stateBox.failed($0) }
        ).run()
    }

    /// How well it hears; readable from any thread.
    public var state: RedisSubscriberState { self.stateBox.current }

    /// Why it does not hear; nil when it does, and before the first attempt has ended. Readable from any thread.
    public var lastError: RedisError? { self.stateBox.lastError }

    /// Wants a channel; on the event loop only. Nothing happens when it is wanted already; remembered while there is no connection.
    ///
    /// The delegate's `subscribed(channel:)` follows when Redis has confirmed it. All calls of one tick leave in one write.
    public func subscribe(_ channel: String) {
        self.core.value.subscribe(channel)
    }

    /// Wants a channel no more; on the event loop only. No message of it is delivered after this returns.
    public func unsubscribe(_ channel: String) {
        self.core.value.unsubscribe(channel)
    }

    /// Checks now that the connection hears, unless a check is under way or there is no connection; on the event loop only.
    public func probe() {
        self.core.value.probe()
    }
}
