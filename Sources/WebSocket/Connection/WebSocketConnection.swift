public import NIOCore

/// One open WebSocket: the channel handler at the end of its pipeline, confined to its event loop.
///
/// Output is queued by the `send` functions and leaves with ``flush()``, everything of a loop tick in one write. After a read
/// the connection flushes by itself; whoever sends at another time flushes. While ``isWritable`` is false, a sender of more
/// than answers waits for ``WebSocketDelegate/connectionBecameWritable(_:)``; the connection meanwhile reads nothing, so that
/// a peer which does not read can't make it pile up answers either.
public final class WebSocketConnection: WheelMember {
    /// Where the connection's life is.
    private enum Stage {
        /// Messages go both ways.
        case open
        /// Our Close frame is out, the peer's is awaited until the deadline.
        case closing
        /// Both are done with messages; the peer's end of TCP is awaited until the deadline.
        case lingering
        /// TCP is gone.
        case closed
    }

    /// The connection's event loop, on which everything of it happens.
    public var eventLoop: any EventLoop { self.loop.eventLoop }
    /// The channel.
    public let channel: any Channel
    /// Limits and timings.
    public let configuration: WebSocketConfiguration
    /// permessage-deflate as negotiated, nil without.
    public let deflate: PermessageDeflate?
    /// The owner; kept until it was told that the connection is closed.
    public private(set) var delegate: (any WebSocketDelegate)?

    let loop: WebSocketLoop
    var wheelPlace = LivenessWheel.Place()
    private var context: ChannelHandlerContext?
    private var machine: WebSocketStateMachine
    private var queue = OutputQueue()
    private var stage = Stage.open
    private var closeCode: UInt16?

    /// The socket, if the channel has one; with TLS too. To be used only while the channel is active.
    private let descriptor: CInt?
    /// Plain TCP: writes may go past NIO.
    private let sendsDirectly: Bool
    /// A ``CloseShield`` behind this handler swallows the channel's own reads.
    private let ownsReads: Bool
    /// Answers of the HTTP side may still wait in NIO: the 101 goes behind them.
    private var mayOvertakeHTTP: Bool
    /// Writes that NIO holds, counted only where direct sends must not overtake them.
    private var writesInNIO = 0
    private var isFlushing = false
    private var isBlocked = false
    private var isReadHeld = false

    private var lastReceived: NIODeadline
    /// When the ping left that nothing has followed yet.
    private var pingedAt: NIODeadline?
    /// Whether events went out since the peer last said anything: what it says next may stand behind them.
    private var hasSentEvents = false
    /// While blocked: the peer has to take something until then …
    private var stallDeadline: NIODeadline?
    /// … of these bytes, which NIO and the kernel held when it was set.
    private var unsentBytes = 0
    private var messageDeadline: NIODeadline?
    private var messagesSeen: UInt32 = 0
    private var closeDeadline: NIODeadline?

    /// - Parameters:
    ///   - sendsDirectly: Plain TCP: flushes may go past NIO, if the channel has a socket.
    ///   - isLater: There were ordinary requests before the handshake: their handlers stand behind a ``CloseShield``, and their
    ///     answers may not be sent yet.
    init(
        channel: any Channel,
        loop: WebSocketLoop,
        configuration: WebSocketConfiguration,
        deflate: PermessageDeflate?,
        sendsDirectly: Bool,
        isLater: Bool
    ) {
        self.channel = channel
        self.loop = loop
        self.configuration = configuration
        self.deflate = deflate
        self.descriptor = loop.directSend.descriptor(channel)
        self.sendsDirectly = sendsDirectly && self.descriptor != nil
        self.ownsReads = isLater
        self.mayOvertakeHTTP = !isLater
        self.lastReceived = loop.eventLoop.now
        let limits = SessionLimits(
            maxMessageBytes: configuration.maxMessageBytes,
            maxFragments: configuration.maxFragments,
            acceptsBinary: configuration.acceptsBinary
        )
        self.machine = WebSocketStateMachine(limits: limits, isDeflateNegotiated: deflate != nil)
    }

    // MARK: Sending

    /// The peer's address as the kernel knows it.
    public var remoteAddress: SocketAddress? { self.channel.remoteAddress }

    /// Whether messages can still be sent.
    public var isOpen: Bool { self.stage == .open }

    /// Whether a sender of more than answers should go on; false while unsent bytes wait for the peer to read.
    public var isWritable: Bool {
        guard self.stage == .open else { return false }
        // With direct sends everything that NIO holds is counted: the channel, which is asked less cheaply, knows no more.
        return self.sendsDirectly ? self.writesInNIO == 0 : self.channel.isWritable
    }

    /// Whether frames of ``WebSocketFrame/deflatedText(_:)`` may be sent here.
    public var acceptsSharedDeflate: Bool { self.deflate?.acceptsFullWindow ?? false }

    /// Queues one text message to this socket alone, compressed if that was negotiated and makes it smaller.
    ///
    /// - Parameter text: UTF-8. Ignored once the connection closes.
    public func send(text: ByteBuffer) {
        self.send(.text, text)
    }

    /// Queues one binary message; see ``send(text:)``.
    public func send(binary: ByteBuffer) {
        self.send(.binary, binary)
    }

    /// Queues complete frames (``WebSocketFrame``), whose bytes may be shared with other sockets. Ignored once the connection
    /// closes.
    public func send(frames: ByteBuffer) {
        self.eventLoop.assertInEventLoop()
        guard self.stage == .open else { return }
        self.hasSentEvents = true
        self.queue.append(frames)
    }

    private func send(_ opcode: Opcode, _ message: ByteBuffer) {
        self.eventLoop.assertInEventLoop()
        guard self.stage == .open else { return }
        if let deflate = self.deflate, message.readableBytes >= self.configuration.minDeflateBytes,
            let compressed = self.loop.deflate(message, windowBits: deflate.serverMaxWindowBits ?? 15)
        {
            self.queue.append(WebSocketFrame.encode(opcode, compressed, rsv1: true))
        } else {
            self.queue.append(WebSocketFrame.encode(opcode, message, rsv1: false))
        }
    }

    /// Sends everything queued, in one write.
    public func flush() {
        self.eventLoop.assertInEventLoop()
        guard !self.queue.isEmpty, let context = self.context, self.stage != .closed else { return }
        self.isFlushing = true
        if self.sendsDirectly, self.writesInNIO == 0, self.mayOvertakeHTTP, self.channel.isActive, let descriptor {
            self.flushDirectly(descriptor)
        }
        if !self.queue.isEmpty { self.flushThroughNIO(context) }
        self.isFlushing = false
        if self.stage == .open && !self.isBlocked && !self.isWritable { self.block() }
    }

    private static let scratchBytes = 65_536

    private func flushDirectly(_ descriptor: CInt) {
        let total = self.queue.byteCount
        let sent: Int
        if let single = self.queue.single {
            sent = self.loop.directSend.send(single, descriptor)
        } else if total <= Self.scratchBytes {
            self.loop.scratch.clear(minimumCapacity: Self.scratchBytes)
            self.queue.copy(to: &self.loop.scratch)
            sent = self.loop.directSend.send(self.loop.scratch, descriptor)
        } else {
            return
        }
        if sent == total {
            self.queue.removeAll()
        } else if sent > 0 {
            self.queue.drop(sent)
        }
    }

    /// NIO gathers the buffers into one `writev`, and waits for the socket where the kernel takes no more.
    private func flushThroughNIO(_ context: ChannelHandlerContext) {
        let buffers = self.queue.takeAll()
        self.mayOvertakeHTTP = true  // what is counted from here on stands behind it
        var promise: EventLoopPromise<Void>?
        if self.sendsDirectly {
            let written = context.eventLoop.makePromise(of: Void.self)
            self.writesInNIO += 1
            written.futureResult.assumeIsolated().whenComplete { _ in self.wroteThroughNIO() }
            promise = written
        }
        for index in buffers.indices {
            context.write(NIOAny(buffers[index]), promise: index == buffers.count - 1 ? promise : nil)
        }
        context.flush()
    }

    private func wroteThroughNIO() {
        self.writesInNIO -= 1
        if self.writesInNIO == 0 { self.writabilityMayHaveChanged() }
    }

    private func writabilityMayHaveChanged() {
        guard self.isBlocked else { return }
        if self.isFlushing {
            // Not from within the flush: the owner's answer is a further flush, and so on, ever deeper.
            self.eventLoop.assumeIsolated().execute { self.checkWritability() }
        } else {
            self.checkWritability()
        }
    }

    /// The peer reads more slowly than we write. Until it has caught up nothing is read of it either.
    private func block() {
        self.isBlocked = true
        self.allowStall(from: self.eventLoop.now)
        self.loop.wheel.set(self, to: self.nextDeadline())
    }

    private func allowStall(from now: NIODeadline) {
        self.stallDeadline = now + self.configuration.pongTimeout * 2
        self.unsentBytes = self.heldBytes()
    }

    /// Bytes of ours that the peer's TCP has not taken, with NIO or with the kernel.
    private func heldBytes() -> Int {
        let inNIO = (try? self.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        guard let descriptor, self.channel.isActive else { return inNIO }
        return inNIO + self.loop.directSend.unsent(descriptor)
    }

    /// Slow is well, nothing at all is not.
    private func checkStall(_ now: NIODeadline) {
        let before = self.unsentBytes
        self.allowStall(from: now)
        guard self.unsentBytes >= before else { return }
        // Room for the Close frame, so that the peer learns what became of it if it reads on after all.
        if let descriptor, self.channel.isActive { self.loop.directSend.widen(descriptor) }
        self.giveUp("nothing is read")
    }

    private func checkWritability() {
        guard self.isBlocked, self.isWritable else { return }
        self.isBlocked = false
        self.stallDeadline = nil
        // Nothing was read meanwhile: what the peer owes us is due anew.
        let now = self.eventLoop.now
        if self.pingedAt != nil { self.pingedAt = now }
        if self.messageDeadline != nil { self.messageDeadline = now + self.configuration.messageTimeout }
        self.loop.wheel.set(self, to: self.nextDeadline())
        self.releaseRead()
        self.delegate?.connectionBecameWritable(self)
        self.flush()
    }

    private func releaseRead() {
        guard self.isReadHeld else { return }
        self.isReadHeld = false
        self.context?.read()
    }

    // MARK: Closing

    /// Starts the close handshake; what was queued leaves before it, and nothing after it. The socket is cut when the peer has
    /// not done its part within ``WebSocketConfiguration/closeTimeout``.
    ///
    /// - Parameters:
    ///   - code: A code that a server may send (``CloseCode/isSendable(_:)``).
    ///   - reason: For people; at most 123 bytes leave.
    public func close(code: UInt16, reason: String = "") {
        self.eventLoop.assertInEventLoop()
        guard self.stage == .open, self.machine.startClose() == .sendClose else { return }
        self.queue.append(WebSocketFrame.close(code: code, reason: reason))
        self.flush()
        self.stage = .closing
        self.awaitPeer()
    }

    /// Cuts the connection without a word.
    public func closeNow() {
        self.eventLoop.assertInEventLoop()
        guard self.stage != .closed else { return }
        self.context?.close(promise: nil)
    }

    /// Something must happen before the close timeout ends.
    private func awaitPeer() {
        let deadline = self.eventLoop.now + self.configuration.closeTimeout
        self.closeDeadline = deadline
        self.loop.wheel.set(self, to: deadline)
        self.releaseRead()
    }

    /// Our side has nothing more to say: ends our half of TCP behind the last frame, and waits for the peer's half.
    ///
    /// Not a full close: bytes that the kernel has received and we have not read would make it reset the connection, and the
    /// peer might never see our Close frame.
    private func endSession(code: UInt16, closeFrame: ByteBuffer?) {
        guard self.stage == .open || self.stage == .closing else { return }
        if let closeFrame { self.queue.append(closeFrame) }
        self.flush()
        self.stage = .lingering
        self.awaitPeer()
        self.reportClosed(code: code)
        guard let context = self.context else { return }
        let outputClosed = context.eventLoop.makePromise(of: Void.self)
        // A transport without half-closure: all of it then, rather than a wait for the timeout.
        outputClosed.futureResult.assumeIsolated().whenFailure { _ in self.closeNow() }
        context.close(mode: .output, promise: outputClosed)
    }

    private func reportClosed(code: UInt16) {
        guard self.closeCode == nil else { return }
        self.closeCode = code
        let delegate = self.delegate
        self.delegate = nil
        delegate?.connectionClosed(self, code: code)
    }

    // MARK: Life

    /// Hands the connection to its owner, with `preface` (the 101 response) ahead of all frames.
    func open(preface: ByteBuffer, ready: (WebSocketConnection) -> any WebSocketDelegate) {
        self.queue.append(preface)
        self.loop.wheel.set(self, to: self.nextDeadline())
        let delegate = ready(self)
        if let closeCode = self.closeCode {
            delegate.connectionClosed(self, code: closeCode)
        } else {
            self.delegate = delegate
        }
        self.flush()
        if self.ownsReads { self.context?.read() }
        if self.loop.isCut { self.closeNow() }
    }

    /// Does what is due: ping, timeouts. Called by the loop's timer wheel.
    ///
    /// - Returns: When to call again; nil once the connection is closed.
    public func tick(now: NIODeadline) -> NIODeadline? {
        switch self.stage {
        case .open:
            if self.isBlocked {
                if let deadline = self.stallDeadline, deadline <= now { self.checkStall(now) }
            } else if let deadline = self.messageDeadline, deadline <= now {
                self.giveUp("message too slow")
            } else if let deadline = self.pongDeadline, deadline <= now {
                self.giveUp("no pong")
            } else if self.isPingDue(now) {
                self.pingedAt = now
                self.queue.append(WebSocketFrame.ping())
                self.flush()
            }
        case .closing, .lingering:
            if let deadline = self.closeDeadline, deadline <= now { self.context?.close(promise: nil) }
        case .closed:
            return nil
        }
        return self.stage == .closed ? nil : self.nextDeadline()
    }

    private func giveUp(_ reason: String) {
        guard self.machine.startClose() == .sendClose else { return }
        let code = self.configuration.timeoutCode
        self.endSession(code: code, closeFrame: WebSocketFrame.close(code: code, reason: reason))
    }

    private func isPingDue(_ now: NIODeadline) -> Bool {
        let interval = self.configuration.pingInterval
        return interval > .zero && self.pingedAt == nil && self.lastReceived + interval <= now
    }

    /// When an unanswered ping ends the connection. A peer that is being sent events may be busy with those: it has twice the
    /// time, as one that takes no bytes at all has.
    private var pongDeadline: NIODeadline? {
        self.pingedAt.map { $0 + self.configuration.pongTimeout * (self.hasSentEvents ? 2 : 1) }
    }

    private func nextDeadline() -> NIODeadline {
        if let deadline = self.closeDeadline { return deadline }
        if let deadline = self.stallDeadline { return deadline }
        var next = NIODeadline.distantFuture
        if let deadline = self.pongDeadline {
            next = deadline
        } else if self.configuration.pingInterval > .zero {
            next = self.lastReceived + self.configuration.pingInterval
        }
        if let deadline = self.messageDeadline { next = min(next, deadline) }
        return next
    }

    /// A message is on its way, or no longer: the time it may take runs from its first byte.
    private func watchMessage() {
        guard self.machine.isMidMessage, self.configuration.messageTimeout > .zero else {
            self.messageDeadline = nil
            return
        }
        guard self.messageDeadline == nil || self.messagesSeen != self.machine.completedMessages else { return }
        self.messagesSeen = self.machine.completedMessages
        let wasEarlier = self.messageDeadline != nil
        self.messageDeadline = self.lastReceived + self.configuration.messageTimeout
        if !wasEarlier { self.loop.wheel.set(self, to: self.nextDeadline()) }
    }

    private func perform(_ action: WebSocketStateMachine.ReceiveAction) {
        switch action {
        case .text(let message):
            self.delegate?.connection(self, received: message)
        case .binary(let message):
            self.delegate?.connection(self, receivedBinary: message)
        case .sendPong(let payload):
            self.queue.append(WebSocketFrame.pong(payload))
        case .closeReceived(let code, let reply):
            self.endSession(code: code, closeFrame: WebSocketFrame.close(code: reply))
        case .closeCompleted(let code):
            self.endSession(code: code, closeFrame: nil)
        case .fail(let code, let reason):
            self.endSession(code: code, closeFrame: WebSocketFrame.close(code: code, reason: reason))
        case .drop:
            self.closeNow()
        case .needMoreData, .pongReceived, .ended:
            break
        }
    }
}

@available(*, unavailable)
extension WebSocketConnection: Sendable {}

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

    private func setClosed() {
        guard self.stage != .closed else { return }
        self.stage = .closed
        self.machine.setClosed()
        self.queue.removeAll()
        self.loop.wheel.remove(self)
        self.reportClosed(code: CloseCode.abnormal)
    }
}
