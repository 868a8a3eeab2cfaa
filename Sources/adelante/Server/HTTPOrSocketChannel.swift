import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOSSL
import WebSocket

/// An accepted connection: HTTP/1 through Hummingbird, or a WebSocket that is driven by channel handlers alone.
///
/// A socket that is upgraded with its first request never has a task; its `handle` returns at once, and quiescing still knows
/// its channel. One that is upgraded later keeps the task that its earlier requests had.
struct HTTPOrSocketChannel: ServerChildChannel, HTTPChannelHandler {
    /// A connection, and what will come of it: known when its first request has arrived, since nothing is read before setup ends.
    struct Value: ServerChildChannelValue {
        let channel: any Channel
        let outcome: EventLoopFuture<Outcome>
    }

    /// What came of a connection.
    enum Outcome: Sendable {
        case http(NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>)
        case socket
    }

    /// Far above what browsers send.
    private static let maximumHeaders = 100
    private static let idleTimeout = Duration.seconds(75)

    let responder: HTTPChannelHandler.Responder
    let upgrader: any WebSocketUpgrader
    let loops: WebSocketLoops
    let tls: NIOSSLContext?
    let handshakeTimeout: TimeAmount
    let maximumHeaderBytes: Int
    let describe: RefusalDescription

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
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
            let outcome = first.futureResult.flatMapThrowing { first -> Outcome in
                switch first {
                case .http: .http(try self.addHTTP(to: channel, logger: logger))
                case .upgraded, .closed: .socket
                }
            }
            return Value(channel: channel, outcome: outcome)
        }
    }

    private func addHTTP(
        to channel: any Channel,
        logger: Logger
    ) throws -> NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart> {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: self.tls != nil))
        try pipeline.addHandler(HTTPConnectionStateHandler(idleTimeout: Self.idleTimeout, logger: logger))
        return try NIOAsyncChannel(
            wrappingChannelSynchronously: channel,
            configuration: .init(isOutboundHalfClosureEnabled: true)
        )
    }

    func handle(value: Value, logger: Logger) async {
        guard case .http(let channel)? = try? await value.outcome.get() else { return }
        await self.handleHTTP(asyncChannel: channel, logger: logger)
    }
}
