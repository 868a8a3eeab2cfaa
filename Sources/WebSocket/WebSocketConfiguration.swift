public import NIOCore

/// Limits and timings of a connection.
public struct WebSocketConfiguration: Sendable {
    /// Largest inbound message in bytes, all fragments together, after inflating; more closes with 1009.
    public var maxMessageBytes = 65_536
    /// Most fragments of one inbound message; more closes with 1009.
    public var maxFragments = 1_024
    /// A whole message must arrive within this time from its first byte; zero: no limit. Closes with ``timeoutCode``.
    public var messageTimeout: TimeAmount = .seconds(10)
    /// A ping is sent to a peer from which nothing came for so long; zero: never.
    public var pingInterval: TimeAmount = .seconds(25)
    /// Something must come from the peer within this time after a ping; else the connection ends with ``timeoutCode``. A peer
    /// that is being sent events has twice the time, and so has one that takes no bytes before it counts as stuck.
    public var pongTimeout: TimeAmount = .seconds(10)
    /// How long the peer has for its part of the close handshake and of TCP's; then the socket is cut.
    public var closeTimeout: TimeAmount = .seconds(5)
    /// Close code for a missing pong and for a message that takes too long.
    public var timeoutCode: UInt16 = 4408
    /// Whether permessage-deflate (RFC 7692) is accepted when the client offers it.
    public var deflate = true
    /// Messages of ``WebSocketConnection/send(text:)`` below this many bytes leave uncompressed. Inbound is unaffected.
    public var minDeflateBytes = 512
    /// Whether binary messages are delivered; else they close with 1003.
    public var acceptsBinary = false
    /// Size in bytes of the receive buffer that NIO keeps for an open socket.
    public var receiveBufferBytes = 1_024
    /// What the kernel may hold for an open socket whose peer does not read, in bytes (SO_SNDBUF, which it doubles for its own
    /// needs); nil: as the kernel likes, which is megabytes.
    public var sendBufferBytes: Int? = 96 * 1_024

    /// The defaults, as each property says.
    public init() {}
}
