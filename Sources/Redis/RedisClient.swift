public import Logging
public import NIOCore
public import ServiceLifecycle
import Synchronization

/// The command connection of a process: pipelined, with a deadline on every call, reconnecting by itself.
///
/// It is confined to one event loop inside, and may be called from everywhere. While there is no connection every call fails at once
/// with `.notConnected`: what Redis holds is never the truth, so callers have a fallback and don't wait.
///
/// ```swift
/// let redis = RedisClient(configuration: try RedisConfiguration(url: url), eventLoop: group.any(), logger: logger)
/// // run() in a ServiceGroup, then
/// let reply = try await redis.send(["INCR", "visits"])
/// ```
public final class RedisClient: Service, Sendable {
    /// Where Redis is.
    public let configuration: RedisConfiguration
    /// The loop that owns the connection.
    public let eventLoop: any EventLoop

    private let logger: Logger
    private let state: ClientState
    private let pipeline: NIOLoopBoundBox<CommandPipeline>

    /// Makes a client that does nothing until ``run()``.
    ///
    /// - Parameters:
    ///   - configuration: where Redis is, and the deadlines.
    ///   - eventLoop: the loop the connection will live on.
    ///   - logger: for connection losses and dropped publishes.
    public init(configuration: RedisConfiguration, eventLoop: any EventLoop, logger: Logger) {
        let state = ClientState(configuration: configuration)
        self.configuration = configuration
        self.eventLoop = eventLoop
        self.logger = logger
        self.state = state
        self.pipeline = .makeBoxSendingValue(
            CommandPipeline(configuration: configuration, eventLoop: eventLoop, state: state, logger: logger),
            eventLoop: eventLoop
        )
    }

    /// Connects, and connects again whenever the connection is lost, until graceful shutdown or cancellation; commands under way are
    /// then still answered. To be called once.
    ///
    /// - Throws: ``RedisError`` `.tlsFailed` when the certificate authorities can't be loaded.
    public func run() async throws {
        try await ConnectionKeeper(
            configuration: self.configuration,
            eventLoop: self.eventLoop,
            logger: self.logger,
            owner: { [pipeline] in pipeline.value },
            failed: { [state] error in state.values.withLock { $0.lastError = error } }
        ).run()
    }

    /// Whether a connection takes commands now.
    public var isConnected: Bool { self.state.values.withLock { $0.isConnected } }

    /// Why there is no connection; nil when there is one, and before the first attempt has ended.
    public var lastError: RedisError? { self.state.values.withLock { $0.lastError } }

    /// How many publishes were dropped (no connection, or too large a backlog), refused by Redis, or unanswered when their connection
    /// was lost, since the start.
    public var droppedPublishes: Int { self.state.values.withLock { $0.publishes.dropped } }

    /// Calls `body` on the event loop each time a connection becomes usable; also soon when one is usable already.
    public func onConnected(_ body: @escaping @Sendable () -> Void) {
        let isConnected = self.state.values.withLock { values in
            values.onConnected.append(body)
            return values.isConnected
        }
        if isConnected {
            self.eventLoop.execute(body)
        }
    }

    /// Sends one command and waits for its reply, at most `commandTimeout`.
    ///
    /// - Parameter command: the name and its arguments; never empty.
    /// - Returns: the reply; errors are only found inside of arrays (`EXEC`).
    /// - Throws: ``RedisError``: an error reply by its code, `.notConnected` at once, `.timeout` or `.connectionLost` when it is
    ///   unknown whether Redis has carried the command out.
    public func send(_ command: [RedisArgument]) async throws(RedisError) -> RESPValue {
        let bytes = try RESPCommand.encode(command)
        let result = await withCheckedContinuation { (continuation: CheckedContinuation<Result<RESPValue, RedisError>, Never>) in
            self.submit(bytes) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    /// Publishes without waiting; may be called from any thread, and keeps the order of one thread's calls.
    ///
    /// Dropped, and counted in ``droppedPublishes``, when there is no connection or when more than `publishBacklog` bytes wait for the socket.
    ///
    /// - Parameters:
    ///   - channel: the pub/sub channel.
    ///   - payload: the message.
    public func publish(channel: String, payload: ByteBuffer) {
        guard let command = try? RESPCommand.encode(["PUBLISH", .string(channel), .buffer(payload)]) else {
            self.state.values.withLock { $0.publishes.lost(1) }
            self.logger.warning("A message is too large to publish", metadata: ["bytes": "\(payload.readableBytes)"])
            return
        }
        switch self.state.values.withLock({ $0.publishes.append(command) }) {
        case .wakeUp:
            self.eventLoop.execute { [pipeline] in pipeline.value.drainPublishes() }
        case .doNothing, .droppedNotConnected, .droppedBacklog(first: false):
            break
        case .droppedBacklog(first: true):
            self.logger.warning(
                "Redis is too slow: publishes are dropped",
                metadata: ["server": "\(self.configuration)", "backlogLimit": "\(self.configuration.publishBacklog)"]
            )
        }
    }

    /// Runs a script by its digest (`EVALSHA`), and by its source (`EVAL`) when the server has lost it.
    ///
    /// - Parameters:
    ///   - script: the Lua source; its digest is asked for once (`SCRIPT LOAD`).
    ///   - keys: `KEYS`.
    ///   - arguments: `ARGV`.
    /// - Returns: what the script returned.
    /// - Throws: ``RedisError`` as ``send(_:)`` does.
    public func evaluate(
        _ script: RedisScript,
        keys: [String],
        arguments: [RedisArgument]
    ) async throws(RedisError) -> RESPValue {
        let tail = [.integer(keys.count)] + keys.map { RedisArgument.string($0) } + arguments
        let digest = try await self.digest(of: script)
        do throws(RedisError) {
            return try await self.send(["EVALSHA", .string(digest)] + tail)
        } catch {
            guard error.code == .noScript else { throw error }
            return try await self.send(["EVAL", .string(script.source)] + tail)
        }
    }

    private func digest(of script: RedisScript) async throws(RedisError) -> String {
        if let known = self.state.values.withLock({ $0.digests[script] }) { return known }
        guard let digest = try await self.send(["SCRIPT", "LOAD", .string(script.source)]).string else {
            throw RedisError(.protocolError, "SCRIPT LOAD did not answer with a digest")
        }
        self.state.values.withLock { $0.digests[script] = digest }
        return digest
    }

    /// Sends a formatted command; the completion is called on the event loop, or here when there is no connection.
    func submit(_ bytes: ByteBuffer, _ completion: @escaping @Sendable (Result<RESPValue, RedisError>) -> Void) {
        let (isConnected, cause) = self.state.values.withLock { ($0.isConnected, $0.lastError) }
        guard isConnected else {
            completion(.failure(RedisError(.notConnected, "Not connected to \(self.configuration)", underlying: cause)))
            return
        }
        self.eventLoop.execute { [pipeline] in pipeline.value.submit(bytes, completion) }
    }
}
