import Logging
import Postgres
import Support
import Testing

@testable import adelante

@Suite("Housekeeping", .inTurn)
struct HousekeepingTests {
    @Test("it takes away what has expired, and leaves that to whoever is at it already")
    func oneAtATime() async throws {
        let database = try await Database.fresh()
        let salonID: Int64 = try await database.value("INSERT INTO salons (name) VALUES ('Салон') RETURNING id")
        let userID: Int64 = try await database.value(
            "INSERT INTO users (salon_id, email, role) VALUES (\(salonID), 'a@b.test', 'admin') RETURNING id"
        )
        for age in ["1 hour", "2 days", "91 days"] {
            try await database.client.query(
                """
                INSERT INTO sessions (salon_id, user_id, expires_at)
                VALUES (\(salonID), \(userID), now() - \(age)::text::interval)
                """
            )
            try await database.client.query(
                """
                INSERT INTO password_resets (token_hash, email, user_id, expires_at)
                VALUES (sha256(\(age)::text::bytea), 'a@b.test', \(userID), now() - \(age)::text::interval)
                """
            )
            try await database.client.query(
                """
                INSERT INTO notifications (salon_id, user_id, type, title, message, created_at)
                VALUES (\(salonID), \(userID), 'info', '', '', now() - \(age)::text::interval)
                """
            )
        }
        let left: SQL = """
            SELECT (SELECT count(*) FROM sessions) + (SELECT count(*) FROM notifications) + (SELECT count(*) FROM password_resets)
            """
        let housekeeping = Housekeeping(client: database.client, retentionDays: 7, logger: Logger(label: "test"))
        try await database.client.transaction { connection in
            _ = try await connection.query("SELECT pg_advisory_xact_lock(hashtextextended('adelante housekeeping', 0))")
            try await housekeeping.tidy()
        }
        #expect(try await database.value(left) == Int64(9))
        try await housekeeping.tidy()
        #expect(try await database.value(left) == Int64(4))
    }
}
