import Outbox
import Postgres
import Synchronization

/// Something that runs statements: the pool, a request's own reader, or a connection in its transaction.
protocol Reader: Sendable {
    func query(_ statement: SQL) async throws(PostgresError) -> PostgresRows
}

extension PostgresClient: Reader {
    func query(_ statement: SQL) async throws(PostgresError) -> PostgresRows {
        try await self.query(statement, file: #fileID, line: #line)
    }
}

extension PostgresConnection: Reader {
    func query(_ statement: SQL) async throws(PostgresError) -> PostgresRows {
        try await self.query(statement, file: #fileID, line: #line)
    }
}

/// Who a request comes from, most likely.
struct LoginGuess: Sendable {
    let user: CurrentUser
    /// Of what PostgreSQL had answered to the look at this session: the same answer to the same look is the same user, and need not
    /// be read again.
    let fingerprint: [UInt8]
    /// That look, to be repeated as it is.
    let look: SQL
}

/// Who the last requests came from, by session. A guess and nothing more: whoever acts on one asks PostgreSQL in the same breath.
final class LoginGuesses: Sendable {
    private static let maximum = 10_000
    private let guesses = Mutex<[Int64: LoginGuess]>([:])

    subscript(_ claims: TokenClaims) -> LoginGuess? {
        self.guesses.withLock { $0[claims.sessionID] }.flatMap { $0.user.id == claims.userID ? $0 : nil }
    }

    func keep(_ guess: LoginGuess) {
        self.guesses.withLock { guesses in
            // Not worth an order of its own: whoever is dropped costs one round trip.
            if guesses.count >= Self.maximum { guesses.removeAll(keepingCapacity: true) }
            guesses[guess.user.sessionID] = guess
        }
    }

    func drop(_ claims: TokenClaims) {
        self.guesses.withLock { _ = $0.removeValue(forKey: claims.sessionID) }
    }
}

/// The reader of a request whose caller is guessed: the look at the session travels with the request's first statement, before
/// it and in one round trip. Nothing that was read is answered, and nothing that was written is committed, unless the session is
/// what it was taken for.
final class GuardedReader: Reader {
    /// The caller is not who they were taken for: everything is done again, by the answer.
    struct WrongGuess: Error {}

    private enum State {
        case open
        case checked
        case wrong
    }

    private let sessions: SessionDirectory
    private let claims: TokenClaims
    private let guess: LoginGuess
    private let state = Mutex(State.open)

    init(_ sessions: SessionDirectory, _ claims: TokenClaims, guess: LoginGuess) {
        self.sessions = sessions
        self.claims = claims
        self.guess = guess
    }

    func query(_ statement: SQL) async throws(PostgresError) -> PostgresRows {
        guard self.state.withLock({ $0 == .open }) else { return try await self.sessions.client.query(statement) }
        let results = try await self.sessions.client.pipeline([self.guess.look, statement])
        self.compare(results[0])
        return results[1]
    }

    /// What a transaction of the request has to be sure of.
    var condition: TransactionGuard {
        TransactionGuard(self.guess.look) { rows in
            self.compare(rows)
            guard self.state.withLock({ $0 == .checked }) else { throw WrongGuess() }
        }
    }

    /// To be asked before anything is answered.
    ///
    /// - Throws: ``WrongGuess``
    func settle() async throws {
        if self.state.withLock({ $0 == .open }) {
            self.compare(try await self.sessions.client.query(self.guess.look))
        }
        guard self.state.withLock({ $0 == .checked }) else { throw WrongGuess() }
    }

    private func compare(_ rows: PostgresRows) {
        let isRight = rows.has(fingerprint: self.guess.fingerprint)
        if !isRight { self.sessions.guesses.drop(self.claims) }
        self.state.withLock { state in
            // Once wrong it stays so; what held at the first look need not at a second one.
            if state != .wrong { state = isRight ? .checked : .wrong }
        }
    }
}
