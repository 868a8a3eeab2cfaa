import Outbox
import Postgres

/// The caller of something long is not who they were when it began: logged out, switched off, or of other rights.
struct CallerChanged: Error {
    /// What a request that began now would be told.
    let refusal: APIError
}

extension Call {
    /// Looks in a transaction whether the caller may still do what they began.
    ///
    /// - Throws: ``CallerChanged``
    func checkCaller(_ unit: UnitOfWork) async throws {
        let (user, sessions) = (try self.user, self.backend.sessions)
        // The token was looked at when the request came; the session behind it is what can end meanwhile.
        let claims = TokenClaims(userID: user.id, sessionID: user.sessionID, type: .access, issuedAt: 0, expiresAt: .max)
        let rows = try await unit.query(sessions.look(for: claims))
        let now: CurrentUser
        do {
            now = try sessions.user(of: claims, in: rows)
        } catch let refusal as APIError {
            throw CallerChanged(refusal: refusal)
        }
        // Whether somebody of these rights may is asked when they come again.
        guard now == user else { throw CallerChanged(refusal: APIError(.unavailable, retryAfter: 1)) }
    }
}

/// What an import that cannot go on says.
struct ImportInterruption {
    /// Of the rows of the commit that failed.
    let concerned: APIError
    /// Of the rows behind them.
    let following: APIError
    /// Of the request, if nothing was imported before.
    let whole: any Error

    init(_ error: any Error) {
        switch error {
        case let error as CallerChanged:
            self.following = Self.reason(
                "was not imported: your rights have changed, or you are logged out",
                "не імпортовано: ваші права змінилися або ви вийшли із системи"
            )
            (self.concerned, self.whole) = (self.following, error.refusal)
        case let error as PostgresError where error.code == .commitUnknown:
            self.concerned = Self.reason(
                "may have been imported: the connection to the database broke; look before you import it again",
                "можливо, імпортовано: зв'язок із базою обірвався; перевірте, перш ніж імпортувати ще раз"
            )
            // There is no key here by which it could be sent again.
            (self.following, self.whole) = (Self.unavailable, APIError(.outcomeUnknown))
        default:
            (self.concerned, self.following, self.whole) = (Self.unavailable, Self.unavailable, error)
        }
    }

    private static let unavailable = Self.reason(
        "was not imported: the service became unavailable; import the file again: rows whose phone or SKU is there are skipped",
        "не імпортовано: сервіс став недоступним; імпортуйте файл ще раз: рядки з наявним телефоном чи артикулом буде пропущено"
    )

    private static func reason(_ english: String, _ ukrainian: String) -> APIError {
        APIError(.unavailable, message: LocalizedText(english, ukrainian))
    }
}
