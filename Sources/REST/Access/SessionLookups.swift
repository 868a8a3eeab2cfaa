import Hub
import Postgres

/// Looks up the sessions of handshakes: those of a few milliseconds are gathered and read in one query.
actor SessionLookups {
    private struct Wanted {
        var claims: TokenClaims
        var continuation: CheckedContinuation<Authentication, Never>
    }

    private static let gatherTime = Duration.milliseconds(3)

    private let client: PostgresClient
    private let signer: TokenSigner
    private var wanted: [Wanted] = []

    init(client: PostgresClient, signer: TokenSigner) {
        self.client = client
        self.signer = signer
    }

    func authenticate(_ token: String) async -> Authentication {
        let claims: TokenClaims
        do throws(TokenError) {
            claims = try self.signer.verify(token, type: .access, now: UnixTime.now())
        } catch {
            return error == .expired ? .expired : .invalid
        }
        return await withCheckedContinuation { continuation in
            self.wanted.append(Wanted(claims: claims, continuation: continuation))
            guard self.wanted.count == 1 else { return }
            // Bounded: it ends with the one query whose answers the callers wait for.
            Task {
                try? await Task.sleep(for: Self.gatherTime)
                await self.look()
            }
        }
    }

    private func look() async {
        let wanted = self.wanted
        self.wanted = []
        do {
            let sessions = wanted.map(\.claims.sessionID)
            let rows = try await self.client.query(
                """
                SELECT s.id, s.user_id, s.salon_id, u.role FROM sessions s JOIN users u ON u.id = s.user_id
                WHERE s.id = ANY(\(sessions)::int8[]) AND s.ended_at IS NULL AND s.expires_at > now() AND u.is_active
                """
            )
            var found: [Int64: (userID: Int64, salonID: Int64, role: String)] = [:]
            for row in rows {
                found[try row.get("id")] = (try row.get("user_id"), try row.get("salon_id"), try row.get("role"))
            }
            for one in wanted {
                guard let session = found[one.claims.sessionID], session.userID == one.claims.userID else {
                    one.continuation.resume(returning: .invalid)
                    continue
                }
                let principal = Principal(
                    userID: session.userID,
                    salonID: session.salonID,
                    sessionID: one.claims.sessionID,
                    role: session.role,
                    expiresAt: one.claims.expiresAt
                )
                one.continuation.resume(returning: .granted(principal))
            }
        } catch {
            for one in wanted { one.continuation.resume(returning: .unavailable) }
        }
    }
}
