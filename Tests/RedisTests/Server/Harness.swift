import Logging
import NIOCore
import NIOPosix
import Support
import Synchronization
import Testing

@testable import Redis

/// The loops of the tests with real servers.
let loops = MultiThreadedEventLoopGroup.singleton

let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

struct Late: Error, CustomStringConvertible {
    let description: String
}

/// Waits for what announces itself to nobody; the limit is for a busy machine.
func eventually(
    within limit: Duration = .seconds(60),
    _ what: String,
    _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < end else { throw Late(description: "not in time: \(what)") }
        try await Task.sleep(for: .milliseconds(5))
    }
}

extension RedisConfiguration {
    /// Where deadlines are not what is tested, they are long enough for a machine that does much else.
    fileprivate mutating func setBusyMachineTimes() {
        self.connectTimeout = .seconds(20)
        self.commandTimeout = .seconds(60)
        self.reconnectMaximum = .milliseconds(200)
    }
}

extension RedisClient {
    /// A client of that server on a loop of its own choice.
    static func test(_ url: String, _ change: (inout RedisConfiguration) -> Void = { _ in }) throws -> RedisClient {
        var configuration = try RedisConfiguration(url: url)
        configuration.setBusyMachineTimes()
        change(&configuration)
        return RedisClient(configuration: configuration, eventLoop: loops.next(), logger: quiet)
    }

    /// Runs the client around the body, which begins when it is connected.
    func running<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.run() }
            try await self.connected()
            let result = try await body()
            group.cancelAll()
            try await group.waitForAll()
            return result
        }
    }

    /// Whether a client of this name is blocked in `BLPOP`; asked over a connection of its own.
    static func isBlocked(_ name: String, _ url: String) async throws -> Bool {
        let other = try RedisClient.test(url)
        return try await other.running {
            let clients = try await other.send(["CLIENT", "LIST"]).string ?? ""
            return clients.split(separator: "\n").contains { $0.contains("name=\(name) ") && $0.contains("cmd=blpop") }
        }
    }

    func connected(within limit: Duration = .seconds(60)) async throws {
        try await eventually(within: limit, "connected (\(self.lastError.map { "\($0)" } ?? "no error"))") { self.isConnected }
    }
}

/// A subscriber with its events as a stream.
final class Listener: RedisSubscriptionDelegate, Sendable {
    enum Event: Sendable, Equatable {
        case message(String, String)
        case subscribed(String)
        case allSubscribed
        case disconnected
    }

    let subscriber: RedisSubscriber
    let client: RedisClient
    private let events: Mutex<[Event]> = Mutex([])
    private let reasons: Mutex<[String]> = Mutex([])

    init(
        client: RedisClient,
        url: String? = nil,
        probe: RedisProbe,
        _ change: (inout RedisConfiguration) -> Void = { _ in }
    ) throws {
        var configuration = try url.map { try RedisConfiguration(url: $0) } ?? client.configuration
        configuration.setBusyMachineTimes()
        change(&configuration)
        self.client = client
        self.subscriber = RedisSubscriber(
            configuration: configuration,
            eventLoop: loops.next(),
            probe: probe,
            client: client,
            logger: quiet
        )
        self.subscriber.setDelegate(self)
    }

    func message(channel: String, payload: ByteBuffer) { self.add(.message(channel, String(buffer: payload))) }
    func subscribed(channel: String) { self.add(.subscribed(channel)) }
    func allSubscribed() { self.add(.allSubscribed) }
    func disconnected() {
        self.reasons.withLock { $0 += [self.subscriber.lastError?.description ?? "none"] }
        self.add(.disconnected)
    }

    /// Why the last connection was lost.
    var lastReason: String? { self.reasons.withLock { $0.last } }

    private func add(_ event: Event) {
        self.subscriber.eventLoop.assertInEventLoop()
        self.events.withLock { $0.append(event) }
    }

    /// What has come since the last call of this or of ``wait(for:within:)``.
    func take() -> [Event] {
        self.events.withLock { events in
            defer { events = [] }
            return events
        }
    }

    /// Waits for an event; takes all up to it.
    @discardableResult
    func wait(for event: Event, within limit: Duration = .seconds(60)) async throws -> [Event] {
        var taken: [Event] = []
        try await eventually(within: limit, "\(event)") {
            self.events.withLock { events in
                guard let index = events.firstIndex(of: event) else { return false }
                taken = Array(events[...index])
                events.removeFirst(index + 1)
                return true
            }
        }
        return taken
    }

    func waitForMessages(_ count: Int, within limit: Duration = .seconds(60)) async throws -> [String] {
        try await eventually(within: limit, "\(count) messages") {
            self.events.withLock { $0.count } >= count
        }
        return self.take().compactMap { event in
            if case .message(_, let text) = event { text } else { nil }
        }
    }

    func onLoop(_ body: @escaping @Sendable (RedisSubscriber) -> Void) async throws {
        let subscriber = self.subscriber
        try await subscriber.eventLoop.submit { body(subscriber) }.get()
    }

    func subscribe(_ channels: [String]) async throws {
        try await self.onLoop { subscriber in
            for channel in channels {
                subscriber.subscribe(channel)
            }
        }
    }

    /// Runs client and subscriber around the body, which begins when all is subscribed.
    func running<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result {
        try await self.client.running {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.subscriber.run() }
                try await self.wait(for: .allSubscribed)
                let result = try await body()
                group.cancelAll()
                try await group.waitForAll()
                return result
            }
        }
    }
}
