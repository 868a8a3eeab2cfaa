import NIOCore

/// Passes on what a ``RedisSubscriber`` hears to several delegates, each of which passes over the channels of the others: a node
/// has one subscription connection, whatever it listens for.
///
/// Unchecked because it is confined to the subscriber's event loop, as its delegates are; they are held weakly.
final class RedisSubscriptionFanOut: RedisSubscriptionDelegate, @unchecked Sendable {
    private struct Hearer {
        weak var delegate: (any RedisSubscriptionDelegate)?
    }

    private let hearers: [Hearer]

    init(_ delegates: [any RedisSubscriptionDelegate & Sendable]) {
        self.hearers = delegates.map { Hearer(delegate: $0) }
    }

    func message(channel: String, payload: ByteBuffer) {
        for hearer in self.hearers { hearer.delegate?.message(channel: channel, payload: payload) }
    }

    func subscribed(channel: String) {
        for hearer in self.hearers { hearer.delegate?.subscribed(channel: channel) }
    }

    func allSubscribed() {
        for hearer in self.hearers { hearer.delegate?.allSubscribed() }
    }

    func disconnected() {
        for hearer in self.hearers { hearer.delegate?.disconnected() }
    }
}
