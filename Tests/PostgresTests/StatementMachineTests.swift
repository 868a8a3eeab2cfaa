import Testing

@testable import Postgres

@Suite struct StatementMachineTests {
    private func key(_ text: String) -> StatementKey { StatementKey(SQL(unescaped: text)) }

    @Test func aStatementIsPreparedOnceForEachSetOfTypes() {
        var cache = StatementCache(limit: 4)
        #expect(cache.plan(self.key("a")) == .init(deallocate: nil, name: "s1", prepare: true))
        #expect(cache.plan(self.key("a")) == .init(deallocate: nil, name: "s1", prepare: false))
        #expect(cache.plan(StatementKey("a\(1)")).name == "s2")
        #expect(cache.plan(StatementKey("a\(Int32(1))")).name == "s3", "the same text with another type")
        #expect(cache.plan(StatementKey("a\(2)")) == .init(deallocate: nil, name: "s2", prepare: false))
    }

    @Test func theLeastRecentlyUsedMakesRoom() {
        var cache = StatementCache(limit: 2)
        _ = cache.plan(self.key("a"))
        _ = cache.plan(self.key("b"))
        _ = cache.plan(self.key("a"))
        #expect(cache.plan(self.key("c")) == .init(deallocate: "s2", name: "s3", prepare: true))
        #expect(cache.plan(self.key("b")) == .init(deallocate: "s1", name: "s4", prepare: true))
        #expect(cache.count == 2)
    }

    @Test func namesAreNeverUsedTwice() {
        var cache = StatementCache(limit: 2)
        _ = cache.plan(self.key("a"))
        cache.forget(self.key("a"))
        #expect(cache.plan(self.key("a")).name == "s2")
        cache.invalidate(self.key("a"))
        cache.keepOrphan("s9")
        #expect(cache.takeOrphans() == ["s2", "s9"])
        #expect(cache.takeOrphans() == [])
    }

    @Test func aStatementOverItsDeadlineIsCancelledAndThenGivenUp() {
        var watch = StatementWatch(now: 1000, timeout: 100, grace: 20)
        #expect(watch.check(now: 1000, isInterrupted: false) == .wait(100))
        #expect(watch.check(now: 1099, isInterrupted: false) == .wait(1))
        #expect(watch.cause == nil)
        #expect(watch.check(now: 1100, isInterrupted: false) == .sendCancel)
        #expect(watch.cause == .timeout)
        #expect(watch.check(now: 1100, isInterrupted: true) == .wait(20))
        #expect(watch.check(now: 1120, isInterrupted: false) == .giveUp)
    }

    @Test func aCancelledTaskCancelsTheStatementOnce() {
        var watch = StatementWatch(now: 0, timeout: nil, grace: 20)
        #expect(watch.check(now: 5, isInterrupted: false) == .wait(nil))
        #expect(watch.check(now: 10, isInterrupted: true) == .sendCancel)
        #expect(watch.cause == .cancellation)
        #expect(watch.check(now: 29, isInterrupted: true) == .wait(1))
        #expect(watch.check(now: 30, isInterrupted: true) == .giveUp)
    }

    @Test func anEndlessTimeoutDoesNotOverflow() {
        var watch = StatementWatch(now: 1000, timeout: .max)
        #expect(watch.check(now: 1001, isInterrupted: false) == .wait(.max - 1001))
        #expect(Duration.seconds(Int64.max).clampedNanoseconds == .max)
        #expect(Duration.seconds(-1).clampedNanoseconds == 0)
        #expect(Duration.milliseconds(1500).clampedNanoseconds == 1_500_000_000)
    }
}
