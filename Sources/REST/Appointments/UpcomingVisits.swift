import JSON
import Outbox
import Postgres

/// The visits that are still to come, or are under way, of a client, a service or a master: what stands in the way of deleting
/// those.
struct UpcomingVisits: Sendable {
    /// Whose they are.
    enum Owner: Sendable {
        case client(Int64)
        case service(Int64)
        case staff(Int64)
    }

    static let statuses = ["scheduled", "confirmed", "arrived"]
    /// How many visits one request cancels: each is audited, notified and told to every screen, in one transaction.
    private static let maximum = 200

    private let salonID: Int64
    private let condition: SQL

    init(of owner: Owner, in salonID: Int64) {
        self.salonID = salonID
        switch owner {
        case .client(let id): self.condition = "a.client_id = \(id)"
        case .staff(let id): self.condition = "a.staff_id = \(id)"
        case .service(let id):
            self.condition = """
                (a.service_id = \(id) OR EXISTS (
                    SELECT 1 FROM appointment_lines l WHERE l.appointment_id = a.id AND l.service_id = \(id)))
                """
        }
    }

    /// Cancels them if that is wanted, each with its event, audit entry and notifications.
    ///
    /// - Parameter isForced: `?force=true`
    /// - Throws: 409 naming how many there are, with force too if they are too many; 403 for a role that may not cancel them so;
    ///   `MovedMeanwhile`
    func clear(_ unit: UnitOfWork, by user: CurrentUser, isForced: Bool) async throws {
        let visits = try await self.find(unit)
        guard !visits.isEmpty else { return }
        guard isForced else {
            throw Self.refusal(
                visits.count,
                LocalizedText("There are upcoming visits: \(visits.count)", "Є майбутні візити: \(visits.count)")
            )
        }
        guard user.role == .admin || user.role == .manager else { throw APIError(.forbidden) }
        guard visits.count <= Self.maximum else {
            throw Self.refusal(
                visits.count,
                LocalizedText(
                    "There are upcoming visits: \(visits.count). At most \(Self.maximum) are cancelled at once",
                    "Є майбутні візити: \(visits.count). За раз можна скасувати не більш як \(Self.maximum)"
                )
            )
        }
        // As every booking does: masters first, then visits.
        let masters = try await AppointmentRepository.lockStaff(unit, salonID: self.salonID, ids: visits.map(\.staffID)).get()
        let commands = AppointmentCommands(unit: unit, user: user, held: nil)
        for visit in visits { try await commands.cancel(visit.id, of: visit.staffID, masters) }
    }

    private static func refusal(_ count: Int, _ message: LocalizedText) -> APIError {
        APIError(.hasAppointments, message: message, extra: [("count", String(count))])
    }

    /// Clears them, then deletes what they belong to.
    ///
    /// - Throws: as ``clear(_:by:isForced:)``; `MovedMeanwhile` if a visit was booked between the two
    func delete(_ unit: UnitOfWork, by user: CurrentUser, isForced: Bool, _ delete: () async throws -> Void) async throws {
        try await self.clear(unit, by: user, isForced: isForced)
        try await delete()
        guard try await self.find(unit).isEmpty else { throw MovedMeanwhile() }
    }

    private func find(_ unit: UnitOfWork) async throws -> [(id: Int64, staffID: Int64?)] {
        let rows = try await unit.query(
            """
            SELECT a.id, a.staff_id FROM appointments a JOIN salons s ON s.id = a.salon_id
            WHERE a.salon_id = \(self.salonID) AND a.deleted_at IS NULL AND a.status = ANY(\(Self.statuses)::text[])
              AND a.date >= (now() AT TIME ZONE s.timezone)::date - 1 AND upper(a.period) > now() AT TIME ZONE s.timezone
              AND \(self.condition)
            ORDER BY a.id
            """
        )
        return try rows.map { (try $0.get("id"), try $0.get("staff_id", as: Int64?.self)) }
    }
}

extension Call {
    /// Hides a row once no visit needs it any more: `?force=true` cancels those that do.
    ///
    /// - Throws: as ``UpcomingVisits/clear(_:by:isForced:)`` does, and 404
    func hide(_ entity: Entity, _ id: Int64, after visits: UpcomingVisits.Owner) async throws -> Answer {
        let (user, isForced) = (try self.user, try self.query.bool("force") ?? false)
        return try await self.booking { unit in
            try await UpcomingVisits(of: visits, in: user.salonID).delete(unit, by: user, isForced: isForced) {
                try await unit.hide(entity, id, by: user)
            }
            return .noContent
        }
    }
}
