import Testing

@testable import Telegram

@Suite struct RetryPolicyTests {
    private static let broken = BotError(.serverError, "")

    @Test func `bounds double from the minimum to the maximum`() {
        var policy = RetryPolicy(minimum: .seconds(1), maximum: .seconds(5), patience: .seconds(600))
        let steps = (0..<5).map { _ in policy.next(after: Self.broken, random: 1) }
        #expect(steps == [1, 2, 4, 5, 5].map { .wait(.seconds($0)) })
        #expect(policy.next(after: Self.broken, random: 0) == .wait(.zero))
    }

    @Test func `Telegram's own time is waited, a little more, and leaves the bound as it is`() {
        var policy = RetryPolicy(minimum: .seconds(1), maximum: .seconds(5), patience: .seconds(600))
        let flood = BotError(.tooManyRequests, "", retryAfter: .seconds(30))
        #expect(policy.next(after: flood, random: 0) == .wait(.seconds(30)))
        #expect(policy.next(after: flood, random: 1) == .wait(.milliseconds(30_500)))
        #expect(policy.next(after: Self.broken, random: 1) == .wait(.seconds(1)))
    }

    @Test func `it gives up before it would have waited longer than it may`() {
        var policy = RetryPolicy(minimum: .seconds(4), maximum: .seconds(4), patience: .seconds(10))
        #expect(policy.next(after: Self.broken, random: 1) == .wait(.seconds(4)))
        #expect(policy.next(after: BotError(.tooManyRequests, "", retryAfter: .seconds(7)), random: 0) == .giveUp)
        #expect(policy.next(after: Self.broken, random: 1) == .wait(.seconds(4)))
        #expect(policy.next(after: Self.broken, random: 1) == .giveUp)
    }

    @Test(arguments: [BotError.Code.tooManyRequests, .serverError, .unreachable, .invalidAnswer])
    func `what may pass is tried again, unless never`(code: BotError.Code) {
        var policy = RetryPolicy()
        #expect(policy.next(after: BotError(code, ""), random: 0) == .wait(.zero))
        var never = RetryPolicy(patience: .zero)
        #expect(never.next(after: BotError(code, ""), random: 0) == .giveUp)
    }

    @Test(arguments: [BotError.Code.badRequest, .unauthorized, .forbidden, .notFound, .conflict, .refused, .cancelled])
    func `what stays is not tried again`(code: BotError.Code) {
        var policy = RetryPolicy.forever
        #expect(policy.next(after: BotError(code, ""), random: 0) == .giveUp)
    }

    @Test func `whoever goes on after a refusal that stays waits for half a minute, or a second if another node is to blame`() {
        var policy = RetryPolicy.forever
        #expect(policy.pause(after: BotError(.unauthorized, "")) == .seconds(30))
        #expect(policy.pause(after: BotError(.conflict, "")) == .seconds(1))
        #expect(
            (Duration.seconds(4)...Duration.milliseconds(4_500)).contains(
                policy.pause(after: BotError(.tooManyRequests, "", retryAfter: .seconds(4)))
            )
        )
    }

    @Test func `for ever is for ever`() {
        var policy = RetryPolicy.forever
        for _ in 0..<10_000 {
            guard
                case .wait(let duration) = policy.next(
                    after: BotError(.tooManyRequests, "", retryAfter: .seconds(86_400)),
                    random: 1
                ),
                duration == .milliseconds(86_400_500)
            else { return #expect(Bool(false), "it gave up") }
        }
    }
}
