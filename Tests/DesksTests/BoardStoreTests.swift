import Foundation
import Logging
import NIOPosix
import Redis
import Support
import Testing

@testable import Desks

@Suite("Boards in a real Redis", .timeLimit(.minutes(2)))
struct BoardStoreTests {
    private static let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// A store with a prefix of its own.
    private static func run(_ body: @Sendable (BoardStore, RedisClient, String) async throws -> Void) async throws {
        var configuration = try RedisConfiguration(url: try PrivateRedis.sharedURL())
        configuration.commandTimeout = .seconds(20)
        let redis = RedisClient(
            configuration: configuration,
            eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
            logger: self.quiet
        )
        let prefix = "test:\(UUID().uuidString):"
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await redis.run() }
            try await poll("Redis is there") { redis.isConnected ? () : nil }
            try await body(BoardStore(redis: redis, prefix: prefix), redis, prefix)
            group.cancelAll()
        }
    }

    private static func entry(_ id: String, _ json: String = "{}") -> BoardEntry { BoardEntry(id: id, json: json) }

    @Test(
        "a change moves the version on, also within one microsecond and after Redis lost its memory; saying the same again does not"
    )
    func versions() async throws {
        try await Self.run { store, redis, prefix in
            let (outcome, first) = try await store.apply(
                "b",
                [.set(Self.entry("a"), lease: 60_000), .set(Self.entry("c"), lease: 60_000)]
            )
            #expect(outcome == .done && first.entries.keys.sorted() == ["a", "c"])
            #expect(first.version > first.born && first.born > 1_700_000_000_000_000)
            let again = try await store.apply("b", [.set(Self.entry("a"), lease: 60_000)]).1
            #expect(again.version == first.version && again.born == first.born)
            let removed = try await store.apply("b", [.remove(id: "a", BoardNote("left")), .remove(id: "z", BoardNote("left"))]).1
            #expect(removed.version > first.version && removed.entries.keys.sorted() == ["c"])
            _ = try await redis.send(["DEL", "\(prefix)desk:b"])
            #expect(try await store.look(["b"]).first?.version == 0)
            let anew = try await store.apply("b", [.set(Self.entry("d"), lease: 60_000)]).1
            #expect(anew.version > removed.version && anew.born > removed.born && anew.entries.keys.sorted() == ["d"])
        }
    }

    @Test("what was decided on an older version changes nothing, and neither does what finds a full board")
    func refused() async throws {
        try await Self.run { store, _, _ in
            let empty = try #require(try await store.look(["b"]).first)
            let first = try await store.apply("b", [.set(Self.entry("a"), lease: 60_000)], on: empty.version)
            #expect(first.0 == .done)
            let (outcome, present) = try await store.apply("b", [.set(Self.entry("c"), lease: 60_000)], on: empty.version)
            #expect(outcome == .stale && present == BoardState(now: present.now, like: first.1))
            #expect(try await store.apply("b", [.set(Self.entry("c"), lease: 60_000)], limit: 2).0 == .done)
            let full = try await store.apply("b", [.set(Self.entry("d"), lease: 60_000)], limit: 2)
            #expect(full.0 == .full && full.1.entries.keys.sorted() == ["a", "c"])
            // Who is there already may say something else.
            #expect(try await store.apply("b", [.set(Self.entry("a", "{\"n\":1}"), lease: 60_000)], limit: 2).0 == .done)
        }
    }

    @Test("what is not renewed is taken out by whoever looks next, once; what is renewed stays")
    func leases() async throws {
        try await Self.run { store, _, _ in
            _ = try await store.apply("b", [.set(Self.entry("a"), lease: 1), .set(Self.entry("c"), lease: 60_000)])
            _ = try await store.apply("b2", [.set(Self.entry("a"), lease: 60_000)])
            let found = try await poll("the lease is over") { () -> [BoardState]? in
                let states = try await store.look(["b", "b2", "b3"])
                return states[0].entries["a"] == nil ? states : nil
            }
            #expect(found.map { $0.entries.keys.sorted() } == [["c"], ["a"], []])
            let missing = try await store.renew([
                .init(board: "b", id: "a", lease: 60_000), .init(board: "b", id: "c", lease: 60_000),
                .init(board: "b2", id: "z", lease: 60_000),
            ])
            #expect(missing.map { "\($0.board) \($0.id)" } == ["b a", "b2 z"])
            // A shorter lease is a lease too; of what is not there it makes nothing.
            _ = try await store.apply("b", [.lease(id: "c", 1), .lease(id: "y", 60_000)])
            _ = try await poll("the shorter lease is over") {
                try await store.look(["b"]).first?.entries.isEmpty == true ? () : nil
            }
            #expect(try await store.sweep() > 1_700_000_000_000)
        }
    }
}

extension BoardState {
    fileprivate init(now: Int64, like other: BoardState) {
        self = other
        self.now = now
    }
}
