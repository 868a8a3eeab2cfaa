public import NIOCore

extension WebSocketConnection: ChannelInboundHandler, ChannelOutboundHandler {
    /// Bytes, behind the HTTP handlers' removal.
    public typealias InboundIn = ByteBuffer
    /// Nothing is written through this handler.
    public typealias OutboundIn = Never
    /// Bytes.
    public typealias OutboundOut = ByteBuffer

    /// The handler is in the pipeline.
    public func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    /// The handler is out of the pipeline.
    public func handlerRemoved(context: ChannelHandlerContext) {
        self.setClosed()
        self.context = nil
    }

    /// Bytes from the peer.
    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = Self.unwrapInboundIn(data)
        self.lastReceived = self.eventLoop.now
        self.pingedAt = nil
        self.hasSentEvents = false
        loop: while true {
            let action = self.machine.receive(&buffer, inflater: &self.loop.inflater)
            self.perform(action)
            switch action {
            case .needMoreData, .ended: break loop
            default: continue
            }
        }
        self.watchMessage()
    }

    /// No more bytes for now: what they caused to be sent leaves.
    public func channelReadComplete(context: ChannelHandlerContext) {
        self.flush()
        if self.ownsReads { self.read(context: context) }
    }

    /// Reads only while the peer reads too, except to see the end.
    public func read(context: ChannelHandlerContext) {
        if self.stage == .open && self.isBlocked {
            self.isReadHeld = true
        } else {
            context.read()
        }
    }

    /// NIO's queue crossed a watermark.
    public func channelWritabilityChanged(context: ChannelHandlerContext) {
        self.writabilityMayHaveChanged()
        context.fireChannelWritabilityChanged()
    }

    /// The peer ended its half of TCP: with half-closure allowed, that is the only sign of a client that is gone.
    public func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent {
            self.flush()
            context.close(promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// Whatever it is, this socket is over.
    public func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    /// TCP is gone.
    public func channelInactive(context: ChannelHandlerContext) {
        self.setClosed()
        context.fireChannelInactive()
    }
}
