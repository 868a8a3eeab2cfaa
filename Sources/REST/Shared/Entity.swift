import JSON
import Outbox
import Postgres

/// A kind of row that other screens show: how it is read, locked and named, and how its changes are reported.
struct Entity: Sendable {
    let reports: Reports
    let table: StaticString
    /// Where its rows are read from, as `alias`.
    let source: SQL
    let alias: SQL
    /// A row as a reader sees it who sees everything.
    let projection: SQL
    /// Deleted rows stay, hidden.
    var hidesDeleted = true
    /// Fields of the projection that make a row's name.
    let naming: [String]
    /// Fields whose values the audit log does not keep: private ones, and those that nobody writes.
    var unaudited: Set<String> = []
    /// Reports a change to whoever it concerns beside those who follow the topic.
    var alsoTell: @Sendable (UnitOfWork, Int64) -> Void = { _, _ in }

    static let client = Entity(
        reports: .client,
        table: "clients",
        source: ClientRepository.source,
        alias: "c",
        projection: ClientRepository.projection(phones: true),
        naming: ["firstName", "lastName"],
        unaudited: ["phone", "email", "segment", "totalVisits", "totalSpent", "firstVisit", "lastVisit"]
    )

    static let staff = Entity(
        reports: .staff,
        table: "staff",
        source: "staff s",
        alias: "s",
        projection: StaffRepository.projection,
        hidesDeleted: false,
        naming: ["firstName", "lastName"],
        unaudited: ["phone", "email", "salary", "commission"]
    )

    static let service = Entity(
        reports: .service,
        table: "services",
        source: "services s",
        alias: "s",
        projection: ServiceRepository.projection,
        naming: ["name"]
    )

    static let user = Entity(
        reports: .user,
        table: "users",
        source: "users u",
        alias: "u",
        projection: UserRepository.projection,
        hidesDeleted: false,
        naming: ["first_name", "last_name"],
        unaudited: ["phone", "email", "telegram_id", "telegram_username"],
        alsoTell: { unit, id in OwnAccount.announce(unit, [id]) }
    )

    /// - Throws: 404 for an id that is unknown, deleted, or of another salon
    func read(_ unit: UnitOfWork, salonID: Int64, id: Int64) async throws -> PostgresJSON {
        try await self.ask(unit, salonID: salonID, id: id).get()
    }

    /// As ``read(_:salonID:id:)``, together with other statements.
    func ask(_ unit: UnitOfWork, salonID: Int64, id: Int64) -> Awaited<PostgresJSON> {
        unit.ask(
            "SELECT \(self.projection) AS body FROM \(self.source) WHERE \(self.alias).salon_id = \(salonID) AND \(self.alias).id = \(id)"
        ) { rows in
            guard let row = rows.first else { throw APIError(.notFound) }
            return try row.get("body")
        }
    }

    /// Which row of its table is meant.
    func condition(salonID: Int64, id: Int64) -> SQL {
        "salon_id = \(salonID) AND id = \(id)" + (self.hidesDeleted ? " AND deleted_at IS NULL" : "")
    }

    /// Which rows of a salon are shown, as ``alias``.
    func present(in salonID: Int64) -> SQL {
        "\(self.alias).salon_id = \(salonID)" + (self.hidesDeleted ? " AND \(self.alias).deleted_at IS NULL" : "")
    }

    /// How the audit log names a row.
    func name(of body: JSONObject) -> String {
        let name = self.naming.compactMap { body[$0]?.string?.nonEmpty }.joined(separator: " ")
        return name.isEmpty ? body["email"]?.string ?? "" : name
    }
}
