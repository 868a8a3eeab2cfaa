import NIOCore

/// What a subscribed RESP2 connection receives.
enum PushedValue {
    case message(channel: String, payload: ByteBuffer)
    case confirmation(SubscriptionKind, channel: String)
    case pong(String)

    /// - Throws: ``RedisError``: the server's own for an error reply, `.protocolError` for every other shape.
    init(_ value: RESPValue) throws(RedisError) {
        if case .error(let text) = value {
            throw RedisError(reply: text)
        }
        guard case .array(let parts) = value, let kind = parts.first?.string else {
            throw RedisError(.protocolError, "Not a value for a subscribed connection")
        }
        switch (kind, parts.count) {
        case ("message", 3):
            guard let channel = parts[1].string, let payload = parts[2].buffer else { break }
            self = .message(channel: channel, payload: payload)
            return
        case ("subscribe", 3), ("unsubscribe", 3):
            guard let channel = parts[1].string, parts[2].int != nil else { break }
            self = .confirmation(kind == "subscribe" ? .subscribe : .unsubscribe, channel: channel)
            return
        case ("pong", 2):
            guard let text = parts[1].string else { break }
            self = .pong(text)
            return
        default:
            break
        }
        throw RedisError(.protocolError, "Not a value for a subscribed connection")
    }
}
