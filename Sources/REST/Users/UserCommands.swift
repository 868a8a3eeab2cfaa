import JSON
import Outbox
import Postgres

/// What is done to accounts by others: each in one transaction with its audit entry and events, for lists of accounts and for
/// the sockets of whoever it is about.
struct UserCommands: Sendable {
    let unit: UnitOfWork
    let author: CurrentUser

    private var salonID: Int64 { self.author.salonID }

    /// - Throws: 409 `EMAIL_TAKEN`
    func create(_ input: UserInput, hash: String) async throws -> PostgresJSON {
        let id = try await UserRepository.insert(
            self.unit,
            .init(
                salonID: self.salonID,
                email: input.email,
                hash: hash,
                firstName: input.firstName,
                lastName: input.lastName,
                phone: input.phone,
                role: input.role
            )
        )
        return try await self.unit.reportCreated(.user, id, by: self.author, salonID: self.salonID)
    }

    /// Switches an account on or off, gives it another role, takes its Telegram away, and tells its sockets. The salon's last
    /// admin stays one.
    ///
    /// With a staff card a login is switched on by whoever may edit it only if it was switched off so, too: what an admin has
    /// switched off stays so.
    ///
    /// - Throws: 404; 403 for whoever is no admin and means an admin's account; 409 `LAST_ADMIN`
    func change(_ id: Int64, _ change: UserChange) async throws -> PostgresJSON {
        // As whoever changes what a role may do: its accounts are all told, and who gets it is told of the new rights.
        if change.role != nil { try await SalonSettings.lock(self.unit, salonID: self.salonID) }
        let admins = try await self.unit.query(
            """
            SELECT id FROM users WHERE salon_id = \(self.salonID) AND role = 'admin' AND is_active ORDER BY id FOR NO KEY UPDATE
            """
        )
        let rows = try await self.unit.query(
            """
            SELECT role, is_active, ended_with_card FROM users WHERE salon_id = \(self.salonID) AND id = \(id) FOR NO KEY UPDATE
            """
        )
        guard let row = rows.first else { throw APIError(.notFound) }
        let (oldRole, wasActive): (String, Bool) = (try row.get("role"), try row.get("is_active"))
        let endedWithCard: Bool = try row.get("ended_with_card")
        let role = change.role?.rawValue ?? oldRole
        var isActive = change.isActive ?? wasActive
        if change.isOfCard, !wasActive, !endedWithCard, self.author.role != .admin { isActive = false }
        let wasAdmin = oldRole == Role.admin.rawValue
        // By way of their staff cards others get here too.
        if wasAdmin, self.author.role != .admin { throw APIError(.forbidden) }
        let isLastAdmin = wasActive && wasAdmin && admins.count == 1
        if isLastAdmin, !isActive || role != oldRole { throw APIError(.lastAdmin) }
        var columns = ColumnChanges()
        columns.set("role", to: "\(role)")
        columns.set("is_active", to: "\(isActive)")
        if change.unlinksTelegram {
            columns.set("telegram_id", to: "NULL")
            columns.set("telegram_username", to: "NULL")
        }
        let body = try await self.unit.change(.user, id, columns, by: self.author)
        if change.isActive != nil {
            let endsWithCard = change.isOfCard && !isActive && (wasActive || endedWithCard)
            _ = try await self.unit.query(
                "UPDATE users SET ended_with_card = \(endsWithCard) WHERE salon_id = \(self.salonID) AND id = \(id)"
            )
        }
        if wasActive, !isActive { try await UserRepository.endSessions(self.unit, salonID: self.salonID, userID: id) }
        if role != oldRole, isActive, let role = Role(rawValue: role) {
            RoleRights.announce(self.unit, role, of: id, self.salonID)
        }
        return body
    }
}
