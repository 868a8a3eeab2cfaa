public import WebSocket

/// Limits and timings of the Hub's sockets; the environment's `WS_*` and `DRAIN_SECONDS`.
public struct HubSettings: Sendable {
    /// What the engine below enforces: message size, ping and pong.
    public var webSocket = WebSocketConfiguration()
    /// Topics on one socket.
    public var maximumTopics = 100
    /// Sustained commands a second on one socket.
    public var commandsPerSecond = 20.0
    /// Commands at once on one socket.
    public var commandBurst = 40.0
    /// Open sockets of one user on this node.
    public var maximumSocketsPerUser = 20
    /// Open sockets from one address on this node.
    public var maximumSocketsPerAddress = 500
    /// Handshakes a second from one address, sustained; ten times as many at once.
    public var handshakesPerSecond = 50.0
    /// How long an anonymous socket may say nothing, in seconds.
    public var anonymousSeconds: Int64 = 10
    /// Whether rates (not sizes) are limited.
    public var limitsRates = true
    /// Encoded events kept by one loop, in bytes.
    public var ringBytesPerLoop = 64 * 1_024 * 1_024
    /// The longest delay that a closing node asks a client to wait, in milliseconds.
    public var restartSpreadMilliseconds: Int64 = 5_000
    /// Origins whose pages may open sockets, beside the request's own.
    public var allowedOrigins: Set<String> = []

    /// The protocol document's defaults.
    public init() {}
}
