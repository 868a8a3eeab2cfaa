import Hub
public import Postgres

/// Who a socket's user is to the others of the salon.
public struct DeskPeople: Sendable {
    private let client: PostgresClient

    /// - Parameter client: the node's pool
    public init(client: PostgresClient) {
        self.client = client
    }

    /// How the others see them named; nil for somebody who is gone or inactive.
    func name(of principal: Principal) async throws(PostgresError) -> String? {
        let rows = try await self.client.query(
            """
            SELECT first_name, last_name, email FROM users
            WHERE salon_id = \(principal.salonID) AND id = \(principal.userID) AND is_active
            """
        )
        return try rows.first.map { row throws(PostgresError) in try Self.name(row) }
    }

    /// As ``name(of:)``, with the number of a new hold.
    ///
    /// - Returns: nil if the salon has no such active master
    func fence(for principal: Principal, staffID: Int64) async throws(PostgresError) -> (fence: Int64, name: String)? {
        let rows = try await self.client.query(
            """
            SELECT nextval('slot_fences') AS fence, u.first_name, u.last_name, u.email
            FROM staff s JOIN users u ON u.salon_id = s.salon_id
            WHERE s.salon_id = \(principal.salonID) AND s.id = \(staffID) AND s.is_active
              AND u.id = \(principal.userID) AND u.is_active
            """
        )
        return try rows.first.map { row throws(PostgresError) in (try row.get("fence"), try Self.name(row)) }
    }

    private static func name(_ row: PostgresRow) throws(PostgresError) -> String {
        let name = "\(try row.get("first_name", as: String.self)) \(try row.get("last_name", as: String.self))".trimmed
        return name.isEmpty ? try row.get("email") : name
    }
}
