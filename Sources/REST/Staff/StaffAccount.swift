import Outbox
import Postgres

/// Whose account a card is: one person's card and account have the same e-mail. The salon's own accounts alone count.
enum StaffAccount {
    /// The account with this e-mail, unless it has a card.
    static func withoutCard(_ unit: UnitOfWork, email: String, salonID: Int64) async throws -> (id: Int64, role: Role)? {
        let rows = try await unit.query(
            """
            SELECT u.id, u.role FROM users u WHERE u.salon_id = \(salonID) AND u.email = \(email)
              AND NOT EXISTS (SELECT 1 FROM staff s WHERE s.salon_id = u.salon_id AND s.user_id = u.id)
            """
        )
        guard let row = rows.first, let role = Role(rawValue: try row.get("role")) else { return nil }
        return (try row.get("id"), role)
    }

    /// The card of somebody who works here with this e-mail, locked, unless it has an account.
    static func cardWithout(_ unit: UnitOfWork, email: String, salonID: Int64) async throws -> Int64? {
        try await unit.query(
            """
            SELECT id FROM staff WHERE salon_id = \(salonID) AND lower(email) = \(email) AND user_id IS NULL AND is_active
            FOR NO KEY UPDATE
            """
        ).first?.get("id")
    }

    /// Whoever has an account needs no invitation.
    static func endInvitations(_ unit: UnitOfWork, of staffID: Int64) {
        unit.enqueue("DELETE FROM staff_invitations WHERE staff_id = \(staffID) AND used_at IS NULL")
    }
}
