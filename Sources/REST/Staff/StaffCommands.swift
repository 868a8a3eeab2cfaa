import Outbox
import Postgres

/// What is done to the salon's people: each in one transaction with its audit entry and event.
struct StaffCommands: Sendable {
    let unit: UnitOfWork
    let user: CurrentUser

    /// A member with an e-mail is invited: within seven days they may set a first password (`/auth/setup`).
    func create(_ input: StaffInput) async throws -> PostgresJSON {
        let insertion = try await self.columns(input, of: nil).insertion(into: "staff", salonID: self.user.salonID)
        let id: Int64 = try await self.unit.query("\(insertion) RETURNING id").only().get("id")
        if let email = input.email.value {
            guard try await self.mayInvite(id) else { throw Self.refusal }
            try await self.invite(id, email)
        }
        return try await self.unit.reportCreated(.staff, id, by: self.user, salonID: self.user.salonID)
    }

    /// - Parameter isForced: whether a member who leaves by it has their visits cancelled
    func update(_ id: Int64, _ input: StaffInput, isForced: Bool) async throws -> PostgresJSON {
        let current = try await self.lock(id)
        if input.isActive == false, current.isActive { try await self.clearVisits(id, isForced) }
        var columns = try await self.columns(input, of: id)
        if let isActive = input.isActive { columns.set("is_active", to: "\(isActive)") }
        let body = try await self.unit.change(.staff, id, columns, by: self.user)
        if current.userID == nil { try await self.inviteAnew(id, input, current) }
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

    /// What is written of a card, with the services that it names.
    ///
    /// - Parameter id: the card, if it is there already: it keeps deleted services that it has
    private func columns(_ input: StaffInput, of id: Int64?) async throws -> ColumnChanges {
        var columns = input.columns
        guard let names = input.services.value else {
            if input.services.isCleared { columns.set("services", to: "'{}'") }
            return columns
        }
        let rows = try await self.unit.query(
            """
            SELECT DISTINCT ON (w.position) s.id FROM unnest(\(names)::text[]) WITH ORDINALITY AS w (name, position)
            JOIN services s ON s.salon_id = \(self.user.salonID)
              AND (s.id::text = w.name OR (s.deleted_at IS NULL AND search_key(s.name) = search_key(w.name)))
              AND (s.deleted_at IS NULL OR s.id = ANY((SELECT services FROM staff WHERE salon_id = s.salon_id AND id = \(id)::int8)::int8[]))
            ORDER BY w.position, s.id::text = w.name DESC, s.is_active DESC, s.id
            """
        )
        guard rows.count == names.count else {
            throw APIError.invalid("services", LocalizedText("there is no such service", "немає такої послуги"))
        }
        var ids: [Int64] = []
        for row in rows {
            let id: Int64 = try row.get("id")
            if !ids.contains(id) { ids.append(id) }
        }
        columns.set("services", to: "\(ids)::int8[]")
        return columns
    }

    // MARK: Invitations

    /// What is open is for the card's e-mail and position. One that has expired is renewed by sending its e-mail again, so that
    /// whoever came too late can still be let in.
    private func inviteAnew(_ id: Int64, _ input: StaffInput, _ current: Current) async throws {
        let email = input.email.applied(to: current.email)
        let isNewAddress = email != current.email
        if isNewAddress {
            _ = try await self.unit.query("DELETE FROM staff_invitations WHERE staff_id = \(id) AND used_at IS NULL")
        }
        guard let email else { return }
        let comesBack = input.isActive == true && !current.isActive
        let isNewPosition = (input.position.applied(to: current.position) ?? StaffInput.defaultPosition) != current.position
        if isNewAddress || isNewPosition || comesBack {
            guard try await self.mayInvite(id) else { throw Self.refusal }
        }
        guard !input.email.isKept, try await !self.isInvited(id), try await self.mayInvite(id) else { return }
        _ = try await self.unit.query("DELETE FROM staff_invitations WHERE staff_id = \(id) AND used_at IS NULL")
        try await self.invite(id, email)
    }

    private func isInvited(_ id: Int64) async throws -> Bool {
        try await self.unit.query(
            """
            SELECT EXISTS (SELECT 1 FROM staff_invitations WHERE staff_id = \(id) AND used_at IS NULL AND expires_at > now())
                AS is_invited
            """
        ).only().get("is_invited")
    }

    private func invite(_ id: Int64, _ email: String) async throws {
        _ = try await self.unit.query(
            "INSERT INTO staff_invitations (salon_id, staff_id, email) VALUES (\(self.user.salonID), \(id), \(email))"
        )
    }

    private static let refusal = APIError(
        .forbidden,
        message: LocalizedText(
            "Only an administrator invites into a role that may do more than your own",
            "Лише адміністратор запрошує на роль, якій дозволено більше, ніж вашій"
        )
    )

    /// Whether the role that the card's position leads to may do no more than the author's own: whoever sets the password may be
    /// the author.
    private func mayInvite(_ id: Int64) async throws -> Bool {
        if self.user.role == .admin { return true }
        let position: String = try await self.unit.query(
            "SELECT position FROM staff WHERE salon_id = \(self.user.salonID) AND id = \(id)"
        ).only().get("position")
        let role = AuthDesk.role(ofPosition: position)
        if role == self.user.role { return true }
        // What no word stands for: visits on purpose over others, and clients' phones.
        if role == .manager || (RoleMatrix.seesPhones(role) && !self.user.seesPhones) { return false }
        let words = try await RoleRights.words(self.unit, salonID: self.user.salonID, role: role)
        return Permissions(words: words).isSubset(of: self.user.permissions)
    }

    // MARK: Parts of it

    private struct Current {
        var email: String?
        var position: String
        var userID: Int64?
        var isActive: Bool
    }

    /// As every booking does, so that none comes between.
    private func lock(_ id: Int64) async throws -> Current {
        let rows = try await self.unit.query(
            """
            SELECT email, position, user_id, is_active FROM staff WHERE salon_id = \(self.user.salonID) AND id = \(id) FOR NO KEY UPDATE
            """
        )
        guard let row = rows.first else { throw APIError(.notFound) }
        return Current(
            email: try row.get("email", as: String?.self),
            position: try row.get("position"),
            userID: try row.get("user_id", as: Int64?.self),
            isActive: try row.get("is_active")
        )
    }

    private func clearVisits(_ id: Int64, _ isForced: Bool) async throws {
        try await UpcomingVisits(of: .staff(id), in: self.user.salonID).clear(self.unit, by: self.user, isForced: isForced)
    }

    private func switchLogin(_ userID: Int64?, _ isActive: Bool) async throws {
        guard let userID else { return }
        _ = try await UserCommands(unit: self.unit, author: self.user).change(userID, UserChange(withCard: isActive))
    }
}
