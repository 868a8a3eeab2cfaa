import Logging
import NIOCore
import NIOEmbedded
import Synchronization
import Testing
import WebSocket

@testable import Hub

/// A node without a network: a Hub over memory doubles, on loops whose time a test moves.
final class TestNode: Sendable {
    static let appointments = "salon/7/appointments"
    static let notifications = "user/1/notifications"
    static let clients = "salon/7/clients"
    static let staff = "salon/7/staff"
    static let rights = "salon/7/access"

    let ingestLoop = NIOAsyncTestingEventLoop()
    let loops: [NIOAsyncTestingEventLoop]
    let log = MemoryEventLog()
    let broker: MemoryBroker
    let access = MemoryAccess()
    let states = MemoryStates()
    let holds = MemoryHolds()
    let hub: RealtimeHub
    let recoveries = Mutex(0)
    private let webSocketLoops: WebSocketLoops

    init(
        loops count: Int = 1,
        brokerConfirms: Bool = true,
        settings change: (inout HubSettings) -> Void = { _ in }
    ) async {
        var settings = HubSettings()
        settings.limitsRates = false
        settings.webSocket.pingInterval = .hours(1_000)
        change(&settings)
        let loops = (0..<count).map { _ in NIOAsyncTestingEventLoop() }
        self.loops = loops
        self.webSocketLoops = WebSocketLoops(eventLoops: loops)
        let broker = MemoryBroker(eventLoop: self.ingestLoop, confirms: brokerConfirms)
        self.broker = broker
        let recovered = Recovered()
        self.hub = RealtimeHub(
            loops: self.webSocketLoops,
            ingestLoop: self.ingestLoop,
            settings: settings,
            broker: broker,
            log: self.log,
            access: self.access,
            ephemeral: [self.states],
            holds: self.holds,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            onRecovery: { recovered.body.withLock { $0 }?() }
        )
        for topic in [Self.appointments, Self.notifications, Self.clients, Self.staff, Self.rights] { self.log.create(topic) }
        self.access.issue("token")
        recovered.body.withLock { $0 = { [weak self] in self?.recoveries.withLock { $0 += 1 } } }
        await self.run()
    }

    private final class Recovered: Sendable {
        let body = Mutex<(@Sendable () -> Void)?>(nil)
    }

    // MARK: Time

    /// Runs what is due on every loop, and what that makes due.
    func run() async {
        for _ in 0..<3 {
            for loop in self.loops { await loop.run() }
            await self.ingestLoop.run()
        }
    }

    func advance(_ time: TimeAmount) async {
        await self.run()
        await self.ingestLoop.advanceTime(by: time)
        for loop in self.loops { await loop.advanceTime(by: time) }
        await self.run()
    }

    /// Moves time on in small steps until something has come about.
    func eventually(
        _ what: String = "",
        sourceLocation: SourceLocation = #_sourceLocation,
        _ condition: () async throws -> Bool
    ) async throws {
        let end = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < end {
            await self.run()
            if try await condition() { return }
            await self.advance(.milliseconds(2))
            try await Task.sleep(for: .microseconds(300))
        }
        Issue.record("This has not come about: \(what)", sourceLocation: sourceLocation)
        throw NotInTime()
    }

    struct NotInTime: Error {}

    // MARK: Events

    /// A commit that Redis brings.
    @discardableResult
    func publish(_ topic: String, type: String = "thing:changed", data: String? = nil) -> CommittedEvent {
        let event = self.log.commit(topic, type: type, data: data)
        self.broker.publish(event)
        return event
    }

    /// A commit that nobody brings.
    @discardableResult
    func commit(_ topic: String, type: String = "thing:changed", data: String? = nil) -> CommittedEvent {
        self.log.commit(topic, type: type, data: data)
    }

    /// What a look of anti-entropy finds.
    func learn(_ topic: String, _ seq: Int64, age: Int64 = 0) {
        self.hub.learned([.init(topic: topic, seq: seq, age: age)])
    }

    // MARK: Sockets

    /// Shakes hands; the 101 is not waited for.
    func dial(
        token: String? = "token",
        on index: Int = 0,
        headers: [String] = [],
        uri: String = "/ws",
        address: String = "192.0.2.1"
    ) async throws -> TestSocket {
        let upgrader = SocketUpgrader(hub: self.hub) { _, _ in address }
        let (loop, shared) = (self.loops[index], self.webSocketLoops)
        let socket = try await TestSocket(node: self, loop: loop, shared: shared, upgrader: upgrader)
        try await socket.shakeHands(uri: uri, headers: (token.map { ["Authorization: Bearer \($0)"] } ?? []) + headers)
        return socket
    }

    /// A socket that is open and subscribed to nothing.
    func open(
        token: String? = "token",
        on index: Int = 0,
        headers: [String] = [],
        address: String = "192.0.2.1"
    ) async throws -> TestSocket {
        let headers = ["Sec-WebSocket-Protocol: adelante.v1"] + headers
        let socket = try await self.dial(token: token, on: index, headers: headers, address: address)
        try await socket.waitForUpgrade()
        return socket
    }

    func sessions(on index: Int = 0) async throws -> Int {
        let (hub, loop) = (self.hub, self.loops[index])
        return try await loop.executeInContext { hub.shard(of: loop).sessions.count }
    }

    /// A look into what one loop owns.
    func onShard<Value: Sendable>(_ index: Int = 0, _ look: @escaping @Sendable (Shard) -> Value) async throws -> Value {
        let (hub, loop) = (self.hub, self.loops[index])
        return try await loop.executeInContext { look(hub.shard(of: loop)) }
    }
}
