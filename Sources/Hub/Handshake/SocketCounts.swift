import NIOCore
import Synchronization

/// How many sockets each user and each address has open on this node, and how fast each address shakes hands.
final class SocketCounts: Sendable {
    private struct State {
        var users: [Int64: Int] = [:]
        var addresses: [String: Int] = [:]
        var handshakes: [String: CommandBudget] = [:]
    }

    private let settings: HubSettings
    private let state = Mutex(State())

    init(settings: HubSettings) {
        self.settings = settings
    }

    /// Whether an address may try another handshake now.
    func mayShakeHands(_ address: String) -> Bool {
        guard self.settings.limitsRates else { return true }
        let (rate, burst) = (self.settings.handshakesPerSecond, self.settings.handshakesPerSecond * 10)
        return self.state.withLock { state in
            let now = NIODeadline.now()
            // Forgetting everybody at times costs an attacker's budget no more than one burst.
            if state.handshakes.count > 10_000 { state.handshakes.removeAll() }
            var budget = state.handshakes[address] ?? CommandBudget(burst: burst, now: now)
            let action = budget.command(perSecond: rate, burst: burst, now: now)
            state.handshakes[address] = budget
            return action == .accept
        }
    }

    /// Counts a socket from an address; `false` if it has as many as it may.
    func addSocket(from address: String) -> Bool {
        self.state.withLock { Self.add(&$0.addresses, address, self.settings.maximumSocketsPerAddress) }
    }

    func removeSocket(from address: String) {
        self.state.withLock { Self.remove(&$0.addresses, address) }
    }

    /// Counts a socket of a user; `false` if they have as many as they may.
    func addSocket(ofUser userID: Int64) -> Bool {
        self.state.withLock { Self.add(&$0.users, userID, self.settings.maximumSocketsPerUser) }
    }

    func removeSocket(ofUser userID: Int64) {
        self.state.withLock { Self.remove(&$0.users, userID) }
    }

    private static func add<Key>(_ counts: inout [Key: Int], _ key: Key, _ maximum: Int) -> Bool {
        let count = counts[key, default: 0]
        guard count < maximum else { return false }
        counts[key] = count + 1
        return true
    }

    private static func remove<Key>(_ counts: inout [Key: Int], _ key: Key) {
        guard let count = counts[key] else { return }
        counts[key] = count > 1 ? count - 1 : nil
    }
}
