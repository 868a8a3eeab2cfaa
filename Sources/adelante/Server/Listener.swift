import EventLoops
import Glibc
import Logging
import NIOCore
import NIOExtras
import NIOPosix
import ServiceLifecycle
import WebSocket

/// Accepts connections.
///
/// Not Hummingbird's own server, which has a task for every connection that it accepts: that took as much time as the rest of
/// a socket's handshake. Here only connections of ordinary requests get one. And every event loop listens by itself
/// (SO_REUSEPORT): the kernel shares the connections out, and none has to be handed from one thread to another.
struct Listener: Service {
    private static let backlog: CInt = 4_096
    private static let acceptsAtOnce: UInt = 16
    /// What some thousand sockets of a loop take.
    private static let heapBytes = 32 << 20

    let host: String
    let port: Int
    let setup: ConnectionSetup
    let http: HTTPSide
    let group: any EventLoopGroup
    let logger: Logger

    func run() async throws {
        let (connections, accepted) = AsyncStream.makeStream(of: HTTPConnection.self)
        let quiet = self.quietLogger
        let opening = self.setup.opening(logger: quiet) { connection in
            guard case .terminated = accepted.yield(connection) else { return }
            // Nobody takes it any more.
            connection.channel.close(promise: nil)
        }
        let listeners = try await self.listen(opening)
        self.logger.notice("listening", metadata: ["host": "\(self.host)", "port": "\(listeners.port ?? self.port)"])
        let http = self.http
        let executors = Dictionary(
            uniqueKeysWithValues: self.group.makeIterator().map { (ObjectIdentifier($0), LoopExecutor($0)) }
        )
        await withGracefulShutdownHandler {
            await withTaskCancellationHandler {
                await withDiscardingTaskGroup { group in
                    for await connection in connections {
                        let executor = executors[ObjectIdentifier(connection.channel.eventLoop)]
                        group.addTask(executorPreference: executor) { await http.handle(connection) }
                    }
                }
            } onCancel: {
                // Another service failed: all of it ends now.
                for channel in listeners.channels { channel.close(promise: nil) }
            }
        } onGracefulShutdown: {
            // No more connections; those that wait for a request end, the others when they are done.
            listeners.quiesce().whenComplete { _ in accepted.finish() }
        }
    }

    /// The sockets that listen, one an event loop.
    private struct Listeners: Sendable {
        var channels: [any Channel] = []
        var helpers: [ServerQuiescingHelper] = []

        var port: Int? { self.channels.first?.localAddress?.port }

        /// Takes no more connections.
        /// - Returns: When the last of those that there are has ended.
        func quiesce() -> EventLoopFuture<Void> {
            let done = zip(self.channels, self.helpers).map { channel, helper in
                let promise = channel.eventLoop.makePromise(of: Void.self)
                helper.initiateShutdown(promise: promise)
                return promise.futureResult
            }
            return EventLoopFuture.andAllComplete(done, on: self.channels[0].eventLoop)
        }
    }

    private func listen(_ opening: Opening) async throws -> Listeners {
        if self.port != 0 {
            try AddressInUse.check(SocketAddress.makeAddressResolvingHost(self.host, port: self.port))
        }
        var listeners = Listeners()
        do {
            for eventLoop in self.group.makeIterator() {
                let helper = ServerQuiescingHelper(group: eventLoop)
                // Port 0 is whichever the first was given.
                let channel = try await self.bind(listeners.port ?? self.port, on: eventLoop, helper, opening)
                listeners.channels.append(channel)
                listeners.helpers.append(helper)
            }
        } catch {
            for channel in listeners.channels { try? await channel.close() }
            throw error
        }
        return listeners
    }

    private func bind(
        _ port: Int,
        on eventLoop: any EventLoop,
        _ helper: ServerQuiescingHelper,
        _ opening: Opening
    ) async throws -> any Channel {
        let listener = try await ServerBootstrap(group: eventLoop)
            .serverChannelOption(.backlog, value: Self.backlog)
            .serverChannelOption(.maxMessagesPerRead, value: Self.acceptsAtOnce)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.socketOption(.init(rawValue: SO_REUSEPORT)), value: 1)
            .serverChannelInitializer { [setup] channel in
                channel.eventLoop.makeCompletedFuture {
                    ThreadHeap.makeRoom(Self.heapBytes)
                    try channel.pipeline.syncOperations.addHandlers([
                        helper.makeServerChannelHandler(channel: channel),
                        Acceptor(setup, opening, loop: setup.loops[channel.eventLoop]),
                    ])
                }
            }
            .bind(host: self.host, port: port).get()
        do {
            try await eventLoop.submit { try listener.pipeline.syncOperations.addHandler(ListenerEnd()) }.get()
        } catch {
            try? await listener.close()
            throw error
        }
        return listener
    }

    /// What single connections have to tell is no operator's business.
    private var quietLogger: Logger {
        var quiet = self.logger
        quiet.logLevel = max(self.logger.logLevel, .notice)
        return quiet
    }
}
