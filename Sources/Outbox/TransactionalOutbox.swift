public import Hub
public import Postgres
public import Redis

/// Writes changes together with their events and, once PostgreSQL has them, hands the events to this node's sockets and,
/// through Redis, to everybody else's.
public struct TransactionalOutbox: Sendable {
    private let client: PostgresClient
    private let redis: RedisClient
    private let channels: Channels
    private let hub: RealtimeHub?

    /// - Parameters:
    ///   - client: the node's pool
    ///   - redis: the node's command connection
    ///   - channels: this database's channel names
    ///   - hub: this node's sockets; `nil` for a command that serves none
    public init(client: PostgresClient, redis: RedisClient, channels: Channels, hub: RealtimeHub?) {
        self.client = client
        self.redis = redis
        self.channels = channels
        self.hub = hub
    }

    /// Runs `body` in one transaction with the events that it emits. On a serialization failure or a deadlock all of it is
    /// run again, so `body` must change nothing but the database.
    ///
    /// - Parameters:
    ///   - condition: what has to hold of it, asked in its first round trip
    ///   - body: what it does
    /// - Returns: what `body` returned, after the commit
    /// - Throws: what `body` or the condition threw, after the rollback; ``PostgresError``
    public func transaction<Result: Sendable>(
        if condition: TransactionGuard? = nil,
        _ body: @Sendable (UnitOfWork) async throws -> Result
    ) async throws -> Result {
        let (result, events, actions) = try await self.client.transaction { connection in
            let unit = UnitOfWork(connection: connection, condition: condition)
            let result = try await body(unit)
            return (result, try await unit.commit(), unit.actionsAfterCommit)
        }
        self.hub?.committed(events)
        for event in events {
            self.redis.publish(channel: self.channels.channel(of: event.topic), payload: EventMessage.encode(event))
        }
        for action in actions { action() }
        return result
    }
}
