import HTTPTypes
import JSON
import Outbox
import Postgres
import Secrets

extension RouteTable {
    /// Login sessions: one row a login, its refresh token valid until expiry, logout or deactivation.
    mutating func addAuth() {
        self.add(.post, "/auth/login", .nobody) { call in try await AuthDesk(call: call).login() }
        self.add(.post, "/auth/refresh", .nobody) { call in try await AuthDesk(call: call).refresh() }
        self.add(.post, "/auth/register", .nobody) { call in try await AuthDesk(call: call).register() }
        self.add(.post, "/auth/setup", .nobody) { call in try await AuthDesk(call: call).setup() }
        self.add(.post, "/auth/forgot-password", .nobody) { call in try await AuthDesk(call: call).forgotPassword() }
        self.add(.post, "/auth/reset-password", .nobody) { call in try await AuthDesk(call: call).resetPassword() }
        self.add(.post, "/auth/logout", .signedIn) { call in
            let user = try call.user
            return try await call.write { unit in
                try await UserRepository.endSession(unit, salonID: user.salonID, sessionID: user.sessionID)
                return .noContent
            }
        }
        self.add(.get, "/auth/me", .signedIn) { call in
            .json(try await OwnAccount.read(call.reader, id: try call.user.id))
        }
    }
}

/// The routes of `/auth` that need no token. A stale one beside them is ignored.
struct AuthDesk: Sendable {
    let call: Call

    var backend: Backend { self.call.backend }

    // MARK: Login and refresh

    func login() async throws -> Answer {
        var body = BodyReader(try self.call.object())
        let email = body.requiredText("email", maximum: 254).lowercased()
        let password = body.raw("password")?.string
        if password?.isEmpty ?? true { body.require("password") }
        try body.finish()
        do {
            return try await self.login(email, password ?? "")
        } catch is ChangedMeanwhile {
            // By another login, which has only hashed it anew; or it is another password by now.
            return try await self.login(email, password ?? "")
        }
    }

    /// The account is not the one whose password was checked any more.
    private struct ChangedMeanwhile: Error {}

    private func login(_ email: String, _ password: String) async throws -> Answer {
        let account = try await self.backend.loginLimits.attempt(account: email, address: self.call.address) {
            let account = try await UserRepository.credentials(self.backend.client, email: email)
            // An unknown e-mail costs the same time as a wrong password.
            let isRight = try await self.verify(password, account?.hash)
            guard isRight, let account else { throw APIError(.invalidCredentials) }
            return account
        }
        // Everybody knows the demo accounts' password: they are for this machine alone.
        guard !account.isDemo || self.call.isLocal else { throw APIError(.demoLocalOnly) }
        guard account.isActive else { throw APIError(.userInactive) }
        // The configured cost may have changed since this password was set.
        let isOutdated = account.hash.map { self.backend.hasher.needsRehash($0) } ?? false
        let hash = isOutdated ? try await self.hash(password) : nil
        return try await self.call.write { unit in
            try await self.confirm(account, unit)
            if let hash { _ = try await unit.query("UPDATE users SET hashed_password = \(hash) WHERE id = \(account.id)") }
            return .json(try await TokenDesk(backend: self.backend).open(unit, userID: account.id, salonID: account.salonID))
        }
    }

    /// A password takes long to check: it may have been changed meanwhile, or the account switched off, with its sessions ended.
    private func confirm(_ account: UserRepository.Credentials, _ unit: UnitOfWork) async throws {
        let rows = try await unit.query(
            """
            SELECT is_active FROM users WHERE id = \(account.id) AND hashed_password = \(account.hash) FOR NO KEY UPDATE
            """
        )
        guard let row = rows.first else { throw ChangedMeanwhile() }
        guard try row.get("is_active") else { throw APIError(.userInactive) }
    }

    private func verify(_ password: String, _ hash: String?) async throws -> Bool {
        try await self.patiently { try await self.backend.hasher.verify(password, against: hash) }
    }

    func hash(_ password: String) async throws -> String {
        try await self.patiently { try await self.backend.hasher.hash(password) }
    }

    /// More passwords at once than can be worked off is no fault, only too much for the moment.
    private func patiently<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let failure as PasswordHasher.Failure where failure == .overloaded || failure == .stopped {
            throw APIError(.unavailable, retryAfter: 1)
        }
    }

    /// The refresh token stays as it is: the client stores the old one again whatever comes back.
    func refresh() async throws -> Answer {
        var body = BodyReader(try self.call.object())
        let token = body.requiredText("refresh_token", maximum: TokenSigner.maximumLength)
        try body.finish()
        let claims: TokenClaims
        do throws(TokenError) {
            claims = try self.backend.signer.verify(token, type: .refresh, now: UnixTime.now())
        } catch {
            throw APIError(error == .wrongType ? .invalidTokenType : .notAuthenticated)
        }
        let rows = try await self.backend.client.query(
            """
            SELECT u.is_active FROM sessions s JOIN users u ON u.id = s.user_id
            WHERE s.id = \(claims.sessionID) AND s.user_id = \(claims.userID) AND s.ended_at IS NULL AND s.expires_at > now()
              AND s.refresh_hash = \(OpaqueToken.hash(of: token))
            """
        )
        guard let row = rows.first else { throw APIError(.notAuthenticated) }
        guard try row.get("is_active") else { throw APIError(.userInactive) }
        let access = TokenDesk(backend: self.backend)
            .accessToken(userID: claims.userID, sessionID: claims.sessionID, now: UnixTime.now())
        return .json(["access_token": .string(access), "refresh_token": .string(token), "token_type": "bearer"])
    }

    // MARK: New accounts

    func register() async throws -> Answer {
        guard self.backend.settings.registrationIsOpen else { throw APIError(.registrationClosed) }
        var body = BodyReader(try self.call.object())
        let email = body.email("email").value ?? ""
        if email.isEmpty { body.require("email") }
        let password = body.password("password")
        let (firstName, lastName) = (body.requiredText("first_name"), body.text("last_name").value ?? "")
        let phone = body.phone("phone").value
        let salonName = body.requiredText("salon_name")
        try body.finish()
        try await self.backend.loginLimits.count("register", address: self.call.address)
        let hash = try await self.hash(password)
        return try await self.call.write { unit in
            let salonID = try await UserRepository.insertSalon(unit, name: salonName, email: email, phone: phone ?? "")
            let userID = try await UserRepository.insert(
                unit,
                .init(
                    salonID: salonID,
                    email: email,
                    hash: hash,
                    firstName: firstName,
                    lastName: lastName,
                    phone: phone,
                    role: .admin
                )
            )
            return .json(
                try await TokenDesk(backend: self.backend).open(unit, userID: userID, salonID: salonID),
                status: .created
            )
        }
    }

    /// An invited member's first password; while nobody exists at all and SETUP_OPEN=on, the first salon and its admin.
    func setup() async throws -> Answer {
        var body = BodyReader(try self.call.object())
        let email = body.email("email").value ?? ""
        if email.isEmpty { body.require("email") }
        let password = body.password("password")
        try body.finish()
        return try await self.backend.loginLimits.attempt(account: "setup \(email)", address: self.call.address) {
            let hash = try await self.hash(password)
            return try await self.call.write { unit in
                // Two first set-ups at once make one salon.
                _ = try await unit.query("SELECT pg_advisory_xact_lock(hashtextextended('adelante setup', 0))")
                let isEmpty: Bool = try await unit.query("SELECT NOT EXISTS (SELECT 1 FROM users) AS is_empty")
                    .only().get("is_empty")
                if isEmpty, self.backend.settings.setupIsOpen {
                    return try await self.firstSalon(unit, email: email, hash: hash)
                }
                return try await self.invited(unit, email: email, hash: hash)
            }
        }
    }

    private func firstSalon(_ unit: UnitOfWork, email: String, hash: String) async throws -> Answer {
        let salonID = try await UserRepository.insertSalon(unit, name: "Adelante", email: email, phone: "")
        let userID = try await UserRepository.insert(
            unit,
            .init(salonID: salonID, email: email, hash: hash, firstName: "", lastName: "", phone: nil, role: .admin)
        )
        return .json(try await TokenDesk(backend: self.backend).open(unit, userID: userID, salonID: salonID), status: .created)
    }

    private func invited(_ unit: UnitOfWork, email: String, hash: String) async throws -> Answer {
        // As a change of a card does: first the card, then its invitations.
        _ = try await unit.query(
            """
            SELECT 1 FROM staff WHERE id IN (SELECT staff_id FROM staff_invitations WHERE email = \(email))
            ORDER BY id FOR NO KEY UPDATE
            """
        )
        // Everybody can have a demo's admin invite them: as its other accounts that is for this machine alone.
        // Of several salons' invitations the one that was followed counts, else the oldest that can be.
        let rows = try await unit.query(
            """
            SELECT i.id, i.salon_id, i.used_at IS NULL AND s.user_id IS NULL AND NOT account.is_there AS is_new,
                   i.expires_at > now() AS is_open, s.id AS staff_id, s.first_name, s.last_name, s.phone, s.position
            FROM staff_invitations i JOIN staff s ON s.id = i.staff_id JOIN salons z ON z.id = i.salon_id
            CROSS JOIN LATERAL (
                SELECT EXISTS (SELECT 1 FROM users u WHERE u.email = i.email AND u.salon_id = i.salon_id) AS is_there
            ) AS account
            WHERE i.email = \(email) AND s.is_active AND (NOT z.demo OR \(self.call.isLocal))
            ORDER BY account.is_there DESC, (i.used_at IS NULL AND s.user_id IS NULL AND i.expires_at > now()) DESC, i.id
            LIMIT 1 FOR NO KEY UPDATE OF i, s
            """
        )
        // Whether an address belongs to somebody else's salon is nobody's business here: unknown, expired, foreign look alike.
        guard let row = rows.first else { throw try await self.refusal(unit, email: email) }
        guard try row.get("is_new") else { throw APIError(.alreadySetUp) }
        guard try row.get("is_open") else { throw try await self.refusal(unit, email: email) }
        let (salonID, staffID): (Int64, Int64) = (try row.get("salon_id"), try row.get("staff_id"))
        let (firstName, lastName): (String, String) = (try row.get("first_name"), try row.get("last_name"))
        let userID: Int64
        do {
            userID = try await UserRepository.insert(
                unit,
                .init(
                    salonID: salonID,
                    email: email,
                    hash: hash,
                    firstName: firstName,
                    lastName: lastName,
                    phone: try row.get("phone", as: String?.self),
                    role: Self.role(ofPosition: try row.get("position"))
                )
            )
        } catch let error as APIError where error.code == .emailTaken {
            // Another salon's.
            throw APIError(.setupNotFound)
        }
        _ = try await unit.change(.staff, staffID, by: nil, salonID: salonID) { unit in
            var columns = ColumnChanges()
            columns.set("user_id", to: "\(userID)")
            return try await columns.write(unit, to: "staff", where: "salon_id = \(salonID) AND id = \(staffID)")
        }
        _ = try await unit.query("UPDATE staff_invitations SET used_at = now() WHERE id = \(try row.get("id", as: Int64.self))")
        let name = "\(firstName) \(lastName)".trimmed
        _ = try await unit.reportCreated(.user, userID, details: ["via": "setup"], by: nil, salonID: salonID)
        let admins = try await NotificationRepository.admins(unit, of: salonID)
        NotificationRepository.send(unit, salonID: salonID, to: admins, link: "/staff") { language in
            NotificationText(
                title: LocalizedText("A staff member has set a password", "Працівник створив пароль").text(in: language),
                message: name
            )
        }
        return .json(try await TokenDesk(backend: self.backend).open(unit, userID: userID, salonID: salonID), status: .created)
    }

    /// An account that was never invited may be told that it is one only where no other salon's could be meant.
    private func refusal(_ unit: UnitOfWork, email: String) async throws -> APIError {
        let isSetUp: Bool = try await unit.query(
            """
            SELECT (SELECT count(*) FROM salons) = 1
               AND EXISTS (SELECT 1 FROM users WHERE email = \(email) AND hashed_password IS NOT NULL) AS is_set_up
            """
        ).only().get("is_set_up")
        return APIError(isSetUp ? .alreadySetUp : .setupNotFound)
    }

    /// Never the admin role.
    static func role(ofPosition position: String) -> Role {
        switch position {
        case "manager": .manager
        case "administrator": .receptionist
        default: .master
        }
    }
}

extension BodyReader {
    /// A new password: at least 8 characters, at most 72 bytes.
    mutating func password(_ field: String) -> String {
        guard let password = self.raw(field)?.string else {
            self.require(field)
            return ""
        }
        switch PasswordPolicy.check(password) {
        case nil: break
        case .tooShort: self.reject(field, "must have at least 8 characters", "має містити щонайменше 8 символів")
        case .tooLong: self.reject(field, "must have at most 72 bytes", "має містити щонайбільше 72 байти")
        case .containsNUL: self.reject(field, "contains control characters", "містить керівні символи")
        }
        return password
    }
}
