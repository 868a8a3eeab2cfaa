import Logging
import Postgres
import ServiceLifecycle

/// Takes away what nobody can ask for any more: old events (as a prefix of each topic, never as holes), answers kept for
/// Idempotency-Keys, sessions and ways back to lost passwords that have expired.
struct Housekeeping: Service {
    private static let pause = Duration.seconds(600)
    private static let batch: Int64 = 5_000

    let client: PostgresClient
    let retentionDays: Int
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await self.tidy()
                } catch {
                    if Task.isCancelled { return }
                    self.logger.warning("housekeeping failed", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: Self.pause)
            }
        }
    }

    func tidy() async throws {
        while try await self.pruneEvents() == Self.batch { try Task.checkCancellation() }
        try await self.alone("DELETE FROM idempotency_keys WHERE created_at < now() - interval '24 hours'")
        // Telegram repeats nothing that is older than a day.
        try await self.alone("DELETE FROM telegram_updates WHERE handled_at < now() - interval '3 days'")
        try await self.alone("DELETE FROM notifications WHERE created_at < now() - interval '90 days'")
        try await self.alone("DELETE FROM sessions WHERE expires_at < now() - interval '1 day'")
        try await self.alone("DELETE FROM password_resets WHERE expires_at < now() - interval '1 day'")
    }

    /// Within a topic `created_at` grows with `seq`, so what is older than a moment is a prefix. The oldest go first, so a
    /// batch too leaves no hole.
    private func pruneEvents() async throws -> Int64 {
        try await self.alone(
            """
            WITH old AS (
                SELECT topic, max(seq) AS seq FROM (
                    SELECT topic, seq FROM events WHERE created_at < now() - make_interval(days => \(Int64(self.retentionDays))::int)
                    ORDER BY created_at LIMIT \(Self.batch)) AS oldest
                GROUP BY topic)
            DELETE FROM events e USING old WHERE e.topic = old.topic AND e.seq <= old.seq
            """
        )
    }

    /// Two nodes that delete the same rows, each in its own order, would wait for each other: whoever finds the other at it
    /// leaves it to the other. The lock is the transaction's, so that any pooler may stand between.
    ///
    /// - Returns: how many rows are gone
    @discardableResult
    private func alone(_ deletion: SQL) async throws -> Int64 {
        try await self.client.transaction { connection in
            let isOurs: Bool = try await connection.query(
                "SELECT pg_try_advisory_xact_lock(hashtextextended('adelante housekeeping', 0)) AS is_ours"
            ).only().get("is_ours")
            guard isOurs else { return 0 }
            return Int64(try await connection.query(deletion).affected)
        }
    }
}
