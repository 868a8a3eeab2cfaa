import Logging
import NIOCore
import NIOPosix
import NIOSSL
import ServiceLifecycle

/// Keeps one connection up for its owner: connects, waits for the end, backs off, connects again, until the service ends.
struct ConnectionKeeper: Sendable {
    let configuration: RedisConfiguration
    let eventLoop: any EventLoop
    let logger: Logger
    /// Called on the loop.
    let owner: @Sendable () -> any RESPHandlerOwner
    /// Tells why there is no connection; called on any thread.
    let failed: @Sendable (RedisError) -> Void

    /// Returns on graceful shutdown or cancellation.
    ///
    /// - Throws: ``RedisError`` `.tlsFailed` when the certificate authorities can't be loaded: no retry would help.
    func run() async throws {
        let tls = try self.makeTLSContext()
        await cancelWhenGracefulShutdown {
            await withTaskCancellationHandler {
                await self.connectForever(tls)
            } onCancel: {
                self.eventLoop.execute { self.owner().shutDown() }
            }
        }
    }

    private func makeTLSContext() throws(RedisError) -> NIOSSLContext? {
        guard let tls = self.configuration.tls else { return nil }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if let file = tls.certificateAuthorities {
            configuration.trustRoots = .file(file)
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            let file = tls.certificateAuthorities ?? "the system's"
            throw RedisError(.tlsFailed, "The certificate authorities (\(file)) can't be loaded", underlying: error)
        }
    }

    private func connectForever(_ tls: NIOSSLContext?) async {
        var backoff = Backoff(
            minimum: self.configuration.reconnectMinimum,
            maximum: self.configuration.reconnectMaximum
        )
        var lastCode: RedisError.Code?
        while !Task.isCancelled {
            let (error, usable) = await self.connectOnce(tls)
            guard !Task.isCancelled else { return }
            self.failed(error)
            let wait = backoff.wait(afterUsable: usable ?? .zero, random: Double.random(in: 0..<1))
            // Once in a row is enough of a warning.
            let level: Logger.Level = error.code == lastCode && usable == nil ? .debug : .warning
            lastCode = error.code
            self.logger.log(
                level: level,
                "\(usable == nil ? "Could not connect to" : "Lost the connection to") Redis",
                metadata: ["server": "\(self.configuration)", "error": "\(error)", "retryIn": "\(wait)"]
            )
            try? await Task.sleep(for: wait)
        }
    }

    /// One connection from beginning to end: why it ended, and how long it was usable (nil: never).
    private func connectOnce(_ tls: NIOSSLContext?) async -> (RedisError, usable: Duration?) {
        let configuration = self.configuration
        let owner = self.owner
        do {
            let (channel, handler) = try await ClientBootstrap(group: self.eventLoop)
                .connectTimeout(TimeAmount(configuration.connectTimeout))
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelOption(.socketOption(.so_keepalive), value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        if let tls {
                            try channel.pipeline.syncOperations.addHandler(Self.makeTLSHandler(tls, configuration.host))
                        }
                        let handler = RESPHandler(configuration: configuration, owner: owner())
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                }
                .connect(host: configuration.host, port: configuration.port)
                .flatMapThrowing { channel in
                    let handler = try channel.pipeline.syncOperations.handler(type: RESPHandler.self)
                    return (channel, NIOLoopBound(handler, eventLoop: channel.eventLoop))
                }
                .get()
            return try await channel.closeFuture.flatMapThrowing {
                let handler = handler.value
                let reason = handler.closeReason ?? RedisError(.connectionLost, "The connection was closed")
                let usable = handler.readySince.map { channel.eventLoop.now - $0 }
                return (reason, usable.map { .nanoseconds($0.nanoseconds) })
            }.get()
        } catch let error as RedisError {
            return (error, nil)
        } catch {
            return (RedisError(.connectFailed, "Could not connect to \(configuration)", underlying: error), nil)
        }
    }

    private static func makeTLSHandler(_ context: NIOSSLContext, _ host: String) throws -> NIOSSLClientHandler {
        // An IP address is no server name (RFC 6066 section 3): NIOSSL then checks the address in the certificate.
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        return try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : host)
    }
}
