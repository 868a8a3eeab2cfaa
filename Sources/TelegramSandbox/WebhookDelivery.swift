import Curl
import JSON
import ServiceLifecycle

/// Sends updates to the webhook, one after the other and each until it is taken (Bot API, "setWebhook").
struct WebhookDelivery: Service {
    private struct Delivery: Sendable {
        var webhook: Webhook
        var update: UpdateQueue.Entry
    }

    private static let shortestPause = Duration.milliseconds(500)
    private static let longestPause = Duration.seconds(60)

    let sandbox: Sandbox
    let curl: CurlClient

    func run() async throws {
        var pause = Self.shortestPause
        while let delivery = await self.next() {
            if let failure = await self.send(delivery) {
                self.sandbox.change { world in
                    guard world.webhook?.number == delivery.webhook.number else { return }
                    world.webhook?.lastFailure = Webhook.Failure(date: Int64(Sandbox.now), message: failure)
                }
                await self.rest(pause, after: delivery.webhook)
                pause = min(pause * 2, Self.longestPause)
            } else {
                pause = Self.shortestPause
                self.sandbox.change { $0.updates.remove(delivery.update.id) }
            }
        }
    }

    /// The oldest update, as soon as there are a webhook and an update; nil when the sandbox stops.
    private func next() async -> Delivery? {
        await self.sandbox.wait(nil) { world in
            guard let webhook = world.webhook, let update = world.updates.entries.first else { return nil }
            return Delivery(webhook: webhook, update: update)
        }
    }

    /// - Returns: why the bot did not take it; nil if it did.
    private func send(_ delivery: Delivery) async -> String? {
        var headers = [(name: "Content-Type", value: "application/json")]
        if let secret = delivery.webhook.secretToken { headers.append(("X-Telegram-Bot-Api-Secret-Token", secret)) }
        let request = CurlRequest(.post, delivery.webhook.url, headers: headers, body: delivery.update.json.jsonBytes)
        do throws(CurlError) {
            let status = try await self.curl.send(request).status
            return (200..<300).contains(status) ? nil : "Wrong response from the webhook: \(status)"
        } catch {
            return error.message
        }
    }

    /// A pause that a new webhook, or none, ends.
    private func rest(_ pause: Duration, after webhook: Webhook) async {
        _ = await self.sandbox.wait(pause) { $0.webhook?.number == webhook.number ? nil : true }
    }
}
