import Postgres

/// The caller of a request: a live session of an active user, as PostgreSQL has it now.
struct CurrentUser: Sendable, Equatable {
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

    let guesses = LoginGuesses()

    init(client: PostgresClient, signer: TokenSigner) {
        self.client = client
        self.signer = signer
    }

    /// What a token says, before anybody has looked whether it still holds.
    ///
    /// - Throws: 401 for one that is missing, broken, expired or of another type
    func claims(bearer token: String?) throws(APIError) -> TokenClaims {
        guard let token else { throw APIError(.notAuthenticated) }
        do throws(TokenError) {
            return try self.signer.verify(token, type: .access, now: UnixTime.now())
        } catch {
            throw APIError(error == .wrongType ? .invalidTokenType : .notAuthenticated)
        }
    }

    /// - Throws: 401 for an ended session; 404 for a user that is gone; 403 for an inactive one
    func user(_ claims: TokenClaims) async throws -> CurrentUser {
        let look = self.look(for: claims)
        let rows = try await self.client.query(look)
        let user = try self.user(of: claims, in: rows)
        self.guesses.keep(LoginGuess(user: user, fingerprint: rows.fingerprint, look: look))
        return user
    }

    /// The statement that finds a user with their session.
    func look(for claims: TokenClaims) -> SQL {
        """
        SELECT u.salon_id, u.role, u.first_name, u.last_name, u.email, u.is_active, coalesce(u.language, salon.language) AS language,
               s.ended_at IS NULL AND s.expires_at > now() AS lives, \(RoleRights.column)
        FROM users u JOIN salons salon ON salon.id = u.salon_id \(RoleRights.join)
        LEFT JOIN sessions s ON s.id = \(claims.sessionID) AND s.user_id = u.id
        WHERE u.id = \(claims.userID)
        """
    }

    /// What ``look(for:)`` has found.
    func user(of claims: TokenClaims, in rows: PostgresRows) throws -> CurrentUser {
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
