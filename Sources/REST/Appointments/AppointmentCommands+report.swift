import HTTPTypes
import JSON
import Outbox
import Postgres

/// What others hear of a visit: audit entry, notifications, event.
extension AppointmentCommands {
    /// Reports a visit that was made or changed.
    ///
    /// - Parameters:
    ///   - what: what people are told of it, if anything
    ///   - former: the user who was booked before
    ///   - details: what the audit log keeps beside
    /// - Returns: the visit as the caller may see it
    func report(
        _ id: Int64,
        _ action: AuditEntry.Action,
        notify what: NotificationText.Visit?,
        alsoTo former: Int64? = nil,
        details: JSONObject = JSONObject(),
        status: Int = 200
    ) async throws -> Answer {
        let (body, version, summary) = try await AppointmentRepository.read(self.unit, salonID: self.user.salonID, id: id)
        if let what { try await self.notify(what, summary, alsoTo: former) }
        try await self.report(summary, action, body, details)
        return Answer.json(try body.shown(to: self.user, HiddenPhones.visit), status: .init(code: status))
            .with(.eTag, "\"\(version)\"")
    }

    func report(
        _ visit: VisitSummary,
        _ action: AuditEntry.Action,
        _ data: PostgresJSON,
        _ details: JSONObject = JSONObject()
    ) async throws {
        let name = [visit.clientName, visit.serviceName].filter { !$0.isEmpty }.joined(separator: ", ")
        try await self.unit.report(
            .visit,
            action,
            id: visit.id,
            name: name.isEmpty ? "\(visit.date) \(visit.startTime)" : name,
            data: data,
            details: details,
            by: self.user,
            salonID: self.user.salonID
        )
    }

    func userID(ofStaff id: Int64?) async throws -> Int64? {
        guard let id else { return nil }
        return try await self.unit.query("SELECT user_id FROM staff WHERE salon_id = \(self.user.salonID) AND id = \(id)")
            .first?.get("user_id", as: Int64?.self)
    }

    func notify(_ what: NotificationText.Visit, _ visit: VisitSummary, alsoTo former: Int64? = nil) async throws {
        let recipients = try await NotificationRepository.recipients(
            self.unit,
            ofVisitIn: self.user.salonID,
            staffUserIDs: [visit.staffUserID, former].compactMap { $0 },
            except: self.user.id
        )
        try await NotificationRepository.send(self.unit, salonID: self.user.salonID, to: recipients, link: visit.link) {
            language in
            .visit(what, visit, in: language)
        }
    }

    /// What the audit log keeps of a change: the fields that differ, before and after. Phones are left out.
    static func changes(
        from current: AppointmentRepository.Current,
        to draft: AppointmentRepository.Draft
    ) -> JSONObject {
        var changes = JSONObject()
        func note(_ name: String, _ before: JSONValue, _ after: JSONValue) {
            if before != after { changes[name] = .object(JSONObject([("from", before), ("to", after)])) }
        }
        note("status", .string(current.status), .string(draft.status))
        note("date", .string(current.date), .string(draft.date))
        note("startTime", .string(current.start.text), .string(draft.start.text))
        note("endTime", .string(current.end.text), .string(draft.end.text))
        note("staffId", JSONValue(current.staffID), JSONValue(draft.staffID))
        note("clientName", .string(current.clientName), .string(draft.clientName))
        note("service", .string(current.serviceName), .string(draft.serviceName))
        note("price", JSONValue(current.price?.description), JSONValue(draft.price?.description))
        note("paymentMethod", JSONValue(current.paymentMethod), JSONValue(draft.paymentMethod))
        // That they have changed; what they say is the visit's.
        if current.notes != draft.notes { changes["notes"] = true }
        return changes
    }
}
