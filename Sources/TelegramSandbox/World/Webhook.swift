import JSON

/// Where updates are sent, and how that goes (Bot API, "WebhookInfo").
struct Webhook: Sendable, Hashable {
    /// A failure of the last delivery.
    struct Failure: Sendable, Hashable {
        var date: Int64
        var message: String
    }

    var url: String
    var secretToken: String?
    var maxConnections: Int
    var lastFailure: Failure?
    /// Tells a webhook from one that was set before it.
    var number: Int

    /// `getWebhookInfo`.
    static func info(_ webhook: Webhook?, pending: Int, allowed: Set<String>?) -> JSONObject {
        var json: JSONObject = [
            "url": .string(webhook?.url ?? ""), "has_custom_certificate": false, "pending_update_count": JSONValue(pending),
        ]
        if let webhook {
            json["max_connections"] = JSONValue(webhook.maxConnections)
            json["last_error_date"] = webhook.lastFailure.map { JSONValue($0.date) }
            json["last_error_message"] = webhook.lastFailure.map { .string($0.message) }
        }
        json["allowed_updates"] = allowed.map { .array($0.sorted().map { .string($0) }) }
        return json
    }

    /// Whether a secret may go into the header.
    static func check(secretToken: String) throws(APIError) {
        guard secretToken.utf8.count <= 256 else { throw APIError.badRequest("secret token is too long") }
        guard secretToken.utf8.allSatisfy(StartParameter.isAllowed) else {
            throw APIError.badRequest("secret token contains unallowed characters")
        }
    }
}
