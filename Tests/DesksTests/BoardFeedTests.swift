import Foundation
import Logging
import NIOCore
import NIOPosix
import Redis
import Support
import Synchronization
import Testing

@testable import Desks

@Suite("What readers of a board are told, and what is renewed", .timeLimit(.minutes(2)))
struct BoardFeedTests {
    private static let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// What a reader was told, in order.
    private final class Ears: Sendable {
        private let news = Mutex<[BoardNews]>([])

        var heard: [BoardNews] { self.news.withLock { $0 } }

        func tell(_ one: BoardNews) { self.news.withLock { $0.append(one) } }
    }

    /// A feed that hears nothing and does nothing by itself, over a real Redis with a prefix of its own.
    private static func run(_ body: @Sendable (BoardFeed, RedisClient, String) async throws -> Void) async throws {
        var configuration = try RedisConfiguration(url: try PrivateRedis.sharedURL())
        configuration.commandTimeout = .seconds(20)
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        let redis = RedisClient(configuration: configuration, eventLoop: eventLoop, logger: self.quiet)
        let prefix = "test:\(UUID().uuidString):"
        let subscriber = RedisSubscriber(
            configuration: configuration,
            eventLoop: eventLoop,
            probeChannel: "\(prefix)probe",
            client: redis,
            logger: self.quiet
        )
        let store = BoardStore(redis: redis, prefix: prefix)
        let feed = BoardFeed(store: store, settings: DeskSettings(), subscriber: subscriber, logger: self.quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await redis.run() }
            try await poll("Redis is there") { redis.isConnected ? () : nil }
            try await body(feed, redis, prefix)
            group.cancelAll()
        }
    }

    private static func entry(_ id: String) -> BoardEntry { BoardEntry(id: id, json: "{}") }

    private static func state(_ version: Int64, born: Int64, _ ids: String...) -> BoardState {
        var state = BoardState(now: BoardFeed.now(), fields: [])
        (state.version, state.born) = (version, born)
        for id in ids { state.entries[id] = self.entry(id) }
        return state
    }

    @Test("who enters while Redis has just lost its memory is told of those that everybody else still believes in")
    func enteringAfterLoss() async throws {
        try await Self.run { feed, _, _ in
            let (first, second) = (Ears(), Ears())
            let following = feed.followEntering("b", first.tell)
            feed.entered(following, Self.state(10, born: 1, "here", "there"))
            let later = feed.followEntering("b", second.tell)
            feed.entered(later, Self.state(900, born: 900, "new"))
            try await feed.eventLoop.submit {}.get()
            #expect(second.heard == [.state([Self.entry("new"), Self.entry("here"), Self.entry("there")])])
            let before = BoardNews.state([Self.entry("here"), Self.entry("there")])
            #expect(first.heard == [before, .set(Self.entry("new"), before: nil)])
        }
    }

    @Test("who comes while Redis is away is told what is believed here; where nothing is, that nobody can say")
    func comingWhileAway() async throws {
        try await Self.run { feed, _, _ in
            let (first, second, third) = (Ears(), Ears(), Ears())
            feed.entered(feed.followEntering("b", first.tell), Self.state(10, born: 1, "here"))
            _ = feed.follow("b", second.tell)
            _ = feed.follow("unknown", third.tell)
            try await feed.eventLoop.submit {
                feed.notLooked("b")
                feed.notLooked("unknown")
            }.get()
            #expect(second.heard == [.state([Self.entry("here")])])
            #expect(third.heard == [.away])
        }
    }

    private enum End: CaseIterable, Sendable { case fence, slot, connection, replacing, booked, none }

    @Test("a hold that was ended while Redis had lost its memory is not written again; one that was not is")
    func endedAfterLoss() async throws {
        try await Self.run { feed, redis, prefix in
            let desk = HoldDesk(feed: feed)
            let slot = try #require(Slot(staffID: 4, date: "2026-05-18", startTime: "10:00", endTime: "11:00"))
            let later = try #require(Slot(staffID: 4, date: "2026-05-18", startTime: "15:00", endTime: "16:00"))
            func request(_ salonID: Int64, _ slot: Slot, fence: Int64, replacing: Int64? = nil) -> HoldDesk.Request {
                .init(
                    slot: slot,
                    salonID: salonID,
                    userID: 1,
                    name: "Оксана",
                    sessionID: 100,
                    connection: "c",
                    fence: fence,
                    replacing: replacing
                )
            }
            for (index, end) in End.allCases.enumerated() {
                let salonID = Int64(index + 1)
                _ = try await desk.hold(request(salonID, slot, fence: 17))
                _ = try await redis.send(["DEL", .string("\(prefix)desk:holds/\(salonID)")])
                var released: [Hold] = []
                func release(_ fence: Int64?, _ slot: Slot?) async throws -> [Hold] {
                    try await desk.release(fence: fence, slot: slot, salonID: salonID, sessionID: 100, connection: "c")
                }
                switch end {
                case .fence: released = try await release(17, nil)
                case .slot: released = try await release(nil, slot)
                case .connection: released = try await release(nil, nil)
                case .replacing: _ = try await desk.hold(request(salonID, later, fence: 18, replacing: 17))
                case .booked: await desk.booked(slot, [], salonID: salonID, sessionID: 100, fence: nil)
                case .none:
                    // Another login's, and another time.
                    let foreign = try await desk.release(fence: 17, slot: nil, salonID: salonID, sessionID: 7, connection: "d")
                    #expect(foreign.isEmpty)
                    await desk.booked(later, [], salonID: salonID, sessionID: 100, fence: nil)
                }
                await feed.renew()
                let fences = try await desk.holds(salonID: salonID).map(\.fence)
                switch end {
                case .fence, .slot, .connection: #expect(released.map(\.fence) == [17] && fences.isEmpty, "\(end)")
                case .replacing: #expect(fences == [18])
                case .booked: #expect(fences.isEmpty)
                case .none: #expect(fences == [17])
                }
            }
        }
    }
}
