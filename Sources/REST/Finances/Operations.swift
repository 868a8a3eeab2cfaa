import JSON
import Outbox
import Postgres

extension Reports {
    static let operation = Reports(
        word: "operation",
        topic: "finances",
        events: [
            .created: "finance:operation-created", .updated: "finance:operation-updated",
            .deleted: "finance:operation-deleted",
        ]
    )
}

extension Entity {
    /// Money that came in, went out, or went from one register to another. The names are there also where there are none, since
    /// the page searches in them.
    static let operation = Entity(
        reports: .operation,
        table: "operations",
        source: """
            (SELECT w.*, coalesce(m.name, w.payment_method_name) AS method, coalesce(r.name, w.cash_register_name) AS register,
                    coalesce(t.name, w.to_register_name) AS to_register,
                    coalesce(trim(c.first_name || ' ' || c.last_name), w.client_name) AS client
             FROM operations w
             LEFT JOIN payment_methods m ON m.id = w.payment_method_id
             LEFT JOIN cash_registers r ON r.id = w.cash_register_id
             LEFT JOIN cash_registers t ON t.id = w.to_register_id
             LEFT JOIN clients c ON c.id = w.client_id) AS o
            """,
        alias: "o",
        projection: SQL.object(
            """
            'id', o.id, 'type', o.type, 'amount', trim_scale(o.amount), 'status', o.status, 'date', o.date,
            'category', o.category, 'description', o.description, 'documentNumber', o.document_number,
            'paymentMethodId', o.payment_method_id, 'paymentMethod', o.method,
            'cashRegisterId', o.cash_register_id, 'cashRegister', o.register,
            'toCashRegisterId', o.to_register_id, 'toCashRegister', nullif(o.to_register, ''),
            'clientId', o.client_id, 'client', o.client, 'counterparty', o.client, 'staffId', o.staff_id,
            'appointmentId', o.appointment_id, 'author', o.author, 'createdBy', o.created_by,
            'createdAt', iso8601(o.created_at), 'updatedAt', iso8601(o.updated_at)
            """
        ),
        naming: ["documentNumber", "description", "client", "type"]
    )
}

extension Resource where Input == OperationInput {
    /// What came in and went out.
    static let operation = Resource(
        path: "/finances/operations",
        module: .finances,
        entity: .operation,
        order: "o.date DESC, o.id DESC",
        filter: { user, query in try Operations.filter(salonID: user.salonID, query) },
        prepare: { unit, user, input, id in
            let columns = try await Operations.resolve(unit, salonID: user.salonID, input, id)
            return input.dated(columns, salonID: user.salonID, madeBy: id == nil ? user : nil)
        },
        completed: { unit, user, _, _ in try await unit.reportMovedRegisters(in: user.salonID) },
        amended: { unit, user, _, _ in
            try await unit.reportMovedRegisters(in: user.salonID)
            return false
        },
        deletion: { call, id in
            let user = try call.user
            return try await call.write { unit in
                try await CountedOperation.report(unit, salonID: user.salonID, ofDeleted: id)
                try await unit.hide(.operation, id, by: user)
                try await unit.reportMovedRegisters(in: user.salonID)
                return .noContent
            }
        }
    )
}

/// What is looked up for operations.
enum Operations {
    static func filter(salonID: Int64, _ query: QueryParameters) throws(APIError) -> SQL {
        var condition: SQL = "true"
        if let from = try query.date("dateFrom") { condition += " AND o.date >= \(from.text)::text::date" }
        if let to = try query.date("dateTo") { condition += " AND o.date <= \(to.text)::text::date" }
        if let type = try query.word("type", of: OperationWords.types) { condition += " AND o.type = \(type)" }
        if let status = try query.word("status", of: OperationWords.statuses) { condition += " AND o.status = \(status)" }
        if let category = query["category"], category != "all" { condition += " AND o.category = \(category)" }
        if let id = try query.id("paymentMethodId") { condition += " AND o.payment_method_id = \(id)" }
        if let id = try query.id("cashRegisterId") {
            condition += " AND (o.cash_register_id = \(id) OR o.to_register_id = \(id))"
        }
        if let id = try query.id("clientId") { condition += " AND o.client_id = \(id)" }
        if let search = query["search"] {
            let pattern = SearchPattern.containing(search)
            // A client's name is their present one. Their phone is nothing to be found by: not every reader may know it.
            condition += """
                 AND o.id IN (
                    SELECT f.id FROM operations f WHERE f.salon_id = \(salonID) AND f.search LIKE search_key(\(pattern)::text)
                    UNION ALL
                    SELECT f.id FROM clients c JOIN operations f ON f.salon_id = c.salon_id AND f.client_id = c.id
                    WHERE c.salon_id = \(salonID) AND c.search LIKE search_key(\(pattern)::text) AND f.deleted_at IS NULL
                      AND search_key(c.first_name || ' ' || c.last_name || ' ' || c.first_name) LIKE search_key(\(pattern)::text))
                """
        }
        return condition
    }

    /// What is written of an operation, with the rows that it names.
    ///
    /// - Parameter id: the operation, locked; `nil` for a new one
    /// - Throws: 422 for ids of nothing, and for a transfer to where it comes from
    static func resolve(
        _ unit: UnitOfWork,
        salonID: Int64,
        _ input: OperationInput,
        _ id: Int64?
    ) async throws -> ColumnChanges {
        var columns = input.columns
        guard !input.namesNothing else { return columns }
        let present: Present? = if let id { try await self.present(unit, salonID: salonID, id) } else { nil }
        if let staffID = input.staffID.value, staffID != present?.staffID {
            try await self.refuseStranger(unit, salonID: salonID, staffID)
        }
        func find(_ row: NamedRow, _ present: NamedRow.Found?) async throws -> NamedRow.Found? {
            try await row.resolve(unit, salonID: salonID, over: present)
        }
        if let method = try await find(input.paymentMethod, present?.method) {
            columns.set("payment_method_id", to: "\(method.id)")
            columns.set("payment_method_name", to: "\(method.name)")
        }
        let client = try await find(input.client, present?.client)
        if let client {
            columns.set("client_id", to: "\(client.id)")
            columns.set("client_name", to: "\(client.name)")
        }
        CountedOperation.report(
            unit,
            salonID: salonID,
            from: present.flatMap {
                CountedOperation(clientID: $0.client.id, type: $0.type, status: $0.status, amount: $0.amount)
            },
            to: .init(
                clientID: (client ?? present?.client)?.id,
                type: input.type.applied(to: present?.type),
                status: input.status.isCleared ? "completed" : input.status.applied(to: present?.status ?? "completed"),
                amount: input.amount.applied(to: present?.amount)
            )
        )
        let register = try await find(input.cashRegister, present?.register)
        if let register {
            columns.set("cash_register_id", to: "\(register.id)")
            columns.set("cash_register_name", to: "\(register.name)")
        }
        var target = try await find(input.toCashRegister, present?.target)
        // Only a transfer goes anywhere.
        if input.type.applied(to: present?.type) != "transfer" { target = NamedRow.Found(id: nil, name: "") }
        if let target {
            columns.set("to_register_id", to: "\(target.id)")
            columns.set("to_register_name", to: "\(target.name)")
        }
        if let from = (register ?? present?.register)?.id, from == (target ?? present?.target)?.id {
            throw APIError.invalid(
                "toCashRegisterId",
                LocalizedText("must differ from cashRegisterId", "має відрізнятися від cashRegisterId")
            )
        }
        return columns
    }

    /// - Throws: 422 for a member that the salon has not; one who has left has earned what they earned
    private static func refuseStranger(_ unit: UnitOfWork, salonID: Int64, _ staffID: Int64) async throws {
        let rows = try await unit.query(
            "SELECT id FROM staff WHERE salon_id = \(salonID) AND id = \(staffID) FOR KEY SHARE"
        )
        guard rows.isEmpty else { return }
        throw APIError.invalid("staffId", LocalizedText("there is no such staff member", "немає такого майстра"))
    }

    /// An operation as it is, and what it names.
    private struct Present {
        var type: String
        var status: String
        var amount: PostgresNumeric
        var method: NamedRow.Found
        var register: NamedRow.Found
        var target: NamedRow.Found
        var client: NamedRow.Found
        var staffID: Int64?
    }

    private static func present(_ unit: UnitOfWork, salonID: Int64, _ id: Int64) async throws -> Present {
        let row = try await unit.query(
            """
            SELECT o.type, o.status, o.amount, o.payment_method_id, o.method, o.payment_method_name,
                   o.cash_register_id, o.register, o.cash_register_name, o.to_register_id, o.to_register, o.to_register_name,
                   o.client_id, o.client, o.client_name, o.staff_id
            FROM \(Entity.operation.source) WHERE o.salon_id = \(salonID) AND o.id = \(id)
            """
        ).only()
        func found(_ id: String, _ name: String, _ written: String) throws -> NamedRow.Found {
            .init(id: try row.get(id, as: Int64?.self), name: try row.get(name), written: try row.get(written))
        }
        return Present(
            type: try row.get("type"),
            status: try row.get("status"),
            amount: try row.get("amount"),
            method: try found("payment_method_id", "method", "payment_method_name"),
            register: try found("cash_register_id", "register", "cash_register_name"),
            target: try found("to_register_id", "to_register", "to_register_name"),
            client: try found("client_id", "client", "client_name"),
            staffID: try row.get("staff_id", as: Int64?.self)
        )
    }
}
