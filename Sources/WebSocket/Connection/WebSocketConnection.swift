public import NIOCore

/// One open WebSocket: the channel handler at the end of its pipeline, confined to its event loop.
///
/// Output is queued by the `send` functions and leaves with ``flush()``, everything of a loop tick in one write. After a read
/// the connection flushes by itself; whoever sends at another time flushes. While ``isWritable`` is false, a sender of more
/// than answers waits for ``WebSocketDelegate/connectionBecameWritable(_:)``; the connection meanwhile reads nothing, so that
/// a peer which does not read can't make it pile up answers either.
public final class WebSocketConnection: WheelMember {
    /// Where the connection's life is.
    enum Stage {
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
    var context: ChannelHandlerContext?
    var machine: WebSocketStateMachine
    var queue = OutputQueue()
    var stage = Stage.open
    private var closeCode: UInt16?

    /// The socket, if the channel has one; with TLS too. To be used only while the channel is active.
    let descriptor: CInt?
    /// Plain TCP: writes may go past NIO.
    let sendsDirectly: Bool
    /// A ``CloseShield`` behind this handler swallows the channel's own reads.
    let ownsReads: Bool
    /// Answers of the HTTP side may still wait in NIO: the 101 goes behind them.
    var mayOvertakeHTTP: Bool
    /// Writes that NIO holds, counted only where direct sends must not overtake them.
    var writesInNIO = 0
    var isFlushing = false
    var isBlocked = false
    var isReadHeld = false

    var lastReceived: NIODeadline
    /// When the ping left that nothing has followed yet.
    var pingedAt: NIODeadline?
    /// Whether events went out since the peer last said anything: what it says next may stand behind them.
    var hasSentEvents = false
    /// While blocked: the peer has to take something until then …
    var stallDeadline: NIODeadline?
    /// … of these bytes, which NIO and the kernel held when it was set.
    var unsentBytes = 0
    var messageDeadline: NIODeadline?
    var messagesSeen: UInt32 = 0
    var closeDeadline: NIODeadline?

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
    func endSession(code: UInt16, closeFrame: ByteBuffer?) {
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

    func setClosed() {
        guard self.stage != .closed else { return }
        self.stage = .closed
        self.machine.setClosed()
        self.queue.removeAll()
        self.loop.wheel.remove(self)
        self.reportClosed(code: CloseCode.abnormal)
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

    func perform(_ action: WebSocketStateMachine.ReceiveAction) {
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
