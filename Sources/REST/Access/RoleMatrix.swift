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
    /// Take it all away in a file.
    case export
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

/// Who may do what in a salon that has not said otherwise (`PUT /settings/roles/{role}`).
public enum RoleMatrix {
    private static let everything: Set<Verb> = Set(Verb.allCases)
    private static let writing: Set<Verb> = [.view, .create, .edit, .delete]

    private static let table: [Role: [Module: Set<Verb>]] = [
        .admin: Dictionary(uniqueKeysWithValues: Module.allCases.map { ($0, everything) }),
        .manager: [
            .calendar: everything, .clients: everything, .services: everything, .inventory: everything,
            .staff: [.view], .finances: [.view, .export], .settings: [.view], .reports: [.view, .export],
        ],
        // Not the whole list of clients with their phones in a file.
        .receptionist: [
            .calendar: writing, .clients: writing,
            .staff: [.view], .services: [.view], .finances: [.view], .inventory: [.view],
        ],
        .master: [.calendar: [.view], .clients: [.view], .services: [.view]],
    ]

    private static let permissions = table.mapValues { modules in
        Permissions(words: modules.flatMap { module, verbs in verbs.map { Permissions.word(module, $0) } })
    }

    /// What a role may do by default.
    public static func permissions(of role: Role) -> Permissions {
        self.permissions[role] ?? .none
    }

    /// Whether a role sees clients' phones.
    public static func seesPhones(_ role: Role) -> Bool {
        role != .master
    }
}
