import Testing

@testable import Telegram

@Suite("The webhook's secret")
struct WebhookSecretTests {
    private static let (old, new) = ("an old key of more than thirty-two bytes", "a new key of more than thirty-two bytes")

    @Test("every node knows it, Telegram carries it, and the one before a rotation is still good")
    func rotation() {
        let (before, after) = (
            WebhookSecret(key: Self.old, previousKey: nil), WebhookSecret(key: Self.new, previousKey: Self.old)
        )
        #expect(before.text == WebhookSecret(key: Self.old, previousKey: nil).text)
        #expect(before.text != after.text)
        #expect(before.text.wholeMatch(of: /[A-Za-z0-9_-]{43}/) != nil)
        #expect(after.accepts(before.text) && after.accepts(after.text))
        #expect(!before.accepts(after.text))
    }

    @Test(
        "nothing else is",
        arguments: [nil, "", "x", old, String(repeating: "A", count: 43), String(repeating: "A", count: 9_999)]
    )
    func refused(_ given: String?) {
        let secret = WebhookSecret(key: Self.new, previousKey: Self.old)
        #expect(!secret.accepts(given))
        #expect(!secret.accepts(secret.text + "x"))
        #expect(!secret.accepts(String(secret.text.dropLast())))
    }

    @Test("an update is tried again as long as that may help, a few times")
    func retries() {
        var retries = UpdateRetries()
        #expect(retries.failed(isTransient: true) == .tryAgain(after: .milliseconds(200)))
        for _ in 0..<4 { #expect(retries.failed(isTransient: true) != .giveUp) }
        #expect(retries.failed(isTransient: true) == .giveUp)
        var other = UpdateRetries()
        #expect(other.failed(isTransient: false) == .giveUp)
    }
}
