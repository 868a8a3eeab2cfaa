import JSON
import Outbox
import Postgres

extension Reports {
    static let cashRegister = Reports(
        word: "register",
        topic: "finances",
        events: [
            .created: "finance:register-created", .updated: "finance:register-updated", .deleted: "finance:register-deleted",
        ]
    )
}

extension Entity {
    static let cashRegister = Entity(
        reports: .cashRegister,
        table: "cash_registers",
        source: "cash_registers r",
        alias: "r",
        projection: SQL.object(
            """
            'id', r.id, 'name', r.name, 'balance', trim_scale(r.balance), 'openingBalance', trim_scale(r.opening_balance),
            'isActive', r.is_active, 'createdAt', iso8601(r.created_at), 'updatedAt', iso8601(r.updated_at)
            """
        ),
        naming: ["name"]
    )
}

/// The body of `POST /finances/cash-registers` and `PUT /finances/cash-registers/{id}`.
struct CashRegisterInput: RowInput {
    private var name: Patch<String>
    private var opening: Patch<PostgresNumeric>
    private var isActive: Patch<Bool>

    init(_ object: JSONObject, creating: Bool) throws(APIError) {
        var body = BodyReader(object)
        self.name = body.nonEmptyText("name", creating: creating)
        // What a new one holds is what it opens with. Later the balance is what operations make of it, and whoever sends a
        // register back sends the one that they were shown, which may be an old one.
        let opening = body.money("openingBalance")
        self.opening = creating ? opening.orElse(body.money("balance")) : opening
        self.isActive = body.bool("isActive")
        try body.finish()
    }

    var columns: ColumnChanges {
        var columns = ColumnChanges()
        columns.set("name", self.name)
        columns.set("opening_balance", self.opening, cleared: PostgresNumeric(0))
        columns.set("is_active", self.isActive, cleared: true)
        return columns
    }

    /// What a register holds when it is opened with something else.
    fileprivate func columns(ofNew isNew: Bool) -> ColumnChanges {
        var columns = self.columns
        guard !self.opening.isKept else { return columns }
        let opening = self.opening.value ?? PostgresNumeric(0)
        columns.set("balance", to: isNew ? "\(opening)" : "balance - opening_balance + \(opening)")
        return columns
    }
}

extension Resource where Input == CashRegisterInput {
    /// Where the money is.
    static let cashRegister = Resource(
        path: "/finances/cash-registers",
        module: .finances,
        entity: .cashRegister,
        order: "r.id",
        filter: { _, query in
            guard let isActive = try query.bool("isActive") else { return "true" }
            return "r.is_active = \(isActive)"
        },
        refusals: ["cash_registers_name": .nameTaken],
        prepare: { _, _, input, id in input.columns(ofNew: id == nil) }
    )
}

extension UnitOfWork {
    /// Reports the registers that operations of this transaction have moved, as they are by now: their rows stay locked until
    /// it ends, so that events come in the order of the balances. Nobody has edited them, so there is no audit entry.
    func reportMovedRegisters(in salonID: Int64) async throws {
        let rows = try await self.query(
            """
            SELECT \(Entity.cashRegister.projection) AS body FROM \(Entity.cashRegister.source)
            WHERE \(Entity.cashRegister.present(in: salonID)) AND r.moved_by = pg_current_xact_id() ORDER BY r.id
            """
        )
        let reports = Reports.cashRegister
        for row in rows {
            self.emit(Topic.salon(salonID, reports.topic), reports.event(.updated), try row.get("body"))
        }
    }
}
