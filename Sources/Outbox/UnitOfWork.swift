import Hub
public import Postgres
import Synchronization

/// One transaction of a request: what it writes, and the events that report it.
///
/// The events are recorded by the transaction's last statement, so a rolled-back change has no event and a committed one
/// always has.
public final class UnitOfWork: Sendable {
    /// The transaction's connection.
    public let connection: PostgresConnection
    private let state = Mutex(State())

    private struct State {
        var pending: [PendingEvent] = []
        var deferred: [Deferred] = []
        var gathered: [String: Set<Int64>] = [:]
        var afterCommit: [@Sendable () -> Void] = []
    }

    /// An event that is to be recorded.
    public struct PendingEvent: Sendable {
        var topic: String
        var type: String
        var data: PostgresJSON

        /// - Parameters:
        ///   - topic: as the database names it
        ///   - type: what happened
        ///   - data: the JSON that a role that sees everything gets
        public init(_ topic: String, _ type: String, _ data: PostgresJSON) {
            self.topic = topic
            self.type = type
            self.data = data
        }
    }

    private struct Deferred: Sendable {
        var topics: [String]
        var events: @Sendable (UnitOfWork) async throws -> [PendingEvent]
    }

    init(connection: PostgresConnection) {
        self.connection = connection
    }

    /// Runs a statement in the transaction.
    public func query(_ statement: SQL) async throws(PostgresError) -> PostgresRows {
        try await self.connection.query(statement)
    }

    /// Reports a change on a topic; it is written when the unit's body has returned.
    ///
    /// - Parameters:
    ///   - topic: as the database names it, for example `salon/7/appointments`
    ///   - type: what happened, for example `appointment:created`
    ///   - data: the JSON that a role that sees everything gets
    public func emit(_ topic: String, _ type: String, _ data: PostgresJSON) {
        self.state.withLock { $0.pending.append(PendingEvent(topic, type, data)) }
    }

    /// Reports changes whose events say something that others may change at the same time (a count, say): they are made when
    /// the heads of their topics are locked, so no other transaction reports on these topics between the look and the commit.
    ///
    /// - Parameters:
    ///   - topics: where the events go
    ///   - events: makes them, with statements of its own
    public func emit(on topics: [String], _ events: @escaping @Sendable (UnitOfWork) async throws -> [PendingEvent]) {
        self.state.withLock { $0.deferred.append(Deferred(topics: topics, events: events)) }
    }

    /// As ``emit(on:_:)``, for rows that several parts of a transaction may change: each is reported once, as all of them leave it.
    ///
    /// - Parameters:
    ///   - topic: where the events go
    ///   - kind: what the ids are of
    ///   - ids: the rows, beside those that were named before
    ///   - events: makes the events of all rows, in the order of their ids; that of the first call is used
    public func emit(
        on topic: String,
        of kind: String,
        _ ids: some Sequence<Int64>,
        _ events: @escaping @Sendable (UnitOfWork, [Int64]) async throws -> [PendingEvent]
    ) {
        let key = "\(topic) \(kind)"
        self.state.withLock { state in
            let isFirst = state.gathered[key] == nil
            state.gathered[key, default: []].formUnion(ids)
            guard isFirst else { return }
            state.deferred.append(
                Deferred(topics: [topic]) { unit in
                    let ids = unit.state.withLock { $0.gathered[key] ?? [] }
                    return try await events(unit, ids.sorted())
                }
            )
        }
    }

    /// Something to do once all this is committed, and never if it is not. Quick: the answer waits for it.
    public func afterCommit(_ body: @escaping @Sendable () -> Void) {
        self.state.withLock { $0.afterCommit.append(body) }
    }

    var actionsAfterCommit: [@Sendable () -> Void] { self.state.withLock { $0.afterCommit } }

    /// Everything that is to be recorded; what was deferred is made under the locks of its topics' heads.
    private func resolve() async throws -> [PendingEvent] {
        let (known, deferred) = self.state.withLock { ($0.pending, $0.deferred) }
        guard !deferred.isEmpty else { return known }
        let topics = Set(known.map(\.topic) + deferred.flatMap(\.topics))
        _ = try await self.connection.query(
            """
            SELECT seq FROM topic_heads WHERE topic = ANY(\(Array(topics))::text[]) ORDER BY topic COLLATE "C" FOR NO KEY UPDATE
            """
        )
        var made: [PendingEvent] = []
        for deferred in deferred { made += try await deferred.events(self) }
        // With what these have emitted besides.
        return self.state.withLock { $0.pending } + made
    }

    /// Records the events and commits, both in one round trip, so that the heads are locked shortest.
    func commit() async throws -> [CommittedEvent] {
        let pending = try await self.resolve()
        guard !pending.isEmpty else { return [] }
        let topics = pending.map(\.topic)
        let types = pending.map(\.type)
        let payloads = pending.map(\.data.text)
        let answers = try await self.connection.commit(
            after: [
                """
                SELECT topic, seq, epoch, type, data, created_at, (data ->> 'version')::int8 AS version
                FROM record_events(\(topics)::text[], \(types)::text[], \(payloads)::text[]::jsonb[])
                """
            ]
        )
        // Committed: nothing may fail the request any more. What could not be read here, anti-entropy brings.
        return answers.joined().compactMap { row in try? CommittedEvent(row) }
    }
}
