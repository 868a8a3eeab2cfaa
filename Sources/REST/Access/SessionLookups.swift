import Hub
import NIOCore
import Postgres
import Synchronization

/// Looks up the sessions of handshakes: those that come close together, and then while a query runs, are read by one. So the
/// ten thousand of a deploy cost PostgreSQL little, and no task each.
final class SessionLookups: Sendable {
    private struct Wanted {
        var login: Login
        var promise: EventLoopPromise<Authentication>
    }

    private struct State {
        var wanted: [Wanted] = []
        var window = GatherWindow()
        var isLooking = false
        /// PostgreSQL has been asked and has not answered.
        var isAsking = false
    }

    /// How long an answer is waited for: a handshake has to end in time with a PostgreSQL that hangs, too, also one that comes
    /// while others wait.
    private static let patience = TimeAmount.seconds(4)

    private let client: PostgresClient
    private let state = Mutex(State())

    init(client: PostgresClient) {
        self.client = client
    }

    func lookUp(_ login: Login, on eventLoop: any EventLoop) -> EventLoopFuture<Authentication> {
        let promise = eventLoop.makePromise(of: Authentication.self)
        let mustLook = self.state.withLock { state in
            state.wanted.append(Wanted(login: login, promise: promise))
            state.window.add(at: .now())
            defer { state.isLooking = true }
            return !state.isLooking
        }
        // Bounded: it ends when nobody waits any more.
        if mustLook { Task { await self.look() } }
        return promise.futureResult
    }

    private func look() async {
        repeat {
            while let wait = self.state.withLock({ $0.window.wait(at: .now()) }) {
                // Those of the same moment are gathered.
                try? await Task.sleep(for: .nanoseconds(wait.nanoseconds))
            }
            await self.answer(self.take())
        } while self.mustGoOn()
    }

    private func take() -> [Wanted] {
        self.state.withLock { state in
            defer { state.wanted = [] }
            state.window.close()
            return state.wanted
        }
    }

    private func mustGoOn() -> Bool {
        self.state.withLock { state in
            state.isLooking = !state.wanted.isEmpty
            return state.isLooking
        }
    }

    private func answer(_ wanted: [Wanted]) async {
        guard let eventLoop = wanted.first?.promise.futureResult.eventLoop else { return }
        let found = await self.sessionsInTime(Array(Set(wanted.map(\.login.sessionID))), eventLoop)
        let answers = wanted.map { one -> (EventLoopPromise<Authentication>, Authentication) in
            guard let found else { return (one.promise, .unavailable) }
            guard var principal = found[one.login.sessionID], principal.userID == one.login.userID else {
                return (one.promise, .invalid)
            }
            principal.expiresAt = one.login.expiresAt
            return (one.promise, .granted(principal))
        }
        // One turn of each loop for all of its sockets.
        for answers in Dictionary(grouping: answers, by: { ObjectIdentifier($0.0.futureResult.eventLoop) }).values {
            answers.first?.0.futureResult.eventLoop.execute {
                for (promise, answer) in answers { promise.succeed(answer) }
            }
        }
    }

    /// The same, or `nil` if PostgreSQL fails, or does not answer in time.
    private func sessionsInTime(_ ids: [Int64], _ eventLoop: any EventLoop) async -> [Int64: Principal]? {
        let isFree = self.state.withLock { state in
            defer { state.isAsking = true }
            return !state.isAsking
        }
        // The one before was not answered in time, and holds a connection: no second one is given to what hangs.
        guard isFree else { return nil }
        let promise = eventLoop.makePromise(of: [Int64: Principal]?.self)
        let timer = eventLoop.scheduleTask(in: Self.patience) { promise.succeed(nil) }
        // No child: that would be waited for, and what hangs is not cancelled either. The statement's own timeout ends it. Whichever
        // of the two comes second finds the promise fulfilled, which is no fault.
        Task {
            let found = try? await self.sessions(ids)
            self.state.withLock { $0.isAsking = false }
            promise.succeed(found)
        }
        let found = try? await promise.futureResult.get()
        timer.cancel()
        return found ?? nil
    }

    /// The live sessions among these, of active users.
    private func sessions(_ ids: [Int64]) async throws -> [Int64: Principal] {
        let rows = try await self.client.query(
            """
            SELECT s.id, s.user_id, s.salon_id, u.role, \(RoleRights.column)
            FROM sessions s JOIN users u ON u.id = s.user_id \(RoleRights.join)
            WHERE s.id = ANY(\(ids)::int8[]) AND s.ended_at IS NULL AND s.expires_at > now() AND u.is_active
            """
        )
        var found: [Int64: Principal] = [:]
        for row in rows {
            let id: Int64 = try row.get("id")
            let role: String = try row.get("role")
            found[id] = Principal(
                userID: try row.get("user_id"),
                salonID: try row.get("salon_id"),
                sessionID: id,
                role: role,
                rights: try RoleRights.permissions(row, role: role).bits,
                expiresAt: 0
            )
        }
        return found
    }
}
