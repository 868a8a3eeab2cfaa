import Outbox
import Postgres

/// A visit as its operation has it: completed, and worth something.
struct PaidVisit: Sendable, Equatable {
    /// Words for how a visit is paid for, beside the names of the salon's payment methods.
    static let methods = ["cash", "card", "mixed"]

    fileprivate let amount: PostgresNumeric
    fileprivate let clientID: Int64?
    fileprivate let clientName: String
    fileprivate let staffID: Int64?
    fileprivate var service = ""
    fileprivate var date = ""
    fileprivate var method = ""

    init?(_ visit: AppointmentRepository.Current) {
        self.init(visit.status, visit.price, visit.clientID, visit.clientName, visit.staffID)
        (self.service, self.date, self.method) = (visit.serviceName, visit.date, visit.paymentMethod ?? "cash")
    }

    init?(_ visit: AppointmentRepository.Draft) {
        self.init(visit.status, visit.price, visit.clientID, visit.clientName, visit.staffID)
        (self.service, self.date, self.method) = (visit.serviceName, visit.date, visit.paymentMethod ?? "cash")
    }

    private init?(_ status: String, _ price: PostgresNumeric?, _ clientID: Int64?, _ clientName: String, _ staffID: Int64?) {
        guard status == "completed", let price, price != PostgresNumeric(0) else { return nil }
        (self.amount, self.clientID, self.clientName, self.staffID) = (price, clientID, clientName, staffID)
    }
}

/// The operation of a visit: made when the visit is completed, whatever path completes it, and never twice. It is locked behind
/// the visit and its client, and before registers.
extension AppointmentCommands {
    /// Makes, changes, cancels or revives it. What somebody has changed in it stays as long as the visit says the same of it; one
    /// that somebody has deleted comes back only when the visit is completed anew.
    ///
    /// - Parameters:
    ///   - before: the visit as it was, if that was paid for
    ///   - after: the visit as it is, if that is paid for
    ///   - isCompleted: whether it is completed by this, and was not before
    func settlePayment(
        of visitID: Int64,
        from before: PaidVisit?,
        to after: PaidVisit?,
        isCompleted: Bool = false
    ) async throws {
        guard before != after else { return }
        let salonID = self.user.salonID
        let operation = self.unit.ask(
            """
            SELECT id, deleted_at IS NOT NULL AS is_deleted, client_id, type, status, amount FROM operations
            WHERE salon_id = \(salonID) AND appointment_id = \(visitID) FOR NO KEY UPDATE
            """
        ) { $0.first }
        let columns = try await self.columns(from: before, to: after)
        if let row = try await operation.get() {
            let isDeleted: Bool = try row.get("is_deleted")
            // Somebody may have given it to another client, whom the visit does not know.
            if !isDeleted, before?.amount != after?.amount || before?.clientID != after?.clientID {
                try CountedOperation.report(self.unit, salonID: salonID, ofChanged: row)
            }
            try await self.write(columns, to: try row.get("id"), isDeleted: isDeleted, revives: isCompleted)
        } else if before == nil {
            let isOlder = isCompleted ? false : try await self.precedesOperations(visitID)
            if !isOlder { try await self.insert(columns, for: visitID) }
        }
        try await self.unit.reportMovedRegisters(in: salonID)
    }

    /// Whether a visit was completed before there were operations: it gets one by being completed anew, and not by being changed.
    private func precedesOperations(_ visitID: Int64) async throws -> Bool {
        let rows = try await self.unit.query(
            "SELECT precedes_operations FROM appointments WHERE salon_id = \(self.user.salonID) AND id = \(visitID)"
        )
        return try rows.only().get("precedes_operations")
    }

    private func write(_ columns: ColumnChanges, to id: Int64, isDeleted: Bool, revives: Bool) async throws {
        guard isDeleted else {
            _ = try await self.unit.change(.operation, id, columns, by: self.user)
            return
        }
        guard revives else { return }
        var columns = columns
        columns.set("deleted_at", to: "NULL")
        let row: SQL = "salon_id = \(self.user.salonID) AND id = \(id)"
        _ = try await columns.write(self.unit, to: Entity.operation.table, where: row)
        _ = try await self.unit.reportCreated(.operation, id, by: self.user, salonID: self.user.salonID)
    }

    private func insert(_ columns: ColumnChanges, for visitID: Int64) async throws {
        var columns = columns
        columns.set("appointment_id", to: "\(visitID)")
        columns.set("created_by", to: "\(self.user.id)")
        let salonID = self.user.salonID
        let registers = try await self.unit.query(
            """
            SELECT id, name FROM cash_registers
            WHERE salon_id = \(salonID) AND deleted_at IS NULL AND is_active ORDER BY id LIMIT 1
            """
        )
        if let register = registers.first {
            columns.set("cash_register_id", to: "\(try register.get("id", as: Int64.self))")
            columns.set("cash_register_name", to: "\(try register.get("name", as: String.self))")
        }
        let insertion = columns.insertion(into: Entity.operation.table, salonID: salonID)
        let id: Int64 = try await self.unit.query("\(insertion) RETURNING id").only().get("id")
        _ = try await self.unit.reportCreated(.operation, id, by: self.user, salonID: salonID)
    }

    /// What the operation gets: all of the visit when that is completed, later what changes of it.
    private func columns(from before: PaidVisit?, to after: PaidVisit?) async throws -> ColumnChanges {
        var columns = ColumnChanges()
        guard let after else {
            columns.set("status", to: "'cancelled'")
            return columns
        }
        if before == nil {
            columns.set("type", to: "'payment'")
            columns.set("status", to: "'completed'")
            columns.set("category", to: "'services'")
            columns.set("author", to: "\(self.user.name)")
        }
        if before?.amount != after.amount { columns.set("amount", to: "\(after.amount)") }
        if before?.date != after.date { columns.set("date", to: "\(after.date)::text::date") }
        if before?.service != after.service { columns.set("description", to: "nullif(\(after.service)::text, '')") }
        if before == nil || before?.staffID != after.staffID { columns.set("staff_id", to: "\(after.staffID)") }
        if before == nil || before?.clientID != after.clientID || before?.clientName != after.clientName {
            columns.set("client_id", to: "\(after.clientID)")
            columns.set("client_name", to: "\(after.clientName)")
        }
        if before?.method != after.method {
            let method = try await self.paymentMethod(after.method).get()
            columns.set("payment_method_id", to: "\(method?.id)")
            columns.set("payment_method_name", to: "\(method?.name ?? after.method)")
        }
        return columns
    }

    /// The payment method that a word or a name means: one of that name, else the first of that type.
    private func paymentMethod(_ text: String) -> Awaited<NamedRow.Found?> {
        self.unit.ask(
            """
            SELECT id, name FROM payment_methods
            WHERE salon_id = \(self.user.salonID) AND deleted_at IS NULL
              AND (search_key(name) = search_key(\(text)::text) OR type = \(text))
            ORDER BY search_key(name) = search_key(\(text)::text) DESC, is_active DESC, id LIMIT 1
            """
        ) { rows in try rows.first.map { NamedRow.Found(id: try $0.get("id"), name: try $0.get("name")) } }
    }

    /// How a visit is paid for, after a change: a word, or the name of one of the salon's methods as that is written there.
    ///
    /// - Throws: 422 for what is neither
    func paymentMethod(_ given: Patch<String>, over present: String?) -> Awaited<String?> {
        guard let text = given.value?.nonEmpty, text != present else {
            return Awaited(known: given.isKept ? present : given.value?.nonEmpty)
        }
        if PaidVisit.methods.contains(text) { return Awaited(known: text) }
        return self.paymentMethod(text).map { method in
            guard let method else {
                throw APIError.invalid(
                    "paymentMethod",
                    LocalizedText("there is no such payment method", "немає такого способу оплати")
                )
            }
            return method.name
        }
    }
}
