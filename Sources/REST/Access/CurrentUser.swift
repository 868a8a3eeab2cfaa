import Postgres

/// The caller of a request: a live session of an active user, as PostgreSQL has it now.
struct CurrentUser: Sendable {
    let id: Int64
    let salonID: Int64
    let sessionID: Int64
    let role: Role
    let permissions: Permissions
    let firstName: String
    let lastName: String
    let email: String
    /// The user's own language, or the salon's.
    let language: Language

    /// How the audit log and other people's screens name them.
    var name: String {
        let name = "\(self.firstName) \(self.lastName)".trimmed
        return name.isEmpty ? self.email : name
    }

    var seesPhones: Bool { RoleMatrix.seesPhones(self.role) }

    func may(_ module: Module, _ verb: Verb) -> Bool {
        self.permissions.allows(module, verb)
    }
}

/// Finds out who a token speaks for.
struct SessionDirectory: Sendable {
    let client: PostgresClient
    let signer: TokenSigner

    /// - Throws: 401 for a token that is missing, broken, expired, of another type or of an ended session; 404 for a user that
    ///   is gone; 403 for an inactive one
    func user(bearer token: String?) async throws -> CurrentUser {
        guard let token else { throw APIError(.notAuthenticated) }
        let claims: TokenClaims
        do throws(TokenError) {
            claims = try self.signer.verify(token, type: .access, now: UnixTime.now())
        } catch {
            throw APIError(error == .wrongType ? .invalidTokenType : .notAuthenticated)
        }
        let rows = try await self.client.query(
            """
            SELECT u.salon_id, u.role, u.first_name, u.last_name, u.email, u.is_active, coalesce(u.language, salon.language) AS language,
                   s.ended_at IS NULL AND s.expires_at > now() AS lives, \(RoleRights.column)
            FROM users u JOIN salons salon ON salon.id = u.salon_id \(RoleRights.join)
            LEFT JOIN sessions s ON s.id = \(claims.sessionID) AND s.user_id = u.id
            WHERE u.id = \(claims.userID)
            """
        )
        guard let row = rows.first else { throw APIError(.userNotFound) }
        guard try row.get("lives", as: Bool?.self) == true else { throw APIError(.notAuthenticated) }
        guard try row.get("is_active") else { throw APIError(.userInactive) }
        guard let role = Role(rawValue: try row.get("role")) else { throw APIError(.forbidden) }
        return CurrentUser(
            id: claims.userID,
            salonID: try row.get("salon_id"),
            sessionID: claims.sessionID,
            role: role,
            permissions: try RoleRights.permissions(row, role: role.rawValue),
            firstName: try row.get("first_name"),
            lastName: try row.get("last_name"),
            email: try row.get("email"),
            language: Language(rawValue: try row.get("language")) ?? .ukrainian
        )
    }
}
