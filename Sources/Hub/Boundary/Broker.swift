/// The accelerator: carries events between nodes, promises nothing. Confined to one event loop.
public protocol Broker: AnyObject {
    /// Whoever wants to hear of messages and confirmations.
    var delegate: (any BrokerDelegate)? { get set }
    /// Whether messages can be expected to arrive at present.
    var isHearing: Bool { get }
    /// Wants a topic's events. The delegate hears of the confirmation, now and after each reconnect.
    func subscribe(_ topic: String)
    /// No longer wants them.
    func unsubscribe(_ topic: String)
    /// Something came that this broker should have brought: find out whether it still hears.
    func probe()
}

/// What a ``Broker`` tells; every call is made on the broker's event loop.
public protocol BrokerDelegate: AnyObject {
    /// An event was published, by whichever node.
    func brokerReceived(_ event: CommittedEvent)
    /// From here on every publication on the topic arrives, until further notice.
    func brokerSubscribed(_ topic: String)
    /// Every wanted topic is confirmed again after the connection was lost.
    func brokerRecovered()
}
