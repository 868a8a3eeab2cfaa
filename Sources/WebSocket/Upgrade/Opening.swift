public import Logging
public import NIOCore

/// What the connections of a listener have in common until each is a WebSocket or is left to HTTP.
public struct Opening: Sendable {
    let upgrader: any WebSocketUpgrader
    let sendsDirectly: Bool
    let handshakeTimeout: TimeAmount
    let limits: PlainRequest.Limits
    let receiveBufferBytes: Int?
    let describe: RefusalDescription
    let logger: Logger?
    let closesWaitingOn: @Sendable (Any) -> Bool
    let addHTTP: @Sendable (any Channel, _ remaining: TimeAmount) throws -> Void

    /// - Parameters:
    ///   - upgrader: Decides.
    ///   - sendsDirectly: Whether the sockets are plain TCP with no handler before the first one that changes bytes: then flushes
    ///     may go straight to the kernel. Never with TLS.
    ///   - handshakeTimeout: Until the first request is there; then the connection is closed.
    ///   - maximumHeaderBytes: Of a handshake's head. A longer one is left to HTTP.
    ///   - maximumHeaderFields: Likewise.
    ///   - receiveBufferBytes: The size of the receive buffers that its connections begin with, if it is fixed.
    ///   - closesWaitingOn: An inbound user event that closes a connection on which nothing was said yet (a server's quiescing).
    ///   - describe: The headers and the body of a refusal.
    ///   - logger: For refused and failed handshakes, at debug.
    ///   - addHTTP: Adds the handlers for HTTP at the end of the pipeline, a ``WebSocketUpgradeHandler`` among them, which has the
    ///     remaining time for the rest of the request. Called on the event loop; the first bytes follow.
    public init(
        upgrader: any WebSocketUpgrader,
        sendsDirectly: Bool,
        handshakeTimeout: TimeAmount,
        maximumHeaderBytes: Int,
        maximumHeaderFields: Int,
        receiveBufferBytes: Int? = nil,
        closesWaitingOn: @escaping @Sendable (Any) -> Bool,
        describe: @escaping RefusalDescription,
        logger: Logger? = nil,
        addHTTP: @escaping @Sendable (any Channel, _ remaining: TimeAmount) throws -> Void
    ) {
        self.upgrader = upgrader
        self.sendsDirectly = sendsDirectly
        self.handshakeTimeout = handshakeTimeout
        self.limits = PlainRequest.Limits(maximumBytes: maximumHeaderBytes, maximumFields: maximumHeaderFields)
        self.receiveBufferBytes = receiveBufferBytes
        self.closesWaitingOn = closesWaitingOn
        self.describe = describe
        self.logger = logger
        self.addHTTP = addHTTP
    }

    /// The handshake at the front of a connection's first bytes, taken from them; nil for anything else, which HTTP is to answer.
    func handshake(in bytes: inout ByteBuffer) -> WebSocketHandshake.Request? {
        var rest = bytes
        guard let plain = PlainRequest.read(&rest, limits: self.limits), self.upgrader.claims(plain.head),
            case .accept(let request) = WebSocketHandshake.Request.validate(plain.head, plain.fields)
        else { return nil }
        bytes = rest
        return request
    }
}
