import NIOCore
import Synchronization

@testable import Hub

/// Redis's part in memory: says when it has confirmed, and loses what a test does not publish.
// `delegate` is confined to the event loop; everything else is behind the lock.
final class MemoryBroker: Broker, @unchecked Sendable {
    private struct State {
        var wanted: Set<String> = []
        var confirms = true
        var isHearing = true
        var probes = 0
        var log: [String] = []
    }

    weak var delegate: (any BrokerDelegate)?
    private let eventLoop: any EventLoop
    private let state = Mutex(State())

    init(eventLoop: any EventLoop, confirms: Bool) {
        self.eventLoop = eventLoop
        self.state.withLock { $0.confirms = confirms }
    }

    // MARK: What a test does to it

    /// Subscriptions stay unconfirmed from now on, or no longer.
    func confirms(_ confirms: Bool) { self.state.withLock { $0.confirms = confirms } }
    func hears(_ isHearing: Bool) { self.state.withLock { $0.isHearing = isHearing } }

    func confirm(_ topic: String) {
        self.eventLoop.execute { self.delegate?.brokerSubscribed(topic) }
    }

    /// Every wanted topic is confirmed again, after a loss.
    func recover() {
        self.eventLoop.execute { self.delegate?.brokerRecovered() }
    }

    func publish(_ event: CommittedEvent) {
        self.eventLoop.execute {
            if self.wanted.contains(event.topic) { self.delegate?.brokerReceived(event) }
        }
    }

    var wanted: Set<String> { self.state.withLock { $0.wanted } }
    var probes: Int { self.state.withLock { $0.probes } }
    /// `+topic` and `-topic`, as they were asked for.
    var log: [String] { self.state.withLock { $0.log } }

    // MARK: Broker

    var isHearing: Bool { self.state.withLock { $0.isHearing } }

    func subscribe(_ topic: String) {
        self.eventLoop.assertInEventLoop()
        let confirms = self.state.withLock { state in
            state.wanted.insert(topic)
            state.log.append("+" + topic)
            return state.confirms
        }
        if confirms { self.confirm(topic) }
    }

    func unsubscribe(_ topic: String) {
        self.eventLoop.assertInEventLoop()
        self.state.withLock { state in
            state.wanted.remove(topic)
            state.log.append("-" + topic)
        }
    }

    func probe() {
        self.eventLoop.assertInEventLoop()
        self.state.withLock { $0.probes += 1 }
    }
}
