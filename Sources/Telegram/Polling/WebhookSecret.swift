import Secrets

/// What proves that a request to the webhook is Telegram's: a code of a label under the installation's key, so that all nodes
/// know it and nobody has to keep it.
struct WebhookSecret: Sendable {
    private static let label = Array("adelante telegram webhook".utf8)

    /// What Telegram is told to send: 43 characters of base64url.
    let text: String
    private let accepted: [[UInt8]]

    /// - Parameters:
    ///   - key: SECRET_KEY
    ///   - previousKey: SECRET_KEY_PREVIOUS: Telegram may not have been told of the new one yet
    init(key: String, previousKey: String?) {
        let texts = ([key] + (previousKey.map { [$0] } ?? [])).map { key in
            Base64URL.encode(Crypto.hmacSHA256(key: Array(key.utf8), data: Self.label))
        }
        self.text = texts[0]
        self.accepted = texts.map { Array($0.utf8) }
    }

    /// Whether somebody knows it; the time it takes tells nothing.
    func accepts(_ given: String?) -> Bool {
        let given = Array((given ?? "").utf8.prefix(257))
        return self.accepted.reduce(false) { Crypto.constantTimeEqual($1, given) || $0 }
    }
}
