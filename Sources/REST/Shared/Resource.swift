import HTTPTypes
import JSON
import Outbox
import Postgres

/// The body of a request that makes or changes a row, read field by field.
protocol RowInput: Sendable {
    /// - Throws: 422 naming every bad field
    init(_ object: JSONObject, creating: Bool) throws(APIError)

    /// What is written of it.
    var columns: ColumnChanges { get }
}

/// A kind of row with the usual routes: a list, one, a new one, a change, a deletion. A module that has no more than these is
/// one such value, its ``RowInput`` and its ``Entity``; what it does otherwise stands in its hooks.
struct Resource<Input: RowInput>: Sendable {
    /// Of the list: `/services`.
    let path: String
    /// Whose permissions its routes ask for.
    let module: Module
    let entity: Entity
    /// Of the list.
    let order: SQL
    /// Which rows of the salon a list's parameters mean, beside those that are deleted.
    var filter: @Sendable (CurrentUser, QueryParameters) throws -> SQL = { _, _ in "true" }
    /// A row as a reader sees it, where that is not what the entity says.
    var projection: (@Sendable (CurrentUser) -> SQL)?
    /// The text of a row as a reader sees it (``SQL/objectText(_:)``), for lists that are long and often read.
    var text: (@Sendable (CurrentUser) -> SQL)?
    /// What a row has beside that where it is asked for alone, as a reader sees it: an object.
    var details: (@Sendable (CurrentUser) -> SQL)?
    /// A row as its writer sees it, made of one for a reader who sees everything.
    var shown: @Sendable (PostgresJSON, CurrentUser) throws -> PostgresJSON = { body, _ in body }
    /// Errors by the constraint that a write may break.
    var refusals: [String: APIError] = [:]
    /// What is written, for a new row (no id) or one that is there: looks names up, and the like.
    var prepare: @Sendable (UnitOfWork, CurrentUser, Input, Int64?) async throws -> ColumnChanges = { _, _, input, _ in
        input.columns
    }
    /// What a new row brings with it, before it is reported.
    var completed: @Sendable (UnitOfWork, CurrentUser, Input, Int64) async throws -> Void = { _, _, _, _ in }
    /// What else a change writes, once its columns are written and before it is reported; says whether that was anything.
    var amended: @Sendable (UnitOfWork, CurrentUser, Input, Int64) async throws -> Bool = { _, _, _, _ in false }
    /// How a row is deleted, if not just hidden.
    var deletion: (@Sendable (Call, Int64) async throws -> Answer)?

    func list(_ call: Call) async throws -> Answer {
        let user = try call.user
        let alias = self.entity.alias
        return try await Listing.read(
            call.reader,
            topic: Topic.salon(user.salonID, self.entity.reports.topic),
            matching: """
                SELECT \(alias).id, row_number() OVER (ORDER BY \(self.order), \(alias).id) AS place
                FROM \(unescaped: self.entity.table) \(alias)
                WHERE \(self.entity.present(in: user.salonID)) AND (\(try self.filter(user, call.query)))
                """,
            page: try Page(call.query),
            from: self.entity.source,
            where: "\(alias).salon_id = \(user.salonID)",
            projection: self.text?(user) ?? self.projection(for: user)
        ).answer
    }

    func get(_ call: Call) async throws -> Answer {
        let (user, id) = (try call.user, try call.id())
        let details: SQL = self.details.map { " || \($0(user))" } ?? ""
        let rows = try await call.reader.query(
            """
            SELECT \(self.projection(for: user))\(details) AS body FROM \(self.entity.source)
            WHERE \(self.entity.present(in: user.salonID)) AND \(self.entity.alias).id = \(id)
            """
        )
        guard let row = rows.first else { throw APIError(.notFound) }
        return .json(try row.get("body", as: RawJSON.self))
    }

    func create(_ call: Call) async throws -> Answer { try await self.create(call, try call.object()) }

    /// Makes a row of this body.
    func create(_ call: Call, _ body: JSONObject) async throws -> Answer {
        let (user, input) = (try call.user, try Input(body, creating: true))
        return try await self.refusing {
            try await call.write { unit in
                .json(try self.shown(try await self.create(unit, by: user, input), user), status: .created)
            }
        }
    }

    /// Makes a row and reports it.
    ///
    /// - Returns: the row, for a reader who sees everything
    func create(_ unit: UnitOfWork, by user: CurrentUser, _ input: Input) async throws -> PostgresJSON {
        let columns = try await self.prepare(unit, user, input, nil)
        let insertion = columns.insertion(into: self.entity.table, salonID: user.salonID)
        let id: Int64 = try await unit.query("\(insertion) RETURNING id").only().get("id")
        try await self.completed(unit, user, input, id)
        return try await unit.reportCreated(self.entity, id, by: user, salonID: user.salonID)
    }

    /// Makes rows and reports each of them, in a few round trips for all.
    func create(_ unit: UnitOfWork, by user: CurrentUser, all inputs: [Input]) async throws {
        var insertions: [SQL] = []
        for input in inputs {
            let columns = try await self.prepare(unit, user, input, nil)
            insertions.append("\(columns.insertion(into: self.entity.table, salonID: user.salonID)) RETURNING id")
        }
        let ids = try await unit.query(all: insertions).map { try $0.only().get("id", as: Int64.self) }
        for (input, id) in zip(inputs, ids) { try await self.completed(unit, user, input, id) }
        try await unit.reportCreated(self.entity, all: ids, by: user, salonID: user.salonID)
    }

    func update(_ call: Call) async throws -> Answer {
        let (user, id, input) = (try call.user, try call.id(), try Input(try call.object(), creating: false))
        return try await self.refusing {
            try await call.write { unit in
                let body = try await unit.change(self.entity, id, by: user, salonID: user.salonID) { unit in
                    let columns = try await self.prepare(unit, user, input, id)
                    let condition = self.entity.condition(salonID: user.salonID, id: id)
                    let isWritten = try await columns.write(unit, to: self.entity.table, where: condition)
                    return try await self.amended(unit, user, input, id) || isWritten
                }
                return .json(try self.shown(body, user))
            }
        }
    }

    func delete(_ call: Call) async throws -> Answer {
        let (user, id) = (try call.user, try call.id())
        if let deletion { return try await deletion(call, id) }
        return try await call.write { unit in
            try await unit.hide(self.entity, id, by: user)
            return .noContent
        }
    }

    /// A row as this user sees it.
    func projection(for user: CurrentUser) -> SQL { self.projection?(user) ?? self.entity.projection }

    private func refusing(_ write: () async throws -> Answer) async throws -> Answer {
        do {
            return try await write()
        } catch let error as PostgresError {
            throw error.constraint.flatMap { self.refusals[$0] } ?? error
        }
    }
}

extension RouteTable {
    /// The usual routes of a kind of row.
    mutating func add<Input>(_ resource: Resource<Input>) {
        let one = "\(resource.path)/{id}"
        self.add(.get, resource.path, .permission(resource.module, .view)) { try await resource.list($0) }
        self.add(.get, one, .permission(resource.module, .view)) { try await resource.get($0) }
        self.add(.post, resource.path, .permission(resource.module, .create), honoursIdempotencyKey: true, writesOnce: true) {
            try await resource.create($0)
        }
        self.add(.put, one, .permission(resource.module, .edit), writesOnce: true) { try await resource.update($0) }
        self.add(.delete, one, .permission(resource.module, .delete), writesOnce: true) { try await resource.delete($0) }
    }
}
