import Foundation
import NIOCore
import NIOPosix

/// A TCP connection at 127.0.0.1 as bytes in and bytes out, for clients and servers that have to control every byte.
public final class ByteStream: Sendable {
    private let channel: any Channel
    private let inbox: Inbox<[UInt8]>

    private init(channel: any Channel, inbox: Inbox<[UInt8]>) {
        self.channel = channel
        self.inbox = inbox
    }

    /// Connects.
    public static func connect(port: Int) async throws -> ByteStream {
        let inbox = Inbox<[UInt8]>()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try Self.prepare(channel, inbox) }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return ByteStream(channel: channel, inbox: inbox)
    }

    /// The stream of a connection that a server has accepted; on the channel's event loop, before anything is read.
    static func accepted(_ channel: any Channel) throws -> ByteStream {
        let inbox = Inbox<[UInt8]>()
        try self.prepare(channel, inbox)
        return ByteStream(channel: channel, inbox: inbox)
    }

    private static func prepare(_ channel: any Channel, _ inbox: Inbox<[UInt8]>) throws {
        let pipeline = channel.pipeline.syncOperations
        // A child that a test starts meanwhile would hold the connection open.
        try pipeline.withUnsafeTransportIfAvailable(of: CInt.self) { _ = fcntl($0, F_SETFD, FD_CLOEXEC) }
        try pipeline.addHandler(Receiver(inbox: inbox))
    }

    /// Whether neither side has ended it yet.
    public var isOpen: Bool { self.channel.isActive }

    /// Sends; a connection that is gone swallows it, as TCP does.
    public func write(_ bytes: [UInt8]) {
        self.channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    }

    /// Sends text.
    public func write(_ text: String) {
        self.write(Array(text.utf8))
    }

    /// The next bytes, as many as came at once; nil when the other side has ended the connection.
    public func read(within limit: Duration = .seconds(20)) async throws -> [UInt8]? {
        switch await self.inbox.next(within: limit) {
        case .element(let bytes): bytes
        case .finished: nil
        case .timedOut: throw Unexpected("no bytes came within \(limit)")
        }
    }

    /// Stops taking bytes from the kernel, as a client that hangs does.
    public func stopReading() async throws {
        try await self.channel.setOption(.autoRead, value: false).get()
    }

    /// Takes bytes from the kernel again.
    public func readAgain() async throws {
        try await self.channel.setOption(.autoRead, value: true).get()
    }

    /// Says that nothing more will be sent; what the other side still sends can be read.
    public func endOutput() {
        self.channel.close(mode: .output, promise: nil)
    }

    /// Ends the connection.
    public func close() {
        self.channel.close(promise: nil)
    }

    private final class Receiver: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        let inbox: Inbox<[UInt8]>

        init(inbox: Inbox<[UInt8]>) {
            self.inbox = inbox
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            self.inbox.append(Array(self.unwrapInboundIn(data).readableBytesView))
        }

        func channelInactive(context: ChannelHandlerContext) {
            self.inbox.finish()
            context.fireChannelInactive()
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }
}

/// Something else came than a test expected.
public struct Unexpected: Error, CustomStringConvertible {
    /// What came, and where it was expected.
    public let description: String

    /// - Parameters:
    ///   - text: what came
    ///   - file: where it was expected
    ///   - line: where it was expected
    public init(_ text: String, file: String = #fileID, line: Int = #line) {
        self.description = "\(file):\(line): \(text)"
    }
}
