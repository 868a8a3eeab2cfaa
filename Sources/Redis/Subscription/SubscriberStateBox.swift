import Synchronization

/// What all threads may see of the subscription connection.
final class SubscriberStateBox: Sendable {
    private let values = Mutex<(state: RedisSubscriberState, error: RedisError?)>((.disconnected, nil))

    var current: RedisSubscriberState { self.values.withLock { $0.state } }
    var lastError: RedisError? { self.values.withLock { $0.error } }

    func set(_ state: RedisSubscriberState, because error: RedisError? = nil) {
        self.values.withLock { values in
            values.state = state
            if let error {
                values.error = error
            } else if state == .hearing {
                values.error = nil
            }
        }
    }

    /// An attempt failed before there was a connection to speak of.
    func failed(_ error: RedisError) {
        self.values.withLock { $0.error = error }
    }
}
