import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOSSL
import WebSocket

/// What every accepted connection starts with: HTTP/1 up to its first request, which makes it a WebSocket that is driven by
/// channel handlers alone, or ``HTTPSide``'s.
struct ConnectionSetup: Sendable {
    /// Far above what browsers send.
    private static let maximumHeaders = 100

    let http: HTTPSide
    let upgrader: any WebSocketUpgrader
    let loops: WebSocketLoops
    let tls: NIOSSLContext?
    let handshakeTimeout: TimeAmount
    let maximumHeaderBytes: Int
    let describe: RefusalDescription

    /// To be called on the channel's event loop, before anything is read.
    ///
    /// - Parameter onHTTP: called when the first request is an ordinary one, before that request is delivered
    func start(
        _ channel: any Channel,
        logger: Logger,
        onHTTP: @escaping @Sendable (NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>) -> Void
    ) throws {
        // Small at first: NIO keeps a connection's first buffer for as long as it lives.
        try channel.syncOptions?.setOption(
            .recvAllocator,
            value: AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 1_024, maximum: 65_536)
        )
        let pipeline = channel.pipeline.syncOperations
        if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = self.maximumHeaderBytes
        limits.maxHeaderListSize = self.maximumHeaderBytes
        limits.maxHeaderFieldCount = Self.maximumHeaders
        let first = channel.eventLoop.makePromise(of: FirstRequest.self)
        first.futureResult.assumeIsolated().whenSuccess { first in
            guard first == .http else { return }
            self.http.setup(channel: channel, logger: logger).assumeIsolated().whenComplete { result in
                switch result {
                case .success(let requests): onHTTP(requests)
                case .failure: channel.close(promise: nil)
                }
            }
        }
        try pipeline.addHandlers([
            HTTPResponseEncoder(),
            ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes, limitConfiguration: limits)),
            WebSocketUpgradeHandler(
                upgrader: self.upgrader,
                loop: self.loops[channel.eventLoop],
                sendsDirectly: self.tls == nil,
                handshakeTimeout: self.handshakeTimeout,
                onFirstRequest: first,
                closesWaitingOn: { $0 is ChannelShouldQuiesceEvent },
                describe: self.describe,
                logger: logger
            ),
        ])
    }
}
