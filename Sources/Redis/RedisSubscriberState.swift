/// How well a ``RedisSubscriber`` hears.
public enum RedisSubscriberState: Sendable, Hashable {
    /// There is no connection; the next attempt waits for its time.
    case disconnected
    /// A connection is being made, or not all channels are confirmed on it yet.
    case connecting
    /// All channels are confirmed, and no probe has been late.
    case hearing
    /// A probe is late: the connection may be deaf.
    case suspect
}
