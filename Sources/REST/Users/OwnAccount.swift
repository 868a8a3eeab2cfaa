import JSON
import Outbox
import Postgres

/// An account as its owner sees it on all of their devices: with what its role may do, so that a page can show what is open to it.
enum OwnAccount {
    private static let columns: SQL = "u.id, u.role, \(UserRepository.projection) AS body, \(RoleRights.column)"

    private static func statement(_ condition: SQL) -> SQL {
        "SELECT \(self.columns) FROM users u \(RoleRights.join) WHERE \(condition) ORDER BY u.id"
    }

    static func read(_ reader: any Reader, id: Int64) async throws -> JSONValue {
        guard let row = try await reader.query(self.statement("u.id = \(id)")).first else { throw APIError(.userNotFound) }
        return try self.body(row)
    }

    static func read(_ unit: UnitOfWork, id: Int64) async throws -> JSONValue {
        try self.body(try await unit.query(self.statement("u.id = \(id)")).only())
    }

    /// Reports accounts to their owners, as they are once all of this transaction is done.
    static func announce(_ unit: UnitOfWork, _ ids: [Int64]) {
        guard !ids.isEmpty else { return }
        unit.emit(on: ids.map(Topic.notifications)) { unit in
            let rows = try await unit.query(self.statement("u.id = ANY(\(ids)::int8[])"))
            return try rows.map { row in
                let topic = Topic.notifications(try row.get("id"))
                return .init(topic, "account:updated", PostgresJSON(text: try self.body(row).text))
            }
        }
    }

    private static func body(_ row: PostgresRow) throws -> JSONValue {
        var body = try row.get("body", as: PostgresJSON.self).object()
        let set = try row.get("permissions", as: [String]?.self)
        let words = try set ?? RoleRights.permissions(row, role: try row.get("role")).words
        body["permissions"] = .array(words.map { .string($0) })
        return .object(body)
    }
}
