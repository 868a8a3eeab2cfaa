import Outbox
import Postgres

/// An operation as its client's figures count it.
struct CountedOperation: Sendable, Equatable {
    /// The types that make revenue (`revenue_effect`).
    private static let types: Set<String> = ["payment", "income", "refund"]

    private let clientID: Int64
    private let type: String
    private let amount: PostgresNumeric

    /// - Returns: `nil` for what no client's figures count
    init?(clientID: Int64?, type: String?, status: String?, amount: PostgresNumeric?) {
        guard let clientID, let type, Self.types.contains(type), let amount, status == "completed" else { return nil }
        (self.clientID, self.type, self.amount) = (clientID, type, amount)
    }

    /// Reports the clients whose figures a change of an operation changes. Before it is written: clients are locked before
    /// registers.
    static func report(
        _ unit: UnitOfWork,
        salonID: Int64,
        from before: CountedOperation?,
        to after: CountedOperation?
    ) {
        guard before != after else { return }
        ClientFigures.report(unit, salonID: salonID, of: [before, after].compactMap { $0?.clientID })
    }

    /// The same, of an operation that is about to be deleted; it stays locked.
    static func report(_ unit: UnitOfWork, salonID: Int64, ofDeleted id: Int64) async throws {
        let rows = try await unit.query(
            """
            SELECT client_id, type, status, amount FROM operations
            WHERE \(Entity.operation.condition(salonID: salonID, id: id)) FOR NO KEY UPDATE
            """
        )
        guard let row = rows.first else { return }
        try self.report(unit, salonID: salonID, ofChanged: row)
    }

    /// The same, of an operation of which nothing will count as it does now.
    ///
    /// - Parameter row: its `client_id`, `type`, `status` and `amount`, locked
    static func report(_ unit: UnitOfWork, salonID: Int64, ofChanged row: PostgresRow) throws {
        let before = CountedOperation(
            clientID: try row.get("client_id", as: Int64?.self),
            type: try row.get("type"),
            status: try row.get("status"),
            amount: try row.get("amount")
        )
        self.report(unit, salonID: salonID, from: before, to: nil)
    }
}
