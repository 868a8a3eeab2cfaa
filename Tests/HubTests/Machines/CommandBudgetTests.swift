import NIOCore
import Testing

@testable import Hub

@Suite("Commands are counted by a token bucket")
struct CommandBudgetTests {
    private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private func at(_ milliseconds: Int64) -> NIODeadline { Self.start + .milliseconds(milliseconds) }

    private func command(_ budget: inout CommandBudget, at milliseconds: Int64) -> CommandBudget.Action {
        budget.command(perSecond: 20, burst: 40, now: self.at(milliseconds))
    }

    @Test("a burst passes, the next waits for its token")
    func burst() {
        var budget = CommandBudget(burst: 40, now: Self.start)
        for _ in 0..<40 { #expect(self.command(&budget, at: 0) == .accept) }
        #expect(self.command(&budget, at: 0) == .refuse(retryAfter: 50))
        #expect(self.command(&budget, at: 49) != .accept)
        #expect(self.command(&budget, at: 50) == .accept)
    }

    @Test("who waits as long as told is accepted", arguments: [1.0, 3.0, 7.0, 20.0, 999.0])
    func retryAfter(perSecond: Double) {
        var budget = CommandBudget(burst: 1, now: Self.start)
        #expect(budget.command(perSecond: perSecond, burst: 1, now: Self.start) == .accept)
        guard case .refuse(let delay) = budget.command(perSecond: perSecond, burst: 1, now: Self.start) else {
            Issue.record("The bucket is empty")
            return
        }
        #expect(budget.command(perSecond: perSecond, burst: 1, now: self.at(delay)) == .accept)
    }

    @Test("the sustained rate passes for ever")
    func sustained() {
        var budget = CommandBudget(burst: 40, now: Self.start)
        for index in 0..<2_000 { #expect(self.command(&budget, at: Int64(index) * 50) == .accept) }
    }

    @Test("no more than a burst is saved up")
    func saved() {
        var budget = CommandBudget(burst: 40, now: Self.start)
        var accepted = 0
        while self.command(&budget, at: 3_600_000) == .accept { accepted += 1 }
        #expect(accepted == 40)
    }

    /// Refusals at these times, in milliseconds, and whether the last one closes.
    @Test(
        "the third refusal within ten seconds closes, wherever the ten seconds begin",
        arguments: [
            ([0, 0], false), ([0, 0, 0], true), ([0, 9_000, 9_999], true), ([0, 9_000, 10_000], false),
            ([0, 9_000, 11_000, 12_000], true), ([0, 10_000, 20_000, 30_000], false),
        ]
    )
    func thirdRefusal(times: [Int64], closes: Bool) {
        // A rate so low that the bucket stays empty.
        var budget = CommandBudget(burst: 1, now: Self.start)
        func refused(_ time: Int64) -> CommandBudget.Action { budget.command(perSecond: 0.000_1, burst: 1, now: self.at(time)) }
        #expect(refused(0) == .accept)
        for time in times.dropLast() {
            guard case .refuse = refused(time) else {
                Issue.record("Not closed yet at \(time)")
                return
            }
        }
        #expect((refused(times[times.count - 1]) == .close) == closes)
    }
}
