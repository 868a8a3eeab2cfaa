import Outbox
import Postgres

extension NotificationText {
    /// That a product is to be bought.
    ///
    /// - Parameters:
    ///   - left: what there is of it
    ///   - minimum: what there should be
    ///   - unit: of both, as clients name it
    static func lowStock(
        _ product: String,
        left: String,
        minimum: String,
        unit: String,
        in language: Language
    ) -> NotificationText {
        let ukrainian = UnitName.ukrainian(unit)
        let title = LocalizedText("Running out", "Закінчується товар")
        let message = LocalizedText(
            "\(product): \(left) \(unit) left, minimum \(minimum) \(unit)",
            "\(product): залишилося \(left) \(ukrainian), мінімум \(minimum) \(ukrainian)"
        )
        return NotificationText(title: title.text(in: language), message: message.text(in: language), type: "warning")
    }
}

/// How people call what goods are counted in.
enum UnitName {
    private static let names = ["pcs": "шт", "ml": "мл", "l": "л", "g": "г", "kg": "кг"]

    /// - Returns: the word itself, if it is none of ours
    static func ukrainian(_ unit: String) -> String { self.names[unit] ?? unit }
}

extension NotificationRepository {
    /// Who is told that a product runs out: the salon's active admins and managers whose role may see the stock, whoever it was
    /// that took the last of it.
    static func recipients(_ unit: UnitOfWork, ofStockIn salonID: Int64) async throws -> [Recipient] {
        let rows = try await unit.query(
            """
            SELECT u.id, coalesce(u.language, s.language) AS language, u.role, \(RoleRights.column)
            FROM users u JOIN salons s ON s.id = u.salon_id \(RoleRights.join)
            WHERE u.salon_id = \(salonID) AND u.is_active AND u.role IN ('admin', 'manager')
            ORDER BY u.id
            """
        )
        return try rows.filter { row in
            try RoleRights.permissions(row, role: try row.get("role")).allows(.inventory, .view)
        }.map { try Recipient($0) }
    }
}
