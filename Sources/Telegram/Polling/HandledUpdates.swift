import Postgres

/// Which updates are through, on whichever node and however they came. Telegram numbers them per bot, and repeats none after a day.
struct HandledUpdates: Sendable {
    let client: PostgresClient
    let botID: Int64

    func contains(_ id: Int64) async throws(PostgresError) -> Bool {
        try await !self.client.query(
            "SELECT 1 FROM telegram_updates WHERE bot_id = \(self.botID) AND update_id = \(id)"
        ).isEmpty
    }

    func add(_ id: Int64) async throws(PostgresError) {
        _ = try await self.client.query(
            "INSERT INTO telegram_updates (bot_id, update_id) VALUES (\(self.botID), \(id)) ON CONFLICT DO NOTHING"
        )
    }
}
