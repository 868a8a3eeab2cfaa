import JSON
import Outbox
import Postgres

/// What is refused.
extension AppointmentCommands {
    static func isUpcoming(_ status: String) -> Bool { UpcomingVisits.statuses.contains(status) }

    /// A visit that is to come again needs its client: such visits stand in the way of deleting one.
    func refuseDeletedClient(_ id: Int64?) async throws {
        guard let id else { return }
        let rows = try await self.unit.query(
            "SELECT 1 FROM clients WHERE salon_id = \(self.user.salonID) AND id = \(id) AND deleted_at IS NULL FOR SHARE"
        )
        if rows.isEmpty { throw Self.noClient }
    }

    static let noClient = APIError.invalid(
        "clientId",
        LocalizedText("there is no such client", "немає такого клієнта")
    )

    func authorizeOverlap(_ isWanted: Bool) throws(APIError) {
        if isWanted, self.user.role != .admin, self.user.role != .manager { throw APIError(.forbidden) }
    }

    func refuseStale(_ expected: Int64?, _ current: AppointmentRepository.Current, _ id: Int64) async throws {
        guard let expected, expected != current.version else { return }
        let body = try await AppointmentRepository.read(self.unit, salonID: self.user.salonID, id: id).get().body
        throw APIError(.versionConflict, extra: [("current", try body.shown(to: self.user, HiddenPhones.visit).text)])
    }

    /// Looks for a visit in the way of one that takes its master's time.
    ///
    /// - Returns: nothing, or throws 409 with that visit
    func askOverlap(_ time: VisitTime, allowed: Bool, except id: Int64?) -> Awaited<Void> {
        guard let staffID = time.staffID, time.isTaken, !allowed else { return Awaited(known: ()) }
        return AppointmentRepository.conflict(
            self.unit,
            user: self.user,
            staffID: staffID,
            date: time.date,
            start: time.start,
            end: time.end,
            except: id
        ).map { conflict in
            if let conflict { throw APIError(.slotTaken, extra: [("conflict", conflict.text)]) }
        }
    }

    /// Takes the time of a visit that is there already: its master is free then, and nobody holds it.
    ///
    /// - Parameters:
    ///   - passes: whether it may overlap
    ///   - asksHours: whether it has to lie in its master's hours; one that is over does not, as they are by now
    func takeTime(_ time: VisitTime, of id: Int64, passes: Bool, asksHours: Bool) async throws {
        let overlap = self.askOverlap(time, allowed: passes, except: id)
        let hours = asksHours ? self.askHours(time) : nil
        try await overlap.get()
        try self.takeHeldSlot(time, passes: passes)
        try await hours?.get()
    }

    /// Whether a visit lies in its master's hours: only where the salon wants that (`strictHours`); no schedule means always at
    /// work.
    ///
    /// - Returns: nothing, or throws 422
    func askHours(_ time: VisitTime) -> Awaited<Void> {
        guard let staffID = time.staffID, time.isTaken else { return Awaited(known: ()) }
        return self.unit.ask(
            """
            SELECT CASE WHEN x.date IS NULL THEN s.schedule -> \(StaffSchedule.dayName(of: "\(time.date)::text::date")) END AS day
            FROM staff s JOIN salons ON salons.id = s.salon_id
            LEFT JOIN staff_exceptions x ON x.staff_id = s.id AND x.date = \(time.date)::text::date
            WHERE s.salon_id = \(self.user.salonID) AND s.id = \(staffID) AND salons.strict_hours
              AND (s.schedule IS NOT NULL OR x.date IS NOT NULL)
            """
        ) { rows in
            guard let row = rows.first else { return }
            let day = try row.get("day", as: PostgresJSON?.self).flatMap { try? JSONValue(parsing: $0.text) }
            guard WorkingDay(day).covers(time.start, time.end) else { throw APIError(.outsideWorkingHours) }
        }
    }
}
