public import NIOCore
public import NIOHTTP1

/// Decides which requests become WebSockets.
public protocol WebSocketUpgrader: Sendable {
    /// Whether the request is for a WebSocket, by its path.
    ///
    /// Called on the event loop for every request that asks for an upgrade to `websocket`, and for every other GET: a claimed
    /// one without an upgrade is answered 426.
    func claims(_ head: HTTPRequestHead) -> Bool

    /// Decides on a valid opening handshake. Called on the event loop; may take its time (a session's look-up). A failed
    /// future is answered 500.
    func upgrade(_ request: WebSocketHandshake.Request, channel: any Channel) -> EventLoopFuture<WebSocketUpgradeDecision>
}

/// The answer to an opening handshake.
public enum WebSocketUpgradeDecision: Sendable {
    /// Upgrade.
    ///
    /// - `subprotocol`: one that the client offered, or nil.
    /// - `headers`: further headers of the 101.
    /// - `configuration`: limits and timings of this connection.
    /// - `ready`: makes the connection's owner. Runs on the loop before the 101 is written: what is sent in it leaves right
    ///   behind the 101, in the same write.
    case accept(
        subprotocol: String?,
        headers: HTTPHeaders,
        configuration: WebSocketConfiguration,
        ready: @Sendable (WebSocketConnection) -> any WebSocketDelegate
    )
    /// Answer with a status and close. `reason` is a sentence for people.
    case refuse(status: HTTPResponseStatus, headers: HTTPHeaders, reason: String)
}

/// Gives a refusal the shape that the rest of the server's errors have.
///
/// It is called with the status, a sentence for people, and the request's head if it could be read; it returns headers, the
/// body's type among them, and the body.
public typealias RefusalDescription = @Sendable (HTTPResponseStatus, String, HTTPRequestHead?) -> (HTTPHeaders, String)

/// What the first request of a connection was.
public enum FirstRequest: Hashable, Sendable {
    /// An ordinary one: the handlers for it are to be added behind the ``WebSocketUpgradeHandler``, synchronously in the
    /// future's callback; the request follows right after it.
    case http
    /// An opening handshake that was accepted; a ``WebSocketConnection`` drives the channel.
    case upgraded
    /// None will come, or it was answered and the connection is about to end; nothing is to be added.
    case closed
}
