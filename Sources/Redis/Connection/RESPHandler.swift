import NIOCore
import NIOSSL

/// The channel handler of either kind of connection: bytes to values, the handshake with its deadline, one write a tick, and closing.
/// What the values mean is the owner's business.
final class RESPHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        case connecting
        case handshaking
        case ready
        case closed
    }

    private let configuration: RedisConfiguration
    /// The owner lets go of a handler when it closes.
    private let owner: any RESPHandlerOwner
    private var context: ChannelHandlerContext?
    private var phase = Phase.connecting
    private var handshake: HandshakeStateMachine
    private var reader: RESPReader
    private var handshakeDeadline: Scheduled<Void>?
    private var outgoing = ByteBuffer()
    private var flushScheduled = false

    /// Since when the connection is usable.
    private(set) var readySince: NIODeadline?
    /// Why it closed.
    private(set) var closeReason: RedisError?

    init(configuration: RedisConfiguration, owner: any RESPHandlerOwner) {
        self.configuration = configuration
        self.owner = owner
        self.handshake = HandshakeStateMachine(configuration: configuration)
        self.reader = RESPReader(limits: configuration.limits)
    }

    // MARK: for the owner

    /// Sends a formatted command; all of one tick leave in one write.
    func send(_ bytes: ByteBuffer) {
        guard let context = self.context else { return }
        if self.outgoing.readableBytes == 0 {
            self.outgoing = bytes
        } else {
            self.outgoing.writeImmutableBuffer(bytes)
        }
        guard !self.flushScheduled else { return }
        self.flushScheduled = true
        context.eventLoop.assumeIsolated().execute { self.flush() }
    }

    /// Closes the connection; what had been sent may or may not have arrived.
    func close(_ error: RedisError) {
        if case .closed = self.phase { return }
        self.phase = .closed
        self.closeReason = error
        self.handshakeDeadline?.cancel()
        self.handshakeDeadline = nil
        self.outgoing = ByteBuffer()
        self.owner.closed(error, by: self)
        self.context?.close(promise: nil)
    }

    private func flush() {
        self.flushScheduled = false
        guard let context = self.context, self.outgoing.readableBytes > 0 else { return }
        let bytes = self.outgoing
        self.outgoing = ByteBuffer()
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in
            self.owner.flushed(bytes.readableBytes, by: self)
        }
        context.writeAndFlush(Self.wrapOutboundOut(bytes), promise: written)
    }

    // MARK: channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        self.owner.attached(self)
        if context.channel.isActive {
            self.beginHandshake(context)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        self.close(RedisError(.connectionLost, "The connection was closed"))
    }

    func channelActive(context: ChannelHandlerContext) {
        self.beginHandshake(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.close(RedisError(.connectionLost, "Redis closed the connection"))
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .closed = self.phase { return }
        do throws(RedisError) {
            try self.reader.feed(Self.unwrapInboundIn(data))
            while let value = try self.reader.next() {
                self.received(value)
                // The value may have been reason to close.
                if case .closed = self.phase { return }
            }
        } catch {
            self.close(error)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case let error as RedisError:
            self.close(error)
        case let error as NIOSSLError where Self.isOrderlyEnd(error):
            self.close(RedisError(.connectionLost, "Redis closed the connection"))
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            self.close(RedisError(.tlsFailed, "TLS with \(self.configuration) failed", underlying: error))
        default:
            self.close(RedisError(.connectionLost, "The connection failed", underlying: error))
        }
    }

    private static func isOrderlyEnd(_ error: NIOSSLError) -> Bool {
        if case .uncleanShutdown = error { true } else { false }
    }

    // MARK: handshake

    private func beginHandshake(_ context: ChannelHandlerContext) {
        guard case .connecting = self.phase else { return }
        self.phase = .handshaking
        let timeout = TimeAmount(self.configuration.connectTimeout)
        self.handshakeDeadline = context.eventLoop.assumeIsolated().scheduleTask(in: timeout) {
            self.close(RedisError(.timeout, "\(self.configuration) accepted the connection but did not answer in time"))
        }
        do throws(RedisError) {
            for command in self.handshake.commands {
                self.send(try RESPCommand.encode(command))
            }
        } catch {
            self.close(error)
        }
    }

    private func received(_ value: RESPValue) {
        switch self.phase {
        case .connecting:
            preconditionFailure("A channel reads nothing before it is active")
        case .handshaking:
            switch self.handshake.received(value) {
            case .wait:
                break
            case .ready:
                self.becomeReady()
            case .fail(let error):
                self.close(error)
            }
        case .ready:
            self.owner.received(value)
        case .closed:
            break
        }
    }

    private func becomeReady() {
        self.phase = .ready
        self.handshakeDeadline?.cancel()
        self.handshakeDeadline = nil
        self.readySince = self.context?.eventLoop.now
        self.owner.ready(self)
    }
}
