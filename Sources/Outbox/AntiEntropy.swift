public import Hub
public import Logging
public import Redis
public import ServiceLifecycle
import Synchronization

/// Asks PostgreSQL again and again what was committed since the last look, and whether the epochs were renewed, and tells the
/// Hub: a lost PUBLISH costs at most a second, and with Redis away altogether the product still works.
public final class AntiEntropy: Service {
    /// While Redis brings events.
    private static let relaxed = Duration.seconds(1)
    /// While it does not.
    private static let alert = Duration.milliseconds(100)

    private let log: any EventLog
    private let hub: RealtimeHub
    private let subscriber: RedisSubscriber
    private let wakeUps: Wakeups
    private let logger: Logger

    /// - Parameters:
    ///   - log: PostgreSQL's events
    ///   - hub: this node's sockets
    ///   - subscriber: tells whether Redis is heard
    ///   - wakeUps: what asks for a look at once
    ///   - logger: for what an operator should know
    public init(log: any EventLog, hub: RealtimeHub, subscriber: RedisSubscriber, wakeUps: Wakeups, logger: Logger) {
        self.log = log
        self.hub = hub
        self.subscriber = subscriber
        self.wakeUps = wakeUps
        self.logger = logger
    }

    /// Looks until the service group stops.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            var position = LogPosition()
            var isBlind = false
            while !Task.isCancelled {
                do {
                    let found = try await self.log.changes(since: position.watermark)
                    self.hub.learned(found.changes)
                    switch position.learned(found) {
                    case .none:
                        break
                    case .firstLook:
                        self.hub.historyRenewed()
                    case .renewed:
                        self.logger.warning("the epochs were renewed")
                        self.hub.historyRenewed()
                    case .wentBack:
                        self.logger.warning("PostgreSQL counts its transactions from further back: another one, or a copy")
                        self.hub.historyRenewed()
                    }
                    if isBlind { self.logger.info("PostgreSQL answers again") }
                    isBlind = false
                } catch {
                    if Task.isCancelled { return }
                    self.hub.cannotLook()
                    if !isBlind { self.logger.warning("cannot look for committed events", metadata: ["error": "\(error)"]) }
                    isBlind = true
                }
                let pause = self.subscriber.state == .hearing && !isBlind ? Self.relaxed : Self.alert
                await self.wakeUps.wait(atMost: pause)
            }
        }
    }
}

/// Lets an event end a pause: the next look does not wait for its second.
public final class Wakeups: Sendable {
    private struct State {
        var isPending = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// Nothing is asked for yet.
    public init() {}

    /// Ends the present pause, or makes the next one short.
    public func wake() {
        self.resume(rememberingIfNobodyWaits: true)
    }

    /// Waits until somebody wakes us, the time is over, or the task is cancelled.
    func wait(atMost pause: Duration) async {
        await withTaskGroup { group in
            group.addTask {
                // The longest pause. Remembered: on a busy machine the time may be over before anybody waits.
                if (try? await Task.sleep(for: pause)) != nil { self.wake() }
            }
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let isPending = self.state.withLock { state in
                        defer { state.isPending = false }
                        if !state.isPending { state.waiter = continuation }
                        return state.isPending
                    }
                    if isPending || Task.isCancelled { self.resume(rememberingIfNobodyWaits: false) }
                    if isPending { continuation.resume() }
                }
            } onCancel: {
                self.resume(rememberingIfNobodyWaits: false)
            }
            group.cancelAll()
        }
    }

    private func resume(rememberingIfNobodyWaits: Bool) {
        let waiter = self.state.withLock { state in
            defer { state.waiter = nil }
            if state.waiter == nil, rememberingIfNobodyWaits { state.isPending = true }
            return state.waiter
        }
        waiter?.resume()
    }
}
