import Logging
import Postgres
import ServiceLifecycle

/// Takes away what nobody can ask for any more: old events (as a prefix of each topic, never as holes), answers kept for
/// Idempotency-Keys, sessions that have expired.
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
        _ = try await self.client.query("DELETE FROM idempotency_keys WHERE created_at < now() - interval '24 hours'")
        _ = try await self.client.query("DELETE FROM notifications WHERE created_at < now() - interval '90 days'")
        _ = try await self.client.query("DELETE FROM sessions WHERE expires_at < now() - interval '1 day'")
    }

    /// Within a topic `created_at` grows with `seq`, so what is older than a moment is a prefix. The oldest go first, so a
    /// batch too leaves no hole.
    private func pruneEvents() async throws -> Int64 {
        let rows = try await self.client.query(
            """
            WITH old AS (
                SELECT topic, max(seq) AS seq FROM (
                    SELECT topic, seq FROM events WHERE created_at < now() - make_interval(days => \(Int64(self.retentionDays))::int)
                    ORDER BY created_at LIMIT \(Self.batch)) AS oldest
                GROUP BY topic)
            DELETE FROM events e USING old WHERE e.topic = old.topic AND e.seq <= old.seq
            """
        )
        return Int64(rows.affected)
    }
}
