import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import WebSocket

/// What every accepted connection starts with: a look at its first bytes, which make it a WebSocket that is driven by channel
/// handlers alone, or ``HTTPSide``'s.
struct ConnectionSetup: Sendable {
    /// A connection of ordinary requests.
    typealias OnHTTP = @Sendable (HTTPConnection) -> Void

    /// Far above what browsers send.
    private static let maximumHeaders = 100
    /// What nearly every connection stays with: it becomes a socket. NIO keeps a connection's first buffer for as long as it lives.
    private static let receiveBufferBytes = WebSocketConfiguration().receiveBufferBytes

    let upgrader: any WebSocketUpgrader
    let loops: WebSocketLoops
    let tls: NIOSSLContext?
    let handshakeTimeout: TimeAmount
    let maximumHeaderBytes: Int
    let describe: RefusalDescription

    /// What all connections of a listener share.
    ///
    /// - Parameter onHTTP: called when a connection's first request is an ordinary one, before that request is delivered
    func opening(logger: Logger, onHTTP: @escaping OnHTTP) -> Opening {
        Opening(
            upgrader: self.upgrader,
            sendsDirectly: self.tls == nil,
            handshakeTimeout: self.handshakeTimeout,
            maximumHeaderBytes: self.maximumHeaderBytes,
            maximumHeaderFields: Self.maximumHeaders,
            receiveBufferBytes: Self.receiveBufferBytes,
            closesWaitingOn: { $0 is ChannelShouldQuiesceEvent },
            describe: self.describe,
            logger: logger,
            addHTTP: { try self.addHTTP(to: $0, remaining: $1, logger: logger, onHTTP: onHTTP) }
        )
    }

    /// To be called on the channel's event loop, before anything is read.
    ///
    /// - Parameter loop: the state of the channel's event loop
    func start(_ channel: any Channel, _ opening: Opening, loop: WebSocketLoop) throws {
        if let options = channel.syncOptions {
            try options.setOption(.allowRemoteHalfClosure, value: true)
            try options.setOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: Self.receiveBufferBytes))
        }
        let pipeline = channel.pipeline.syncOperations
        if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
        try pipeline.addHandler(OpeningHandler(opening, loop: loop))
    }

    private func addHTTP(
        to channel: any Channel,
        remaining: TimeAmount,
        logger: Logger,
        onHTTP: @escaping OnHTTP
    ) throws {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = self.maximumHeaderBytes
        limits.maxHeaderListSize = self.maximumHeaderBytes
        limits.maxHeaderFieldCount = Self.maximumHeaders
        let first = channel.eventLoop.makePromise(of: FirstRequest.self)
        first.futureResult.assumeIsolated().whenSuccess { first in
            guard first == .http else { return }
            do {
                onHTTP(try HTTPConnection(channel))
            } catch {
                channel.close(promise: nil)
            }
        }
        // The bodies of requests may be large.
        let buffers = AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 1_024, maximum: 65_536)
        try channel.syncOptions?.setOption(.recvAllocator, value: buffers)
        try channel.pipeline.syncOperations.addHandlers([
            HTTPResponseEncoder(),
            ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes, limitConfiguration: limits)),
            WebSocketUpgradeHandler(
                upgrader: self.upgrader,
                loop: self.loops[channel.eventLoop],
                sendsDirectly: self.tls == nil,
                handshakeTimeout: remaining,
                onFirstRequest: first,
                closesWaitingOn: { $0 is ChannelShouldQuiesceEvent },
                describe: self.describe,
                logger: logger
            ),
        ])
    }
}
