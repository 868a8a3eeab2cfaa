import Testing

@testable import Redis

@Suite struct BackoffTests {
    @Test func `bounds double from the minimum to the maximum`() {
        var backoff = Backoff(minimum: .milliseconds(50), maximum: .seconds(5))
        let waits = (0..<9).map { _ in backoff.wait(afterUsable: .zero, random: 1) }
        #expect(waits == [50, 100, 200, 400, 800, 1600, 3200, 5000, 5000].map { .milliseconds($0) })
    }

    @Test func `the wait is anything from zero to the bound`() {
        var backoff = Backoff(minimum: .milliseconds(50), maximum: .seconds(5))
        #expect(backoff.wait(afterUsable: .zero, random: 0) == .zero)
        #expect(backoff.wait(afterUsable: .zero, random: 0.5) == .milliseconds(50))
    }

    @Test func `only a connection that lasted starts anew`() {
        var backoff = Backoff(minimum: .milliseconds(50), maximum: .seconds(5))
        for _ in 0..<5 {
            _ = backoff.wait(afterUsable: .milliseconds(999), random: 1)
        }
        #expect(backoff.wait(afterUsable: .milliseconds(999), random: 1) == .milliseconds(1600))
        #expect(backoff.wait(afterUsable: .seconds(1), random: 1) == .milliseconds(50))
    }
}
