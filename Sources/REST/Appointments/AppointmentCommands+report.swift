import HTTPTypes
import JSON
import Outbox
import Postgres

/// What others hear of a visit: audit entry, notifications, event.
extension AppointmentCommands {
    /// Something that people are told of a visit.
    struct Notice: Sendable {
        let what: NotificationText.Visit
        let recipients: Awaited<[NotificationRepository.Recipient]>

        init(_ what: NotificationText.Visit, to recipients: Awaited<[NotificationRepository.Recipient]>) {
            (self.what, self.recipients) = (what, recipients)
        }
    }

    /// Reports a visit that was made or changed.
    ///
    /// - Parameters:
    ///   - visit: the visit as it is now
    ///   - notice: what people are told of it, if anything
    ///   - details: what the audit log keeps beside
    /// - Returns: the visit as the caller may see it
    func report(
        _ visit: VisitSummary,
        _ action: AuditEntry.Action,
        _ notice: Notice?,
        details: JSONObject = JSONObject(),
        status: Int = 200
    ) async throws -> Answer {
        let read = AppointmentRepository.read(self.unit, salonID: self.user.salonID, id: visit.id)
        if let notice { try await self.send(notice, of: visit) }
        let written = try await read.get()
        self.record(visit, action, written.body, details)
        return Answer.json(try written.body.shown(to: self.user, HiddenPhones.visit), status: .init(code: status))
            .with(.eTag, "\"\(written.version)\"")
    }

    /// Writes the audit entry of a visit, and its event.
    func record(
        _ visit: VisitSummary,
        _ action: AuditEntry.Action,
        _ data: PostgresJSON,
        _ details: JSONObject = JSONObject()
    ) {
        let name = [visit.clientName, visit.serviceName].filter { !$0.isEmpty }.joined(separator: ", ")
        self.unit.report(
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

    /// Who is told of a visit of these masters.
    func recipients(masters: Set<Int64?>) -> Awaited<[NotificationRepository.Recipient]> {
        NotificationRepository.recipients(self.unit, ofVisitIn: self.user.salonID, masters: masters, except: self.user.id)
    }

    func send(_ notice: Notice, of visit: VisitSummary) async throws {
        let recipients = try await notice.recipients.get()
        NotificationRepository.send(self.unit, salonID: self.user.salonID, to: recipients, link: visit.link) { language in
            .visit(notice.what, visit, in: language)
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
        note("clientId", JSONValue(current.clientID), JSONValue(draft.clientID))
        note("clientName", .string(current.clientName), .string(draft.clientName))
        note("service", .string(current.serviceName), .string(draft.serviceName))
        note("type", .string(current.type), .string(draft.type))
        note("price", JSONValue(current.price?.description), JSONValue(draft.price?.description))
        note("paymentMethod", JSONValue(current.paymentMethod), JSONValue(draft.paymentMethod))
        note("allowOverlap", .bool(current.allowOverlap), .bool(draft.allowOverlap))
        // That they have changed; what they say is the visit's.
        if current.clientPhone != draft.clientPhone { changes["clientPhone"] = true }
        // Of the same names and the same price: what they cost each, how long they take, which of the list they are.
        let isListOnly = current.serviceName == draft.serviceName && current.price == draft.price
        if draft.lines != nil, isListOnly { changes["services"] = true }
        if current.notes != draft.notes { changes["notes"] = true }
        return changes
    }
}
