import NIOCore
import WebSocket

/// Prepares each connection that its listener accepts, and hands it to the channel that registers it.
///
/// A bootstrap's own handler stands next in the pipeline, and would apply the options and call the initializer of every child: it has
/// neither here, and still makes a dozen futures for each connection. So what it would pass on unchanged goes past it, to the
/// ``ListenerEnd``; as long as there is none yet, through it.
final class Acceptor: ChannelInboundHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel

    private let setup: ConnectionSetup
    private let opening: Opening
    private let loop: WebSocketLoop
    fileprivate var end: ChannelHandlerContext?

    /// - Parameters:
    ///   - setup: what a connection starts with
    ///   - opening: what all connections of the listener share
    ///   - loop: the state of the listener's loop, on which its connections are too
    init(_ setup: ConnectionSetup, _ opening: Opening, loop: WebSocketLoop) {
        self.setup = setup
        self.opening = opening
        self.loop = loop
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let channel = Self.unwrapInboundIn(data)
        do {
            try self.setup.start(channel, self.opening, loop: self.loop)
        } catch {
            return channel.close(promise: nil)
        }
        (self.end ?? context).fireChannelRead(data)
    }
}

/// The last handler of a listener that listens.
final class ListenerEnd: ChannelInboundHandler {
    typealias InboundIn = any Channel

    private weak var acceptor: Acceptor?

    func handlerAdded(context: ChannelHandlerContext) {
        self.acceptor = try? context.pipeline.syncOperations.handler(type: Acceptor.self)
        self.acceptor?.end = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.acceptor?.end = nil
    }
}
