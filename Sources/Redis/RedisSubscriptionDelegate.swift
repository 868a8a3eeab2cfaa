public import NIOCore

/// Who hears what a ``RedisSubscriber`` hears. Every method is called on the subscriber's event loop.
public protocol RedisSubscriptionDelegate: AnyObject {
    /// Somebody published to a wanted channel.
    func message(channel: String, payload: ByteBuffer)
    /// Redis has confirmed this channel, also again after each reconnect: what is published from now on is heard.
    func subscribed(channel: String)
    /// Every channel that was wanted when the connection was made is confirmed on it. What was published before may have been missed.
    func allSubscribed()
    /// The fan-out is gone until ``allSubscribed()``.
    func disconnected()
}
