import JSON
import Outbox
import Postgres

/// One entry of the audit log: who did what to which row.
struct AuditEntry: Sendable {
    var entity: String
    var entityID: Int64?
    var entityName: String
    var action: Action
    var details = JSONObject()

    enum Action: String, Sendable {
        case created, updated, deleted
    }

    /// The fields that differ, before and after.
    ///
    /// - Parameter hidden: fields whose values are not kept, only that they were changed
    static func changes(from before: JSONObject, to after: JSONObject, private hidden: Set<String> = []) -> JSONObject {
        var changes = JSONObject()
        for key in before.keys + after.keys where key != "updatedAt" && before[key] != after[key] {
            changes[key] = hidden.contains(key) ? true : ["from": before[key] ?? .null, "to": after[key] ?? .null]
        }
        return changes
    }
}

extension UnitOfWork {
    /// Writes an audit entry in this transaction.
    ///
    /// - Parameter author: who did it; `nil` for the system itself, in the given salon
    func audit(_ entry: AuditEntry, by author: CurrentUser?, salonID: Int64) {
        self.enqueue(
            """
            INSERT INTO audit_log (salon_id, user_id, author, entity, entity_id, entity_name, action, details)
            VALUES (\(salonID), \(author?.id), \(author?.name ?? "system"), \(entry.entity), \(entry.entityID),
                    \(entry.entityName), \(entry.action.rawValue), \(PostgresJSON(text: JSONValue.object(entry.details).text)))
            """
        )
    }
}
