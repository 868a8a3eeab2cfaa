public import Hub
public import NIOCore
public import Redis

/// The ``Broker`` over Redis pub/sub: one channel a topic.
///
/// Unchecked because it is confined to the subscriber's event loop, as its delegate and its owner are.
public final class RedisBroker: Broker, RedisSubscriptionDelegate, @unchecked Sendable {
    /// Who hears of messages.
    public weak var delegate: (any BrokerDelegate)?
    private let subscriber: RedisSubscriber
    private let channels: Channels

    /// - Parameters:
    ///   - subscriber: the node's subscription connection
    ///   - channels: this database's channel names
    public init(subscriber: RedisSubscriber, channels: Channels) {
        self.subscriber = subscriber
        self.channels = channels
    }

    /// Whether Redis confirmed our subscriptions and is heard.
    public var isHearing: Bool { self.subscriber.state == .hearing }

    /// Wants a topic's events.
    public func subscribe(_ topic: String) {
        self.subscriber.subscribe(self.channels.channel(of: topic))
    }

    /// No longer wants them.
    public func unsubscribe(_ topic: String) {
        self.subscriber.unsubscribe(self.channels.channel(of: topic))
    }

    /// Find out whether the connection still hears.
    public func probe() {
        self.subscriber.probe()
    }

    /// A message on a channel of ours; anything that is not an event is dropped.
    public func message(channel: String, payload: ByteBuffer) {
        guard let topic = self.channels.topic(of: channel) else { return }
        guard let event = EventMessage.decode(payload, topic: topic) else { return }
        self.delegate?.brokerReceived(event)
    }

    /// Redis confirmed a channel.
    public func subscribed(channel: String) {
        guard let topic = self.channels.topic(of: channel) else { return }
        self.delegate?.brokerSubscribed(topic)
    }

    /// Every wanted channel is confirmed again.
    public func allSubscribed() {
        self.delegate?.brokerRecovered()
    }

    /// Nothing to do: anti-entropy looks more often by itself.
    public func disconnected() {}
}
