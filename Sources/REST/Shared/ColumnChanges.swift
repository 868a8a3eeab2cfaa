import Outbox
import Postgres

/// The columns that a body speaks of, with their new values: what a row is made of, or what changes in it.
struct ColumnChanges: Sendable {
    private var columns: [(name: StaticString, value: SQL)] = []

    /// Whether nothing is written.
    var isEmpty: Bool { self.columns.isEmpty }

    /// Takes a column's value from a field of a body; one that is absent leaves the column alone.
    ///
    /// - Parameter cleared: what `null` writes: for a column that must have a value, its empty one
    mutating func set<Value: PostgresEncodable>(_ name: StaticString, _ patch: Patch<Value>, cleared: Value? = nil) {
        switch patch {
        case .keep: break
        case .clear: self.set(name, to: "\(cleared)")
        case .set(let value): self.set(name, to: "\(value)")
        }
    }

    mutating func set(_ name: StaticString, to value: SQL) {
        self.columns.append((name, value))
    }

    /// Both of them.
    static func + (left: ColumnChanges, right: ColumnChanges) -> ColumnChanges {
        var sum = left
        sum.columns += right.columns
        return sum
    }

    /// Makes a row. Columns that are not named get the table's defaults.
    func insertion(into table: StaticString, salonID: Int64) -> SQL {
        let names: SQL = self.columns.map { ", \(unescaped: $0.name)" as SQL }.joined()
        let values: SQL = self.columns.map { ", \($0.value)" as SQL }.joined()
        return "INSERT INTO \(unescaped: table) (salon_id\(names)) VALUES (\(salonID)\(values))"
    }

    /// As UPDATE wants them.
    var assignments: SQL {
        self.columns.map { "\(unescaped: $0.name) = \($0.value)" as SQL }.joined(separator: ", ")
    }

    /// Writes them to one row, unless it has these values already.
    ///
    /// - Returns: whether anything changed
    func write(_ unit: UnitOfWork, to table: StaticString, where condition: SQL) async throws -> Bool {
        guard !self.isEmpty else { return false }
        let differs: SQL = self.columns.map { "\(unescaped: $0.name) IS DISTINCT FROM (\($0.value))" as SQL }
            .joined(separator: " OR ")
        let rows = try await unit.query(
            """
            UPDATE \(unescaped: table) SET \(self.assignments), updated_at = now() WHERE \(condition) AND (\(differs)) RETURNING 1
            """
        )
        return !rows.isEmpty
    }
}
