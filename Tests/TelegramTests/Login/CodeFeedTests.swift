import NIOPosix
import Redis
import Secrets
import Support
import Synchronization
import Testing

@testable import Telegram

/// What a reader was told, in order.
private final class Ear: Sendable {
    private let heard = Mutex<[CodeFeed.News]>([])

    func hear(_ news: CodeFeed.News) { self.heard.withLock { $0.append(news) } }

    var words: [String] {
        self.heard.withLock { heard in
            heard.map { news in
                switch news {
                case .status(let status): status.word
                case .unavailable: "unavailable"
                }
            }
        }
    }

    func wait(for words: [String], within limit: Duration = .seconds(20)) async throws {
        try await poll(for: limit, "\(words)", log: { "\(self.words)" }) { self.words == words ? () : nil }
    }
}

@Suite("What pages hear of their codes", .serialized)
struct CodeFeedTests {
    private static let olena = Account(id: 7, isActive: true, firstName: "Олена", lastName: "")

    private struct Node: Sendable {
        let redis: RedisClient
        let store: CodeStore
        let feed: CodeFeed
        let subscriber: RedisSubscriber

        func begin(_ lifetime: Int64? = nil) async throws -> StartCode {
            let code = StartCode(of: OpaqueToken())
            try await self.store.add(.login(LoginTests.login()), as: code)
            return code
        }
    }

    /// A node's part on a Redis.
    private static func run(
        _ url: String,
        prefix: String = "test:\(OpaqueToken().text):",
        lifetime: Int64 = 300,
        _ body: @Sendable (Node) async throws -> Void
    ) async throws {
        var configuration = try RedisConfiguration(url: url)
        configuration.reconnectMaximum = .milliseconds(100)
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let redis = RedisClient(configuration: configuration, eventLoop: loop, logger: quiet)
        let subscriber = RedisSubscriber(
            configuration: configuration,
            eventLoop: loop,
            probeChannel: "\(prefix)probe:\(OpaqueToken().text)",
            client: redis,
            logger: quiet
        )
        let store = CodeStore(redis: redis, prefix: prefix, lifetime: lifetime)
        let feed = CodeFeed(store: store, subscriber: subscriber, logger: quiet)
        subscriber.setDelegates([feed])
        try await Services.running([redis, subscriber, feed]) {
            try await poll("the node hears") { redis.isConnected && subscriber.state == .hearing ? () : nil }
            try await body(Node(redis: redis, store: store, feed: feed, subscriber: subscriber))
        }
    }

    @Test("the present state first, then each change of any node once, and nothing after the last")
    func changes() async throws {
        let url = try PrivateRedis.sharedURL()
        let prefix = "test:\(OpaqueToken().text):"
        try await Self.run(url, prefix: prefix) { here in
            try await Self.run(url, prefix: prefix) { there in
                let (early, late) = (Ear(), Ear())
                let code = try await here.begin()
                _ = here.feed.follow(code, early.hear)
                try await early.wait(for: ["pending"])
                _ = try await there.store.stepLogin(code) { $0.opened(LoginTests.opening(account: Self.olena)) }
                try await early.wait(for: ["pending", "confirmed"])
                _ = there.feed.follow(code, late.hear)
                try await late.wait(for: ["confirmed"])
                // A step within a status is told to nobody.
                _ = try await there.store.stepLogin(code) { $0.stage = .number }
                _ = try await there.store.stepLogin(code) { $0.stage = .question }
                _ = try await there.store.stepLogin(code) { $0.tapped(.confirm, by: 100, account: Self.olena) }
                for ear in [early, late] {
                    try await poll("it has heard the last", log: { "\(ear.words)" }) { ear.words.last == "completed" ? () : nil }
                }
                #expect(try await there.store.take(code) == .user(7))
                // Two looks at all codes later there is still nothing more.
                try await Task.sleep(for: .seconds(2))
                #expect(early.words == ["pending", "confirmed", "completed"])
                #expect(late.words == ["confirmed", "completed"])
                let again = Ear()
                _ = here.feed.follow(code, again.hear)
                try await again.wait(for: ["expired"])
            }
        }
    }

    @Test("following at the very moment of a change misses nothing and repeats nothing")
    func noGap() async throws {
        try await Self.run(try PrivateRedis.sharedURL()) { node in
            for _ in 0..<30 {
                let code = try await node.begin()
                let ear = Ear()
                async let step = node.store.stepLogin(code) { $0.opened(LoginTests.opening(account: Self.olena)) }
                _ = node.feed.follow(code, ear.hear)
                _ = try await step
                try await poll("it has heard", log: { "\(ear.words)" }) { ear.words.last == "confirmed" ? () : nil }
                #expect([["confirmed"], ["pending", "confirmed"]].contains(ear.words), "\(ear.words)")
            }
        }
    }

    @Test("expiry is told when the time is up, and a reader that stopped hears nothing")
    func expiry() async throws {
        try await Self.run(try PrivateRedis.sharedURL(), lifetime: 2) { node in
            let code = try await node.begin()
            let started = ContinuousClock.now
            let (ear, gone) = (Ear(), Ear())
            let following = node.feed.follow(code, gone.hear)
            _ = node.feed.follow(code, ear.hear)
            try await gone.wait(for: ["pending"])
            node.feed.stop(following)
            try await ear.wait(for: ["pending", "expired"])
            #expect(ContinuousClock.now - started > .milliseconds(1_900))
            #expect(gone.words == ["pending"])
        }
    }

    @Test("a Redis that lost its keys or is away: expired within seconds, or unavailable to who comes then; nothing hangs")
    func losses() async throws {
        let server = try await Task.detached { try PrivateRedis() }.value
        try await Self.run(server.url) { node in
            let flushed = Ear()
            _ = node.feed.follow(try await node.begin(), flushed.hear)
            try await flushed.wait(for: ["pending"])
            _ = try await node.redis.send(["FLUSHALL"])
            try await flushed.wait(for: ["pending", "expired"], within: .seconds(10))

            let (lost, new) = (Ear(), Ear())
            _ = node.feed.follow(try await node.begin(), lost.hear)
            try await lost.wait(for: ["pending"])
            try await Task.detached { try server.stop(.kill) }.value
            try await lost.wait(for: ["pending", "expired"], within: .seconds(15))
            _ = node.feed.follow(StartCode(of: OpaqueToken()), new.hear)
            try await new.wait(for: ["unavailable"], within: .seconds(15))

            try await Task.detached { try server.start() }.value
            try await poll("the node hears again") { node.redis.isConnected && node.subscriber.state == .hearing ? () : nil }
            let again = Ear()
            let code = try await node.begin()
            _ = node.feed.follow(code, again.hear)
            try await again.wait(for: ["pending"])
            _ = try await node.store.stepLogin(code) { $0.opened(LoginTests.opening(account: Self.olena)) }
            try await again.wait(for: ["pending", "confirmed"])
        }
        try await Task.detached { try server.remove() }.value
    }
}
