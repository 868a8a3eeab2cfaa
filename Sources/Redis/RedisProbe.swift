/// How a ``RedisSubscriber`` makes sure that it hears.
public struct RedisProbe: Sendable, Hashable {
    /// A channel of this subscriber's own.
    public var channel: String
    /// After hearing nothing for so long, a nonce is published to the channel.
    public var silence: Duration
    /// How long the nonce may take to come back. After a fifth of it the state is `.suspect`, after all of it the connection is made anew.
    public var timeout: Duration

    /// - Parameters:
    ///   - channel: a channel nobody else subscribes to.
    ///   - silence: 30 s unless told otherwise.
    ///   - timeout: 5 s unless told otherwise.
    public init(channel: String, silence: Duration = .seconds(30), timeout: Duration = .seconds(5)) {
        self.channel = channel
        self.silence = silence
        self.timeout = timeout
    }
}
