import NIOCore
import NIOPosix

/// A TCP server on a free port of 127.0.0.1 whose connections a test plays itself.
public final class ByteServer: Sendable {
    /// Where it listens.
    public let port: Int
    private let channel: any Channel
    private let accepted: Inbox<ByteStream>

    private init(channel: any Channel, accepted: Inbox<ByteStream>) throws {
        guard let port = channel.localAddress?.port else { throw Unexpected("a server without a port") }
        self.port = port
        self.channel = channel
        self.accepted = accepted
    }

    deinit {
        self.channel.close(promise: nil)
    }

    /// Starts to listen.
    ///
    /// - Parameter prepare: puts handlers before the bytes of each connection, such as TLS; on its event loop
    public static func start(prepare: @escaping @Sendable (any Channel) throws -> Void = { _ in }) async throws -> ByteServer {
        let accepted = Inbox<ByteStream>()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try prepare(channel)
                    accepted.append(try ByteStream.accepted(channel))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return try ByteServer(channel: channel, accepted: accepted)
    }

    /// The next connection that somebody makes.
    public func accept(within limit: Duration = .seconds(20)) async throws -> ByteStream {
        guard case .element(let stream) = await self.accepted.next(within: limit) else {
            throw Unexpected("nobody connected within \(limit)")
        }
        return stream
    }

    /// Whether nobody has connected that was not accepted yet.
    public func isUnvisited() async -> Bool {
        if case .timedOut = await self.accepted.next(within: .zero) { true } else { false }
    }

    /// Listens no more.
    public func stop() async throws {
        try await self.channel.close().get()
    }
}
