import Outbox
import Postgres

/// What is done to the salon's people: each in one transaction with its audit entry and event.
struct StaffCommands: Sendable {
    let unit: UnitOfWork
    let user: CurrentUser

    /// A member with an e-mail is invited: within seven days they may set a first password (`/auth/setup`).
    func create(_ input: StaffInput) async throws -> PostgresJSON {
        let insertion = input.columns.insertion(into: "staff", salonID: self.user.salonID)
        let id: Int64 = try await self.unit.query("\(insertion) RETURNING id").only().get("id")
        if let email = input.email.value { try await self.invite(id, email) }
        return try await self.unit.reportCreated(.staff, id, by: self.user, salonID: self.user.salonID)
    }

    /// - Parameter isForced: whether a member who leaves by it has their visits cancelled
    func update(_ id: Int64, _ input: StaffInput, isForced: Bool) async throws -> PostgresJSON {
        let current = try await self.lock(id)
        if input.isActive == false, current.isActive { try await self.clearVisits(id, isForced) }
        var columns = input.columns
        if let isActive = input.isActive { columns.set("is_active", to: "\(isActive)") }
        let body = try await self.unit.change(.staff, id, columns, by: self.user)
        if !input.email.isKept, input.email.value != current.email, current.userID == nil {
            _ = try await self.unit.query("DELETE FROM staff_invitations WHERE staff_id = \(id) AND used_at IS NULL")
            if let email = input.email.value { try await self.invite(id, email) }
        }
        if let isActive = input.isActive, isActive != current.isActive { try await self.switchLogin(current.userID, isActive) }
        return body
    }

    /// The member stays in the list as one who has left; their login ends with it.
    func deactivate(_ id: Int64, isForced: Bool) async throws {
        let current = try await self.lock(id)
        guard current.isActive else { return }
        try await self.clearVisits(id, isForced)
        var columns = ColumnChanges()
        columns.set("is_active", to: "false")
        _ = try await self.unit.change(.staff, id, columns, by: self.user)
        try await self.switchLogin(current.userID, false)
    }

    // MARK: Parts of it

    private struct Current {
        var email: String?
        var userID: Int64?
        var isActive: Bool
    }

    /// As every booking does, so that none comes between.
    private func lock(_ id: Int64) async throws -> Current {
        let rows = try await self.unit.query(
            """
            SELECT email, user_id, is_active FROM staff WHERE salon_id = \(self.user.salonID) AND id = \(id) FOR NO KEY UPDATE
            """
        )
        guard let row = rows.first else { throw APIError(.notFound) }
        return Current(
            email: try row.get("email", as: String?.self),
            userID: try row.get("user_id", as: Int64?.self),
            isActive: try row.get("is_active")
        )
    }

    private func clearVisits(_ id: Int64, _ isForced: Bool) async throws {
        try await UpcomingVisits(of: .staff(id), in: self.user.salonID).clear(self.unit, by: self.user, isForced: isForced)
    }

    private func invite(_ id: Int64, _ email: String) async throws {
        _ = try await self.unit.query(
            "INSERT INTO staff_invitations (salon_id, staff_id, email) VALUES (\(self.user.salonID), \(id), \(email))"
        )
    }

    private func switchLogin(_ userID: Int64?, _ isActive: Bool) async throws {
        guard let userID else { return }
        _ = try await UserCommands(unit: self.unit, author: self.user).change(userID, UserChange(isActive: isActive))
    }
}
