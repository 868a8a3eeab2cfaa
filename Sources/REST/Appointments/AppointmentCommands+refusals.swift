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
        let (body, _, _) = try await AppointmentRepository.read(self.unit, salonID: self.user.salonID, id: id)
        throw APIError(.versionConflict, extra: [("current", try body.shown(to: self.user, HiddenPhones.visit).text)])
    }

    func refuseOverlap(_ draft: AppointmentRepository.Draft, except id: Int64?) async throws {
        guard Self.live.contains(draft.status), !draft.allowOverlap else { return }
        try await self.refuseOverlap(staffID: draft.staffID, date: draft.date, start: draft.start, end: draft.end, except: id)
    }

    func refuseOverlap(staffID: Int64?, date: String, start: LocalTime, end: LocalTime, except id: Int64?) async throws {
        guard let staffID else { return }
        let conflict = try await AppointmentRepository.conflict(
            self.unit,
            user: self.user,
            staffID: staffID,
            date: date,
            start: start,
            end: end,
            except: id
        )
        if let conflict { throw APIError(.slotTaken, extra: [("conflict", conflict.text)]) }
    }

    /// Only where the salon wants it (`strictHours`); no schedule means always at work.
    func refuseOutsideHours(_ draft: AppointmentRepository.Draft) async throws {
        guard let staffID = draft.staffID, Self.live.contains(draft.status) else { return }
        let rows = try await self.unit.query(
            """
            SELECT CASE WHEN x.date IS NULL THEN s.schedule -> \(StaffSchedule.dayName(of: "\(draft.date)::text::date")) END AS day
            FROM staff s JOIN salons ON salons.id = s.salon_id
            LEFT JOIN staff_exceptions x ON x.staff_id = s.id AND x.date = \(draft.date)::text::date
            WHERE s.salon_id = \(self.user.salonID) AND s.id = \(staffID) AND salons.strict_hours
              AND (s.schedule IS NOT NULL OR x.date IS NOT NULL)
            """
        )
        guard let row = rows.first else { return }
        let day = try row.get("day", as: PostgresJSON?.self).flatMap { try? JSONValue(parsing: $0.text) }
        guard WorkingDay(day).covers(draft.start, draft.end) else { throw APIError(.outsideWorkingHours) }
    }
}
