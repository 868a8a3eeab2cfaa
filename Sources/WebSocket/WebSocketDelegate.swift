public import NIOCore

/// What a connection tells its owner. All calls happen on the connection's event loop.
public protocol WebSocketDelegate: AnyObject {
    /// A complete text message; its bytes are valid UTF-8.
    func connection(_ connection: WebSocketConnection, received text: ByteBuffer)
    /// A complete binary message; only with ``WebSocketConfiguration/acceptsBinary``.
    func connection(_ connection: WebSocketConnection, receivedBinary binary: ByteBuffer)
    /// ``WebSocketConnection/isWritable`` is true again.
    func connectionBecameWritable(_ connection: WebSocketConnection)
    /// The session is over; called exactly once, however it ended, and nothing is called after it.
    ///
    /// - Parameter code: The code of the peer's Close frame, or of ours if we gave up on the peer; 1005 if the peer's
    ///   Close frame had none, 1006 if the connection ended without a close handshake (RFC 6455 7.1.5).
    func connectionClosed(_ connection: WebSocketConnection, code: UInt16)
}

extension WebSocketDelegate {
    /// Ignores binary messages: by default they are refused before they get here.
    public func connection(_ connection: WebSocketConnection, receivedBinary binary: ByteBuffer) {}
}
