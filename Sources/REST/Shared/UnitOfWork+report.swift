import JSON
import Outbox
import Postgres

/// A change, its audit entry and its event: one transaction, and one place that writes all three.
extension UnitOfWork {
    /// Writes the audit entry of a change and reports it on its topic.
    ///
    /// - Parameters:
    ///   - kind: what was changed
    ///   - action: what was done
    ///   - id: the row
    ///   - name: the row's, for people
    ///   - data: what the event carries, for a reader who sees everything
    ///   - details: what the audit log keeps beside
    ///   - author: who did it; `nil` for the system itself
    func report(
        _ kind: Reports,
        _ action: AuditEntry.Action,
        id: Int64?,
        name: String,
        data: PostgresJSON,
        details: JSONObject = JSONObject(),
        by author: CurrentUser?,
        salonID: Int64
    ) {
        let entry = AuditEntry(entity: kind.word, entityID: id, entityName: name, action: action, details: details)
        self.audit(entry, by: author, salonID: salonID)
        self.emit(Topic.salon(salonID, kind.topic), kind.event(action), data)
    }

    /// Reports a row that has just been made.
    ///
    /// - Returns: the row, for a reader who sees everything
    func reportCreated(
        _ entity: Entity,
        _ id: Int64,
        details: JSONObject = JSONObject(),
        by author: CurrentUser?,
        salonID: Int64
    ) async throws -> PostgresJSON {
        let body = try await entity.read(self, salonID: salonID, id: id)
        self.report(
            entity.reports,
            .created,
            id: id,
            name: entity.name(of: try body.object()),
            data: body,
            details: details,
            by: author,
            salonID: salonID
        )
        return body
    }

    /// Reports rows that have just been made, in one round trip.
    func reportCreated(_ entity: Entity, all ids: [Int64], by author: CurrentUser?, salonID: Int64) async throws {
        let rows = try await self.query(
            """
            SELECT \(entity.alias).id, \(entity.projection) AS body FROM \(entity.source)
            WHERE \(entity.alias).salon_id = \(salonID) AND \(entity.alias).id = ANY(\(ids)) ORDER BY \(entity.alias).id
            """
        )
        let (topic, event) = (Topic.salon(salonID, entity.reports.topic), entity.reports.event(.created))
        for row in rows {
            let body = try row.get("body", as: PostgresJSON.self)
            let (id, name) = (try row.get("id", as: Int64.self), entity.name(of: try body.object()))
            let entry = AuditEntry(entity: entity.reports.word, entityID: id, entityName: name, action: .created)
            self.audit(entry, by: author, salonID: salonID)
            self.emit(topic, event, body)
        }
    }

    /// Changes a row by whatever `write` does, and reports it if that is something.
    ///
    /// - Parameter write: says whether it changed anything; the row is locked
    /// - Returns: the row afterwards, for a reader who sees everything
    /// - Throws: 404 for an id that is unknown, deleted, or of another salon
    func change(
        _ entity: Entity,
        _ id: Int64,
        by author: CurrentUser?,
        salonID: Int64,
        _ write: (UnitOfWork) async throws -> Bool
    ) async throws -> PostgresJSON {
        let condition = entity.condition(salonID: salonID, id: id)
        let locked = self.ask("SELECT 1 FROM \(unescaped: entity.table) WHERE \(condition) FOR NO KEY UPDATE") { !$0.isEmpty }
        // Of the locked row: a statement that comes behind the lock sees it as whoever had it before has left it.
        let read = entity.ask(self, salonID: salonID, id: id)
        guard try await locked.get() else { throw APIError(.notFound) }
        let before = try await read.get()
        guard try await write(self) else { return before }
        let after = try await entity.read(self, salonID: salonID, id: id)
        let (old, new) = (try before.object(), try after.object())
        self.report(
            entity.reports,
            .updated,
            id: id,
            name: entity.name(of: new),
            data: after,
            details: AuditEntry.changes(from: old, to: new, private: entity.unaudited),
            by: author,
            salonID: salonID
        )
        entity.alsoTell(self, id)
        return after
    }

    /// Changes columns of a row, as ``change(_:_:by:salonID:_:)`` does.
    func change(_ entity: Entity, _ id: Int64, _ columns: ColumnChanges, by author: CurrentUser) async throws -> PostgresJSON {
        let condition = entity.condition(salonID: author.salonID, id: id)
        return try await self.change(entity, id, by: author, salonID: author.salonID) { unit in
            try await columns.write(unit, to: entity.table, where: condition)
        }
    }

    /// Hides a row and reports it; the event carries nothing but the id.
    ///
    /// - Throws: 404 for an id that is unknown, deleted, or of another salon
    func hide(_ entity: Entity, _ id: Int64, by author: CurrentUser) async throws {
        let condition = entity.condition(salonID: author.salonID, id: id)
        let hidden = self.ask(
            "UPDATE \(unescaped: entity.table) SET deleted_at = now(), updated_at = now() WHERE \(condition) RETURNING 1"
        ) { !$0.isEmpty }
        let read = entity.ask(self, salonID: author.salonID, id: id)
        guard try await hidden.get() else { throw APIError(.notFound) }
        let name = entity.name(of: try await read.get().object())
        let data = PostgresJSON(text: JSONValue.object(["id": JSONValue(id)]).text)
        self.report(entity.reports, .deleted, id: id, name: name, data: data, by: author, salonID: author.salonID)
    }
}
