import EventLoops
import Hub
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Outbox
import Postgres
import REST
import Redis
import ServiceLifecycle
import WebSocket

/// One server node, put together: services in the order in which they must start. They stop in the reverse order.
struct Node: Sendable {
    /// What all topic logs of the node may hold, in bytes.
    private static let ringBytes = 64 * 1_024 * 1_024

    let services: [any Service]
    let hub: RealtimeHub

    /// Reads the database's instance id, so the schema has to be there.
    ///
    /// - Parameters:
    ///   - settings: what the environment says
    ///   - group: the event loops; the first one puts events in order
    ///   - courier: where letters to people leave; nothing sends any yet
    ///   - logger: for what an operator should know
    static func make(
        _ settings: NodeSettings,
        group: MultiThreadedEventLoopGroup,
        courier: Courier = .none,
        logger: Logger
    ) async throws -> Node {
        let watchers = await SocketWatchers(group, capacity: settings.postgres.poolSize)
        if !watchers.isComplete {
            logger.notice("too little asynchronous I/O here (io_setup): threads wait for the database, which costs more CPU")
        }
        let client = PostgresClient(configuration: settings.postgres, watchers: watchers, logger: logger)
        let instance: String = try await client.query("SELECT id::text AS id FROM instance").only().get("id")
        let channels = Channels(instance: instance)
        let ingestLoop = group.next()
        var redisConfiguration = settings.redis
        redisConfiguration.clientName = "adelante"
        let redis = RedisClient(configuration: redisConfiguration, eventLoop: ingestLoop, logger: logger)
        let nodeName = String(UInt64.random(in: .min ... .max), radix: 36)
        let subscriber = RedisSubscriber(
            configuration: redisConfiguration,
            eventLoop: ingestLoop,
            probeChannel: channels.probe(node: nodeName),
            client: redis,
            logger: logger
        )
        let broker = RedisBroker(subscriber: subscriber, channels: channels)
        let telegramLimits = TelegramLimits(redis: redis, prefix: channels.prefix, isOn: settings.api.limitsRates)
        let desks = DeskSide(
            settings.desks,
            prefix: channels.prefix,
            client: client,
            redis: redis,
            subscriber: subscriber,
            logger: logger
        )
        let telegram = settings.telegram.map { telegram in
            TelegramSide(
                telegram,
                prefix: channels.prefix,
                limits: telegramLimits,
                redis: redis,
                subscriber: subscriber,
                logger: logger
            )
        }
        subscriber.setDelegates([broker, desks.feed] + (telegram.map { [$0.feed] } ?? []))
        let signer = TokenSigner(secret: settings.secretKey, previous: settings.previousSecretKey)
        let log = PostgresEventLog(client: client)
        let wakeUps = Wakeups()
        var hubSettings = settings.hub
        hubSettings.ringBytesPerLoop = Self.ringBytes / group.makeIterator().reduce(0) { count, _ in count + 1 }
        let loops = WebSocketLoops(group: group)
        let hub = RealtimeHub(
            loops: loops,
            ingestLoop: ingestLoop,
            settings: hubSettings,
            broker: broker,
            log: log,
            access: SalonAccess(client: client, signer: signer),
            ephemeral: [desks.presence] + (telegram.map { [$0.topics] } ?? []),
            holds: desks.slots,
            logger: logger,
            onRecovery: { wakeUps.wake() }
        )
        let hasher = PasswordHasher(cost: settings.bcryptCost)
        let outbox = TransactionalOutbox(client: client, redis: redis, channels: channels, hub: hub)
        let keys = (current: settings.secretKey, previous: settings.previousSecretKey)
        let telegramParts = try telegram?.open(client: client, outbox: outbox, keys: keys, logger: logger)
        let backend = Backend(
            client: client,
            outbox: outbox,
            hub: hub,
            redis: redis,
            keyPrefix: channels.prefix,
            signer: signer,
            bodyCode: BodyCode(secret: keys.current, previous: keys.previous),
            hasher: hasher,
            telegram: telegramParts?.desk,
            telegramLimits: telegramLimits,
            holds: desks.holds,
            courier: courier,
            settings: settings.api,
            logger: logger
        )
        let server = try Self.server(
            settings,
            backend: backend,
            hub: hub,
            loops: loops,
            subscriber: subscriber,
            group: group,
            logger: logger
        )
        return Node(
            services: [
                client, redis, subscriber, hasher,
                AntiEntropy(log: log, hub: hub, subscriber: subscriber, wakeUps: wakeUps, logger: logger),
                Housekeeping(client: client, retentionDays: settings.retentionDays, logger: logger),
            ]
                + desks.services + (telegramParts?.services ?? []) + [
                    LastSockets(hub: hub),
                    server,
                    Drainer(hub: hub, window: settings.drain),
                ],
            hub: hub
        )
    }

    private static func server(
        _ settings: NodeSettings,
        backend: Backend,
        hub: RealtimeHub,
        loops: WebSocketLoops,
        subscriber: RedisSubscriber,
        group: MultiThreadedEventLoopGroup,
        logger: Logger
    ) throws -> Listener {
        let addresses = ClientAddress(trusted: settings.api.trustedProxies)
        var upgraders: [any WebSocketUpgrader] = [
            SocketUpgrader(
                hub: hub,
                countsAs: { head, channel in
                    let address = addresses.resolve(
                        peer: channel.peerAddress,
                        forwardedFor: addresses.trustsNobody
                            ? [] : head.headers[canonicalForm: "x-forwarded-for"].map(String.init)
                    )
                    return ClientAddress.network(of: address)
                },
                host: { head, channel in
                    addresses.host(
                        peer: channel.peerAddress,
                        host: head.headers.first(name: "host"),
                        forwardedHost: head.headers[canonicalForm: "x-forwarded-host"].map(String.init)
                    )
                }
            )
        ]
        if settings.echoes { upgraders.append(EchoUpgrader()) }
        let client = backend.client
        let desk = FrontDesk(backend: backend, table: .all()) {
            return Readiness(
                postgres: await Self.answers(client),
                redis: subscriber.state == .hearing,
                isDraining: hub.isDraining
            )
        }
        let tls = try settings.tls?.context()
        return Listener(
            host: settings.host,
            port: settings.port,
            setup: ConnectionSetup(
                upgrader: UpgraderChain(upgraders),
                loops: loops,
                tls: tls,
                handshakeTimeout: settings.handshakeTimeout,
                maximumHeaderBytes: settings.maximumHeaderBytes,
                describe: RefusedRequest(settings: settings.api, logger: logger).description
            ),
            http: HTTPSide(desk: desk, isSecure: tls != nil, logger: logger),
            group: group,
            logger: logger
        )
    }

    /// A pool that is busy is no database that is away.
    private static func answers(_ client: PostgresClient) async -> Bool {
        do {
            try await client.ping()
            return true
        } catch {
            return error.code == .poolTimeout
        }
    }
}
