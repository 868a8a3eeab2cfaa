import Synchronization

/// What all threads may see of the command connection.
final class ClientState: Sendable {
    struct Values {
        var isConnected = false
        var lastError: RedisError?
        var publishes: PublishQueue
        var digests: [RedisScript: String] = [:]
        var onConnected: [@Sendable () -> Void] = []
    }

    let values: Mutex<Values>

    init(configuration: RedisConfiguration) {
        self.values = Mutex(Values(publishes: PublishQueue(limit: configuration.publishBacklog)))
    }
}
