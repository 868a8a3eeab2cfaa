/// How changes of one kind are reported: the word in the audit log, the topic, and the events on it.
struct Reports: Sendable {
    /// In the audit log.
    let word: String
    /// As clients name it.
    let topic: String
    let events: [AuditEntry.Action: String]

    func event(_ action: AuditEntry.Action) -> String {
        guard let event = self.events[action] else { preconditionFailure("\(self.word) is never \(action.rawValue)") }
        return event
    }

    static let visit = Reports(
        word: "record",
        topic: "appointments",
        events: [.created: "appointment:created", .updated: "appointment:updated", .deleted: "appointment:deleted"]
    )
    static let client = Reports(
        word: "client",
        topic: "clients",
        events: [.created: "client:created", .updated: "client:updated", .deleted: "client:deleted"]
    )
    /// A member who leaves stays in the list as one who has left: nothing is ever deleted.
    static let staff = Reports(
        word: "employee",
        topic: "staff",
        events: [.created: "staff:created", .updated: "staff:updated"]
    )
    static let service = Reports(
        word: "service",
        topic: "services",
        events: [.created: "service:created", .updated: "service:updated", .deleted: "service:deleted"]
    )
    static let user = Reports(word: "user", topic: "users", events: [.created: "user:created", .updated: "user:updated"])
    /// The salon itself.
    static let settings = Reports(word: "settings", topic: "settings", events: [.updated: "settings:updated"])
    /// What a role may do.
    static let role = Reports(word: "role", topic: "settings", events: [.updated: "role:updated"])
}
