import Logging
import NIOCore
import Synchronization

/// The command connection on its event loop: runs ``CommandStateMachine``, the deadline's timer and the heartbeat.
final class CommandPipeline: RESPHandlerOwner {
    enum Request {
        case call(@Sendable (Result<RESPValue, RedisError>) -> Void)
        case publish
        case heartbeat
    }

    private let eventLoop: any EventLoop
    private let configuration: RedisConfiguration
    private let state: ClientState
    private let logger: Logger
    private var machine = CommandStateMachine<Request>()
    private var handler: RESPHandler?
    private var timer: Scheduled<Void>?
    private var heartbeat: Scheduled<Void>?
    private var lastActivity = NIODeadline.uptimeNanoseconds(0)
    private var inFlight = 0
    private var isShutDown = false

    init(configuration: RedisConfiguration, eventLoop: any EventLoop, state: ClientState, logger: Logger) {
        self.eventLoop = eventLoop
        self.configuration = configuration
        self.state = state
        self.logger = logger
    }

    // MARK: requests

    /// Sends one formatted command.
    func submit(_ bytes: ByteBuffer, _ completion: @escaping @Sendable (Result<RESPValue, RedisError>) -> Void) {
        self.eventLoop.assertInEventLoop()
        self.enqueue(.call(completion))
        if self.machine.isOpen {
            self.transmit(bytes)
        }
    }

    /// Sends what the threads have published since the last time.
    func drainPublishes() {
        self.eventLoop.assertInEventLoop()
        let (bytes, count) = self.state.values.withLock { $0.publishes.take() }
        guard count > 0 else { return }
        guard self.machine.isOpen else {
            self.state.values.withLock { $0.publishes.lost(count) }
            return
        }
        for _ in 0..<count {
            self.enqueue(.publish)
        }
        self.transmit(bytes)
    }

    private func enqueue(_ request: Request) {
        let now = self.eventLoop.now
        switch self.machine.submit(request, deadline: now + TimeAmount(self.configuration.commandTimeout)) {
        case .send(let arm):
            self.lastActivity = now
            if let arm, self.timer == nil {
                self.arm(arm)
            }
        case .refuse(.call(let completion)):
            let cause = self.state.values.withLock { $0.lastError }
            completion(.failure(RedisError(.notConnected, "Not connected to \(self.configuration)", underlying: cause)))
        case .refuse(.publish), .refuse(.heartbeat):
            preconditionFailure("Only calls are submitted without a look at the machine")
        }
    }

    private func transmit(_ bytes: ByteBuffer) {
        self.inFlight += bytes.readableBytes
        self.state.values.withLock { $0.publishes.inFlightChanged(to: self.inFlight) }
        self.handler?.send(bytes)
    }

    // MARK: timers

    private func arm(_ deadline: NIODeadline) {
        self.timer = self.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.timer = nil
            switch self.machine.deadlineReached(now: self.eventLoop.now) {
            case .closeTimedOut:
                let limit = self.configuration.commandTimeout
                self.handler?.close(RedisError(.timeout, "\(self.configuration) did not answer within \(limit)"))
            case .rearm(let next):
                self.arm(next)
            case .wait:
                break
            }
        }
    }

    private func scheduleHeartbeat() {
        let next = self.lastActivity + TimeAmount(self.configuration.heartbeatInterval)
        self.heartbeat = self.eventLoop.assumeIsolated().scheduleTask(deadline: next) {
            guard self.machine.isOpen else { return }
            if self.eventLoop.now >= self.lastActivity + TimeAmount(self.configuration.heartbeatInterval),
                let ping = try? RESPCommand.encode(["PING"])
            {
                self.enqueue(.heartbeat)
                self.transmit(ping)
            }
            self.scheduleHeartbeat()
        }
    }

    // MARK: RESPHandlerOwner

    func attached(_ handler: RESPHandler) {
        self.handler = handler
    }

    func ready(_ handler: RESPHandler) {
        guard !self.isShutDown else {
            handler.close(RedisError(.connectionLost, "The service ends"))
            return
        }
        self.machine.opened()
        self.lastActivity = self.eventLoop.now
        self.scheduleHeartbeat()
        let callbacks = self.state.values.withLock { values in
            values.isConnected = true
            values.lastError = nil
            values.publishes.opened()
            return values.onConnected
        }
        for callback in callbacks {
            callback()
        }
    }

    func received(_ value: RESPValue) {
        switch self.machine.received() {
        case .complete(let request):
            self.complete(request, with: value)
        case .completeAndClose(let request):
            self.complete(request, with: value)
            self.handler?.close(RedisError(.connectionLost, "The service ends"))
        case .closeUnsolicited:
            self.handler?.close(RedisError(.protocolError, "Redis sent a reply that nothing had asked for"))
        case .ignore:
            break
        }
    }

    private func complete(_ request: Request, with value: RESPValue) {
        guard case .error(let text) = value else {
            if case .call(let completion) = request {
                completion(.success(value))
            }
            return
        }
        let error = RedisError(reply: text)
        if error.code == .readOnly {
            // After a failover the name leads to another server. Closed first, so that whoever is told finds no connection.
            self.handler?.close(error)
        }
        switch request {
        case .call(let completion):
            completion(.failure(error))
        case .publish:
            self.state.values.withLock { $0.publishes.lost(1) }
            self.logger.warning("Redis refused a PUBLISH", metadata: ["error": "\(error)"])
        case .heartbeat:
            self.logger.debug("Redis refused a PING", metadata: ["error": "\(error)"])
        }
    }

    func flushed(_ byteCount: Int, by handler: RESPHandler) {
        guard handler === self.handler else { return }
        self.inFlight = max(0, self.inFlight - byteCount)
        self.state.values.withLock { $0.publishes.inFlightChanged(to: self.inFlight) }
    }

    func closed(_ error: RedisError, by handler: RESPHandler) {
        guard handler === self.handler else { return }
        self.handler = nil
        self.inFlight = 0
        self.timer?.cancel()
        self.timer = nil
        self.heartbeat?.cancel()
        self.heartbeat = nil
        let pending = self.machine.closed()
        let now = self.eventLoop.now
        self.state.values.withLock { values in
            values.isConnected = false
            values.lastError = error
            values.publishes.closed()
        }
        for item in pending {
            switch item.request {
            case .call(let completion):
                if error.code == .timeout, item.deadline > now {
                    let message = "Closed since an earlier command was not answered in time"
                    completion(.failure(RedisError(.connectionLost, message, underlying: error)))
                } else if error.code == .timeout || error.code == .protocolError || error.code == .connectionLost {
                    completion(.failure(error))
                } else {
                    completion(.failure(RedisError(.connectionLost, "Closed before the reply came", underlying: error)))
                }
            case .publish:
                self.state.values.withLock { $0.publishes.lost(1) }
            case .heartbeat:
                break
            }
        }
    }

    func shutDown() {
        self.isShutDown = true
        self.drainPublishes()
        self.state.values.withLock { values in
            values.isConnected = false
            values.publishes.closed()
        }
        switch self.machine.drain() {
        case .wait:
            break
        case .close:
            self.handler?.close(RedisError(.connectionLost, "The service ends"))
        }
    }
}
