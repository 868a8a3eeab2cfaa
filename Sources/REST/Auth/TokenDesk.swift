import JSON
import Outbox
import Postgres
import Secrets

/// Makes the token answer of a login: a session row, an access token and a refresh token.
struct TokenDesk: Sendable {
    let backend: Backend

    /// Starts a session for a user and answers `{access_token, refresh_token, token_type, user}`.
    func open(_ unit: UnitOfWork, userID: Int64, salonID: Int64) async throws -> JSONValue {
        let settings = self.backend.settings
        let sessionID = try await UserRepository.insertSession(
            unit,
            userID: userID,
            salonID: salonID,
            seconds: settings.refreshTokenSeconds
        )
        let now = UnixTime.now()
        let refresh = self.backend.signer.sign(
            TokenClaims(
                userID: userID,
                sessionID: sessionID,
                type: .refresh,
                issuedAt: now,
                expiresAt: now + settings.refreshTokenSeconds
            )
        )
        try await UserRepository.setRefreshHash(unit, sessionID: sessionID, OpaqueToken.hash(of: refresh))
        return [
            "access_token": .string(self.accessToken(userID: userID, sessionID: sessionID, now: now)),
            "refresh_token": .string(refresh),
            "token_type": "bearer",
            "user": try await OwnAccount.read(unit, id: userID),
        ]
    }

    func accessToken(userID: Int64, sessionID: Int64, now: Int64) -> String {
        self.backend.signer.sign(
            TokenClaims(
                userID: userID,
                sessionID: sessionID,
                type: .access,
                issuedAt: now,
                expiresAt: now + self.backend.settings.accessTokenSeconds
            )
        )
    }
}
