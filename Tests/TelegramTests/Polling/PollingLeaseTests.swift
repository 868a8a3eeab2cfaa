import Support
import Testing

@testable import Telegram

@Suite("Who polls", .serialized)
struct PollingLeaseTests {
    private static func lease(_ services: Services, _ bot: Int64, _ holder: String) -> PollingLease {
        PollingLease(client: services.postgres, botID: bot, holder: holder)
    }

    @Test("of many nodes at once exactly one gets the lease; a released one is another's at once, with the offset")
    func one() async throws {
        try await Services.run { services in
            let bot = Int64.random(in: 1...Int64.max)
            let starts = try await atOnce(8) { try await Self.lease(services, bot, "node \($0)").acquire() }
            #expect(starts.compactMap { $0 } == [PollingLease.Start(next: nil)])
            let first = Self.lease(services, bot, "node \(starts.firstIndex { $0 != nil } ?? -1)")
            let second = Self.lease(services, bot, "second")
            #expect(try await first.renew())
            #expect(try await first.moveOn(to: 42))
            #expect(try await second.acquire() == nil)
            #expect(try await !second.renew())
            #expect(try await !second.moveOn(to: 99))
            try await second.release()
            #expect(try await first.renew())
            try await first.release()
            #expect(try await second.acquire() == PollingLease.Start(next: 42))
            #expect(try await !first.renew())
            #expect(try await !first.moveOn(to: 7))
            #expect(try await Self.lease(services, bot + 1, "second").acquire() == PollingLease.Start(next: nil))
        }
    }

    @Test("a lease that is not renewed is lost after five seconds, by the database's clock")
    func expiry() async throws {
        try await Services.run { services in
            let bot = Int64.random(in: 1...Int64.max)
            let (first, second) = (Self.lease(services, bot, "first"), Self.lease(services, bot, "second"))
            #expect(try await first.acquire() != nil)
            let started = ContinuousClock.now
            let start = try await poll("the lease is free") { try await second.acquire() }
            #expect(start == PollingLease.Start(next: nil))
            #expect((.milliseconds(4_500) ... .seconds(15)).contains(ContinuousClock.now - started))
            #expect(try await !first.renew())
        }
    }

    @Test("an offset that has not moved for a week counts for nothing: Telegram begins its numbers anew")
    func oldOffset() async throws {
        try await Services.run { services in
            let bot = Int64.random(in: 1...Int64.max)
            let first = Self.lease(services, bot, "first")
            #expect(try await first.acquire() != nil)
            #expect(try await first.moveOn(to: 42))
            _ = try await services.postgres.query(
                "UPDATE telegram_polling SET moved_at = now() - interval '7 days' WHERE bot_id = \(bot)"
            )
            try await first.release()
            #expect(try await Self.lease(services, bot, "second").acquire() == PollingLease.Start(next: nil))
        }
    }

    @Test("an update that is through is remembered, for its bot")
    func handled() async throws {
        try await Services.run { services in
            let bot = Int64.random(in: 1...Int64.max)
            let (handled, other) = (
                HandledUpdates(client: services.postgres, botID: bot), HandledUpdates(client: services.postgres, botID: bot - 1)
            )
            #expect(try await !handled.contains(5))
            _ = try await atOnce(4) { _ in try await handled.add(5) }
            #expect(try await handled.contains(5))
            #expect(try await !other.contains(5))
        }
    }
}
