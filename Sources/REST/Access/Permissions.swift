/// A part of the product that roles may or may not use.
public enum Module: String, CaseIterable, Sendable {
    /// Appointments.
    case calendar
    case clients
    case staff
    case services
    case finances
    case inventory
    case settings
    case reports
}

/// What can be done in a module.
public enum Verb: String, CaseIterable, Sendable {
    case view
    case create
    case edit
    case delete
}

/// A user's role.
public enum Role: String, CaseIterable, Sendable {
    case admin
    case manager
    case master
    case receptionist
}

/// What a route asks of the caller.
public enum Requirement: Sendable, Hashable {
    /// Nothing: no token is looked at.
    case nobody
    /// A live session of an active user.
    case signedIn
    /// A role that may do this.
    case permission(Module, Verb)
    /// The role `admin`.
    case admin
}

/// Who may do what: the role matrix as data. It is consulted in one place, before any handler runs.
public enum RoleMatrix {
    private static let everything: Set<Verb> = [.view, .create, .edit, .delete]

    private static let table: [Role: [Module: Set<Verb>]] = [
        .admin: Dictionary(uniqueKeysWithValues: Module.allCases.map { ($0, everything) }),
        .manager: [
            .calendar: everything, .clients: everything, .services: everything, .inventory: everything,
            .staff: [.view], .finances: [.view], .settings: [.view], .reports: [.view],
        ],
        .receptionist: [
            .calendar: everything, .clients: everything,
            .staff: [.view], .services: [.view], .finances: [.view], .inventory: [.view],
        ],
        .master: [.calendar: [.view], .clients: [.view], .services: [.view]],
    ]

    /// Whether a role may do this.
    public static func allows(_ role: Role, _ module: Module, _ verb: Verb) -> Bool {
        self.table[role]?[module]?.contains(verb) ?? false
    }

    /// Whether a role sees clients' phones.
    public static func seesPhones(_ role: Role) -> Bool {
        role != .master
    }
}
