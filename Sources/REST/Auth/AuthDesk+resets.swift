import HTTPTypes
import JSON
import Outbox
import Postgres
import Secrets

/// The way back to a lost password: a token by mail, good once, within the hour.
extension AuthDesk {
    /// How many letters one account gets within an hour; whoever asks for more is not told.
    private static let lettersAnHour: Int64 = 5

    /// Answers the same for every address, after the same work: for one that nobody has, a token of nobody is kept.
    func forgotPassword() async throws -> Answer {
        var body = BodyReader(try self.call.object())
        let email = body.email("email").value ?? ""
        if email.isEmpty { body.require("email") }
        try body.finish()
        try await self.backend.loginLimits.count("forgot", address: self.call.address, isCostly: true)
        let token = OpaqueToken()
        return try await self.call.write { unit in
            // One after the other, whoever's the address is: those that come together are counted too.
            _ = try await unit.query("SELECT pg_advisory_xact_lock(hashtextextended('password_resets ' || \(email)::text, 0))")
            // The demo accounts' password is everybody's to know: nobody changes it so.
            let rows = try await unit.query(
                """
                INSERT INTO password_resets (token_hash, email, user_id) VALUES (\(token.hash), \(email), (
                    SELECT u.id FROM users u JOIN salons s ON s.id = u.salon_id
                    WHERE u.email = \(email) AND u.is_active AND NOT s.demo
                      AND (SELECT count(*) FROM password_resets r
                           WHERE r.user_id = u.id AND r.created_at > now() - interval '1 hour') < \(Self.lettersAnHour)))
                RETURNING user_id
                """
            )
            if try rows.only().get("user_id", as: Int64?.self) != nil {
                let courier = self.backend.courier
                unit.afterCommit { courier.deliver(.init(email: email, token: token.text)) }
            }
            return .json(["message": .string(Self.isOnItsWay.text(in: self.call.language))])
        }
    }

    private static let isOnItsWay = LocalizedText(
        "If this address has an account, a letter with a link for a new password goes there",
        "Якщо ця адреса має обліковий запис, на неї буде надіслано лист із посиланням для нового пароля"
    )

    /// Ends all of the account's sessions, whoever has them, and shows that its address is its owner's.
    func resetPassword() async throws -> Answer {
        let object = try self.call.object()
        var body = BodyReader(object)
        let text = body.requiredText("token", maximum: 1_000)
        // Documents call it otherwise.
        let password = body.password(
            object.contains("password") ? "password" : object.contains("newPassword") ? "newPassword" : "password"
        )
        try body.finish()
        return try await self.backend.loginLimits.attempt(account: "reset \(text)", address: self.call.address) {
            guard let token = OpaqueToken(text), try await self.isOpen(token) else { throw APIError(.resetTokenInvalid) }
            let hash = try await self.hash(password)
            return try await self.call.write { unit in
                try await self.reset(unit, token, hash)
                return .json(["message": .string(Self.isSet.text(in: self.call.language))])
            }
        }
    }

    private static let isSet = LocalizedText(
        "The new password is set: log in with it",
        "Новий пароль збережено: увійдіть із ним"
    )

    /// A look before a password is hashed for nothing.
    private func isOpen(_ token: OpaqueToken) async throws -> Bool {
        try await self.backend.client.query(
            """
            SELECT EXISTS (SELECT 1 FROM password_resets r JOIN users u ON u.id = r.user_id AND u.email = r.email AND u.is_active
                           WHERE r.token_hash = \(token.hash) AND r.used_at IS NULL AND r.expires_at > now()) AS is_open
            """
        ).only().get("is_open")
    }

    private func reset(_ unit: UnitOfWork, _ token: OpaqueToken, _ hash: String) async throws {
        // The account first: two letters that are used at once wait for each other here. A letter went to an address, and opens
        // nothing to whoever reads that when the account has another.
        _ = try await unit.query(
            """
            SELECT 1 FROM users WHERE id = (SELECT user_id FROM password_resets WHERE token_hash = \(token.hash)) FOR NO KEY UPDATE
            """
        )
        let rows = try await unit.query(
            """
            UPDATE password_resets r SET used_at = now() FROM users u
            WHERE u.id = r.user_id AND u.email = r.email AND u.is_active
              AND r.token_hash = \(token.hash) AND r.used_at IS NULL AND r.expires_at > now()
            RETURNING u.id, u.salon_id
            """
        )
        guard let row = rows.first else { throw APIError(.resetTokenInvalid) }
        let (userID, salonID): (Int64, Int64) = (try row.get("id"), try row.get("salon_id"))
        // Other letters that are on their way are good for nothing from here on.
        _ = try await unit.query("UPDATE password_resets SET used_at = now() WHERE user_id = \(userID) AND used_at IS NULL")
        _ = try await unit.query(
            "UPDATE users SET hashed_password = \(hash), is_verified = true, updated_at = now() WHERE id = \(userID)"
        )
        let user = try await Entity.user.read(unit, salonID: salonID, id: userID)
        unit.report(
            .user,
            .updated,
            id: userID,
            name: Entity.user.name(of: try user.object()),
            data: user,
            details: ["password": true, "via": "reset"],
            by: nil,
            salonID: salonID
        )
        Entity.user.alsoTell(unit, userID)
        try await UserRepository.endSessions(unit, salonID: salonID, userID: userID)
    }
}
