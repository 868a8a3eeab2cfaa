import Logging
import NIOCore
import Synchronization

/// The subscription connection on its event loop: runs ``SubscriptionStateMachine`` and ``ProbeStateMachine``, and one timer for both.
/// It outlives the connections.
final class SubscriptionCore: RESPHandlerOwner {
    weak var delegate: (any RedisSubscriptionDelegate)?

    private let eventLoop: any EventLoop
    private let configuration: RedisConfiguration
    private let probeChannel: String
    /// Publishes a nonce; false when it could not even be sent.
    private let publishNonce: (String, @escaping @Sendable (RedisError) -> Void) -> Void
    private let state: SubscriberStateBox
    private let logger: Logger
    private var machine = SubscriptionStateMachine()
    private var probing: ProbeStateMachine
    private var handler: RESPHandler?
    private var isReady = false
    private var isFlushScheduled = false
    private var timer: (task: Scheduled<Void>, at: NIODeadline)?
    private var isShutDown = false

    init(
        configuration: RedisConfiguration,
        eventLoop: any EventLoop,
        probe: RedisProbe,
        publishNonce: @escaping (String, @escaping @Sendable (RedisError) -> Void) -> Void,
        state: SubscriberStateBox,
        logger: Logger
    ) {
        self.configuration = configuration
        self.eventLoop = eventLoop
        self.probeChannel = probe.channel
        self.publishNonce = publishNonce
        self.state = state
        self.logger = logger
        self.probing = ProbeStateMachine(silence: TimeAmount(probe.silence), timeout: TimeAmount(probe.timeout))
        _ = self.machine.subscribe(probe.channel)
    }

    // MARK: for the caller

    func subscribe(_ channel: String) {
        self.eventLoop.assertInEventLoop()
        precondition(channel != self.probeChannel, "The probe channel belongs to the subscriber")
        self.perform(self.machine.subscribe(channel))
    }

    func unsubscribe(_ channel: String) {
        self.eventLoop.assertInEventLoop()
        precondition(channel != self.probeChannel, "The probe channel belongs to the subscriber")
        self.perform(self.machine.unsubscribe(channel))
    }

    func probe() {
        self.eventLoop.assertInEventLoop()
        if case .send(let nonce) = self.probing.probe(now: self.eventLoop.now, nonce: Self.makeNonce()) {
            self.sendProbe(nonce)
        }
    }

    private func perform(_ action: SubscriptionStateMachine.RequestAction) {
        guard case .flush = action, !self.isFlushScheduled else { return }
        self.isFlushScheduled = true
        self.eventLoop.assumeIsolated().execute {
            self.isFlushScheduled = false
            self.flush()
        }
    }

    private func flush() {
        guard self.isReady, let handler = self.handler else { return }
        do throws(RedisError) {
            for command in self.machine.flush(now: self.eventLoop.now) {
                handler.send(try RESPCommand.encode([command.kind.command] + command.channels.map { .string($0) }))
            }
        } catch {
            handler.close(error)
        }
        self.armTimer()
    }

    // MARK: probe and deadlines

    private static func makeNonce() -> String {
        String(UInt64.random(in: .min ... .max), radix: 16)
    }

    private func sendProbe(_ nonce: String) {
        self.publishNonce(nonce) { [eventLoop, bound = NIOLoopBound(self, eventLoop: self.eventLoop)] error in
            eventLoop.execute { bound.value.probeNotPublished(nonce, error) }
        }
        self.armTimer()
    }

    /// The command connection can't publish now. `PING` at least tells whether this connection is alive; the next silence probes again.
    private func probeNotPublished(_ nonce: String, _ error: RedisError) {
        guard self.probing.isWaiting(for: nonce), let handler = self.handler else { return }
        self.logger.debug("A probe could not be published", metadata: ["error": "\(error)"])
        if let ping = try? RESPCommand.encode(["PING", .string(nonce)]) {
            handler.send(ping)
        }
    }

    /// Nothing that Redis owes may take longer.
    private var stallDeadline: NIODeadline? {
        self.machine.waitingSince.map { $0 + TimeAmount(self.configuration.commandTimeout) }
    }

    private func armTimer() {
        let next: NIODeadline
        switch (self.probing.wakeUp, self.stallDeadline) {
        case (nil, nil): return
        case (let time?, nil), (nil, let time?): next = time
        case (let probe?, let stall?): next = min(probe, stall)
        }
        if let timer = self.timer {
            // One that fires too early looks again.
            guard next < timer.at else { return }
            timer.task.cancel()
        }
        let task = self.eventLoop.assumeIsolated().scheduleTask(deadline: next) {
            self.timer = nil
            self.timerFired()
            self.armTimer()
        }
        self.timer = (task, next)
    }

    private func timerFired() {
        let now = self.eventLoop.now
        if let deadline = self.stallDeadline, deadline <= now {
            let limit = self.configuration.commandTimeout
            self.handler?.close(RedisError(.timeout, "\(self.configuration) did not confirm a subscription within \(limit)"))
            return
        }
        switch self.probing.timerFired(now: now, nonce: Self.makeNonce()) {
        case .send(let nonce):
            self.sendProbe(nonce)
        case .becomeSuspect:
            self.state.set(.suspect)
        case .closeDeaf:
            self.handler?.close(RedisError(.timeout, "The subscription connection is deaf: it did not hear its own probe"))
        case .wait:
            break
        }
    }

    // MARK: RESPHandlerOwner

    func attached(_ handler: RESPHandler) {
        self.handler = handler
        self.state.set(.connecting)
    }

    func ready(_ handler: RESPHandler) {
        guard !self.isShutDown else {
            handler.close(RedisError(.connectionLost, "The service ends"))
            return
        }
        self.isReady = true
        self.machine.connected()
        self.flush()
    }

    func received(_ value: RESPValue) {
        do throws(RedisError) {
            switch try PushedValue(value) {
            case .message(self.probeChannel, let payload):
                self.heard(nonce: String(buffer: payload))
            case .message(let channel, let payload):
                self.probing.heard(now: self.eventLoop.now)
                if self.machine.isWanted(channel) {
                    self.delegate?.message(channel: channel, payload: payload)
                }
            case .confirmation(let kind, let channel):
                try self.confirmed(kind, channel)
            case .pong(let nonce):
                self.heard(nonce: nonce)
            }
        } catch {
            self.handler?.close(error)
        }
    }

    private func heard(nonce: String) {
        if case .hearing = self.probing.heard(nonce: nonce, now: self.eventLoop.now) {
            self.state.set(.hearing)
            // the next silence may end before this probe's time would have
            self.armTimer()
        }
    }

    private func confirmed(_ kind: SubscriptionKind, _ channel: String) throws(RedisError) {
        switch self.machine.confirmed(kind, channel, now: self.eventLoop.now) {
        case .subscribed:
            self.tellSubscribed(channel)
        case .subscribedAndAllRestored:
            self.tellSubscribed(channel)
            self.allRestored()
        case .allRestored:
            self.allRestored()
        case .doNothing:
            break
        case .closeUnexpected:
            throw RedisError(.protocolError, "Redis confirmed a subscription that nothing had asked for")
        }
    }

    private func tellSubscribed(_ channel: String) {
        if channel != self.probeChannel {
            self.delegate?.subscribed(channel: channel)
        }
    }

    private func allRestored() {
        self.probing.started(now: self.eventLoop.now)
        self.state.set(.hearing)
        self.armTimer()
        self.delegate?.allSubscribed()
    }

    func flushed(_ byteCount: Int, by handler: RESPHandler) {}

    func closed(_ error: RedisError, by handler: RESPHandler) {
        guard handler === self.handler else { return }
        self.handler = nil
        self.timer?.task.cancel()
        self.timer = nil
        self.probing.stopped()
        self.state.set(.disconnected, because: error)
        guard self.isReady else { return }
        self.isReady = false
        self.machine.disconnected()
        self.delegate?.disconnected()
    }

    func shutDown() {
        self.isShutDown = true
        self.handler?.close(RedisError(.connectionLost, "The service ends"))
    }
}
