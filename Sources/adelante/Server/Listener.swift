import Logging
import NIOCore
import NIOExtras
import NIOHTTPTypes
import NIOPosix
import ServiceLifecycle

/// Accepts connections.
///
/// Not Hummingbird's own server, which has a task for every connection that it accepts: that took as much time as the rest of
/// a socket's handshake. Here only connections of ordinary requests get one.
struct Listener: Service {
    private static let backlog: CInt = 4_096

    let host: String
    let port: Int
    let setup: ConnectionSetup
    let group: any EventLoopGroup
    let logger: Logger

    func run() async throws {
        let (connections, accepted) = AsyncStream.makeStream(of: HTTPSide.Value.self)
        let quiescing = ServerQuiescingHelper(group: self.group)
        let (setup, quiet) = (self.setup, self.quietLogger)
        let listening = try await ServerBootstrap(group: self.group)
            .serverChannelOption(.backlog, value: Self.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(quiescing.makeServerChannelHandler(channel: channel))
                }
            }
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try setup.start(channel, logger: quiet) { accepted.yield($0) }
                }
            }
            .bind(host: self.host, port: self.port).get()
        self.logger.notice(
            "listening",
            metadata: ["host": "\(self.host)", "port": "\(listening.localAddress?.port ?? self.port)"]
        )
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                for await connection in connections {
                    group.addTask { await setup.http.handle(value: connection, logger: quiet) }
                }
            }
        } onGracefulShutdown: {
            // No more connections; those that wait for a request end, the others when they are done.
            let done = listening.eventLoop.makePromise(of: Void.self)
            done.futureResult.whenComplete { _ in accepted.finish() }
            quiescing.initiateShutdown(promise: done)
        }
    }

    /// What single connections have to tell is no operator's business.
    private var quietLogger: Logger {
        var quiet = self.logger
        quiet.logLevel = max(self.logger.logLevel, .notice)
        return quiet
    }
}
