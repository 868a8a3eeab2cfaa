import Hub
public import Postgres
import Synchronization

/// One transaction of a request: what it writes, and the events that report it.
///
/// Statements reach PostgreSQL in the order in which they are handed over, but few of them cost a round trip: what nobody waits
/// for (``enqueue(_:)``, ``ask(_:_:)``) travels with the next statement that somebody does, at the latest with COMMIT.
///
/// The events are recorded by the transaction's last statement, so a rolled-back change has no event and a committed one
/// always has.
public final class UnitOfWork: Sendable {
    private let connection: PostgresConnection
    private let queue: Mutex<StatementQueue>
    private let drafts = Mutex(EventDrafts())
    private let actions = Mutex<[@Sendable () -> Void]>([])

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

    /// - Parameters:
    ///   - connection: a transaction's, in which nothing was sent yet
    ///   - condition: what it has to be sure of
    init(connection: PostgresConnection, condition: TransactionGuard?) {
        self.connection = connection
        // Whoever waits for a row holds a connection that everybody else may need.
        self.queue = Mutex(StatementQueue(condition, opening: "SELECT set_config('lock_timeout', '3s', true)"))
    }

    // MARK: Statements

    /// Runs a statement in the transaction, behind those that were handed over before, in one round trip with them.
    ///
    /// - Throws: ``PostgresError`` of the first of them that failed; what the transaction's guard throws
    public func query(_ statement: SQL) async throws -> PostgresRows {
        try await self.ask(statement) { $0 }.get()
    }

    /// Runs several statements in one round trip.
    ///
    /// - Returns: one result for each, in order
    /// - Throws: as ``query(_:)`` does
    public func query(all statements: [SQL]) async throws -> [PostgresRows] {
        var answers: [PostgresRows] = []
        for asked in statements.map({ self.ask($0) { $0 } }) { answers.append(try await asked.get()) }
        return answers
    }

    /// Takes a statement whose answer nobody wants: an INSERT, an UPDATE, a lock. If it fails, the next one that is waited for
    /// throws that, or the commit.
    public func enqueue(_ statement: SQL) {
        self.queue.withLock { $0.add(statement) }
    }

    /// Takes a statement whose answer is wanted later, so that several can be asked in one round trip.
    ///
    /// - Parameter read: what its rows mean
    public func ask<Value: Sendable>(
        _ statement: SQL,
        _ read: @escaping @Sendable (PostgresRows) throws -> Value
    ) -> Awaited<Value> {
        let slot = AnswerSlot()
        self.queue.withLock { $0.add(statement, slot) }
        return Awaited(from: self) { try slot.rows.map(read) }
    }

    /// Sends what waits.
    func send() async throws {
        let portion = try self.take()
        let answers: [PostgresRows]
        do {
            answers = try await self.connection.pipeline(portion.statements)
        } catch {
            // The answers to the others never come.
            self.queue.withLock { $0.refuse(error) }
            throw error
        }
        try self.put(answers, of: portion)
    }

    private func take() throws -> StatementQueue.Portion {
        try self.queue.withLock { queue in
            if let refusal = queue.refusal { throw refusal }
            return queue.take()
        }
    }

    private func put(_ answers: [PostgresRows], of portion: StatementQueue.Portion) throws {
        do {
            try portion.put(answers)
        } catch {
            // Whatever the body makes of it, there will be no COMMIT.
            self.queue.withLock { $0.refuse(error) }
            throw error
        }
    }

    // MARK: Events

    /// Reports a change on a topic; it is written when the unit's body has returned.
    ///
    /// - Parameters:
    ///   - topic: as the database names it, for example `salon/7/appointments`
    ///   - type: what happened, for example `appointment:created`
    ///   - data: the JSON that a role that sees everything gets
    public func emit(_ topic: String, _ type: String, _ data: PostgresJSON) {
        self.drafts.withLock { $0.known.append(PendingEvent(topic, type, data)) }
    }

    /// Reports changes whose events say something that others may change at the same time (a count, say): they are made when
    /// the heads of their topics are locked, so no other transaction reports on these topics between the look and the commit.
    ///
    /// - Parameters:
    ///   - topics: where the events go
    ///   - events: makes them, with statements of its own
    public func emit(on topics: [String], _ events: @escaping @Sendable (UnitOfWork) async throws -> [PendingEvent]) {
        self.drafts.withLock { $0.add(topics, events) }
    }

    /// As ``emit(on:_:)``, for events that a query can make: it is a part of the statement that records them. Several parts of a
    /// transaction may name rows of one kind: each row is reported once, as all of them leave it.
    ///
    /// - Parameters:
    ///   - topics: where the events go
    ///   - kind: what the ids are of
    ///   - ids: the rows, beside those that were named before
    ///   - select: a query of `place` (an `int8`, the order), `topic`, `type` and `data` (a `jsonb`) for all of the rows; that of
    ///     the first call is used
    public func emit(
        on topics: [String],
        of kind: String,
        _ ids: Awaited<[Int64]>,
        _ select: @escaping @Sendable ([Int64]) -> SQL
    ) {
        self.drafts.withLock { $0.add(topics, of: kind, ids, select) }
    }

    /// Something to do once all this is committed, and never if it is not. Quick: the answer waits for it.
    public func afterCommit(_ body: @escaping @Sendable () -> Void) {
        self.actions.withLock { $0.append(body) }
    }

    var actionsAfterCommit: [@Sendable () -> Void] { self.actions.withLock { $0 } }

    // MARK: The end

    /// Records the events and commits, all in one round trip, so that the heads are locked shortest.
    ///
    /// - Returns: the events, as PostgreSQL has them
    func commit() async throws -> [CommittedEvent] {
        let record = try await self.resolve()
        let (isOpen, hasWork) = self.queue.withLock { ($0.isOpen, $0.hasWork) }
        if !isOpen {
            guard hasWork || !record.isEmpty else { return [] }
            // COMMIT comes after what the transaction has to be sure of, and never on a connection that is broken from the start.
            try await self.send()
        }
        let portion = try self.take()
        let statements = portion.statements + (record.isEmpty ? [] : [record.sql])
        guard !statements.isEmpty else { return [] }
        let answers = try await self.connection.commit(after: statements)
        try self.put(answers, of: portion)
        guard !record.isEmpty, let recorded = answers.last else { return [] }
        // Committed: nothing may fail the request any more. What could not be read here, anti-entropy brings.
        return recorded.compactMap { row in try? CommittedEvent(row) }
    }

    /// Everything that is to be recorded; what was deferred is made under the locks of its topics' heads.
    private func resolve() async throws -> RecordStatement {
        let (known, deferred, topics) = self.drafts.withLock { ($0.known, $0.deferred, $0.topics) }
        var record = RecordStatement()
        guard !deferred.isEmpty else {
            record.add(.events(known))
            return record
        }
        var parts: [RecordStatement.Part?] = []
        for deferred in deferred {
            guard case .selected(let awaited, let select) = deferred.source else {
                parts.append(nil)
                continue
            }
            var ids: Set<Int64> = []
            for some in awaited { ids.formUnion(try await some.get()) }
            parts.append(.selected(select(ids.sorted())))
        }
        self.enqueue(
            """
            SELECT seq FROM topic_heads WHERE topic = ANY(\(topics.sorted())::text[]) ORDER BY topic COLLATE "C" FOR NO KEY UPDATE
            """
        )
        for (index, deferred) in deferred.enumerated() {
            guard case .made(let events) = deferred.source else { continue }
            // The events themselves may be made without a statement.
            try await self.send()
            parts[index] = .events(try await events(self))
        }
        // With what these have emitted besides.
        record.add(.events(self.drafts.withLock { $0.known }))
        for case let part? in parts { record.add(part) }
        return record
    }
}
