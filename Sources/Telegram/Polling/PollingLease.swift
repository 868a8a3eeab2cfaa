import Postgres

/// Who asks Telegram for updates, and from where on: one row a bot. The lease runs by the database's clock; whoever holds it
/// alone may move the offset on.
struct PollingLease: Sendable {
    /// How long a lease lasts that is not renewed.
    static let lifetime = Duration.seconds(5)
    private static let interval: SQL = "interval '5 seconds'"

    let client: PostgresClient
    let botID: Int64
    /// This node.
    let holder: String

    /// What a new holder starts with.
    struct Start: Sendable, Equatable {
        /// The first update that is wanted; `nil` for the earliest that Telegram has.
        var next: Int64?
    }

    /// Takes the lease if nobody holds it.
    ///
    /// After a week without updates Telegram numbers the next one at random, perhaps below our offset: so an old one counts for
    /// nothing.
    func acquire() async throws(PostgresError) -> Start? {
        let rows = try await self.client.query(
            """
            INSERT INTO telegram_polling AS lease (bot_id, holder, lease_until)
            VALUES (\(self.botID), \(self.holder), clock_timestamp() + \(Self.interval))
            ON CONFLICT (bot_id) DO UPDATE SET holder = excluded.holder, lease_until = clock_timestamp() + \(Self.interval)
            WHERE lease.lease_until < clock_timestamp()
            RETURNING CASE WHEN moved_at > now() - interval '6 days' THEN next_update END AS next_update
            """
        )
        guard let row = rows.first else { return nil }
        return Start(next: try row.get("next_update", as: Int64?.self))
    }

    /// - Returns: false if the lease is lost
    func renew() async throws(PostgresError) -> Bool {
        try await self.update("lease_until = clock_timestamp() + \(Self.interval)")
    }

    /// Everything before this update is through.
    ///
    /// - Returns: false if the lease is lost, and nothing was stored
    func moveOn(to next: Int64) async throws(PostgresError) -> Bool {
        try await self.update("next_update = \(next), moved_at = now()")
    }

    /// Lets another node have it at once.
    func release() async throws(PostgresError) {
        _ = try await self.update("lease_until = clock_timestamp()")
    }

    private func update(_ change: SQL) async throws(PostgresError) -> Bool {
        let rows = try await self.client.query(
            """
            UPDATE telegram_polling SET \(change)
            WHERE bot_id = \(self.botID) AND holder = \(self.holder) AND lease_until > clock_timestamp()
            """
        )
        return rows.affected == 1
    }
}
