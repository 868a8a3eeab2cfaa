import Outbox
import Postgres

/// The masters whose bookings wait for a transaction.
struct LockedMasters: Sendable {
    /// What a visit says of its master.
    struct Master: Sendable {
        let name: String
        fileprivate let isActive: Bool
    }

    private let found: [Int64: Master]

    init(_ rows: PostgresRows) throws {
        var found: [Int64: Master] = [:]
        for row in rows {
            found[try row.get("id")] = Master(name: try row.get("name"), isActive: try row.get("is_active"))
        }
        self.found = found
    }

    /// Where none is concerned.
    static let nobody = LockedMasters()

    private init() { self.found = [:] }

    /// The master with this id, if there is one.
    subscript(_ id: Int64?) -> Master? { id.flatMap { self.found[$0] } }

    /// Whether nobody else books this master meanwhile; a visit of no master is in nobody's way.
    func holds(_ id: Int64?) -> Bool { id == nil || self[id] != nil }

    /// - Throws: 422 for a master that is unknown, of another salon, or inactive
    func check(booking id: Int64?) throws(APIError) {
        guard let id, self.found[id]?.isActive != true else { return }
        throw APIError.invalid("staffId", LocalizedText("there is no such active staff member", "немає такого активного майстра"))
    }
}

extension AppointmentRepository {
    /// Locks the masters concerned, in id order: concurrent bookings of one master queue here and never deadlock in the
    /// exclusion constraint.
    ///
    /// - Parameters:
    ///   - ids: masters that are named
    ///   - visit: a visit whose present master is concerned too. That can change until the visit itself is locked
    static func lockStaff(
        _ unit: UnitOfWork,
        salonID: Int64,
        ids: [Int64?],
        ofVisit visit: Int64? = nil
    ) -> Awaited<LockedMasters> {
        let named = Set(ids.compactMap(\.self)).sorted()
        guard !named.isEmpty || visit != nil else { return Awaited(known: .nobody) }
        let present: SQL =
            visit.map { " || ARRAY(SELECT a.staff_id FROM appointments a WHERE a.salon_id = \(salonID) AND a.id = \($0))" } ?? ""
        return unit.ask(
            """
            SELECT id, is_active, trim(first_name || ' ' || last_name) AS name FROM staff
            WHERE salon_id = \(salonID) AND id = ANY(\(named)::int8[]\(present)) ORDER BY id FOR NO KEY UPDATE
            """
        ) { try LockedMasters($0) }
    }
}
