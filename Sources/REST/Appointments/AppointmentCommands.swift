import HTTPTypes
import JSON
import Outbox
import Postgres

/// What people do with visits: each in one transaction with its lines, audit entry, notifications and event.
struct AppointmentCommands: Sendable {
    let unit: UnitOfWork
    let user: CurrentUser
    /// The slots that desks are booking; nil for what books nothing.
    let held: HeldSlots?

    static let live: Set<String> = ["scheduled", "confirmed", "arrived", "completed"]

    // MARK: Commands

    func create(_ input: AppointmentInput) async throws -> Answer {
        try self.authorizeOverlap(input.allowOverlap)
        try await AppointmentRepository.lockStaff(
            self.unit,
            salonID: self.user.salonID,
            ids: [input.staffID.value],
            booking: input.staffID.value
        )
        guard let date = input.date.value, let start = input.startTime.value, let end = input.endTime.value else {
            throw APIError(.validation)
        }
        let contact = try await self.contact(input, clientID: nil, name: "", phone: nil)
        let resolved = try await VisitLines.resolve(self.unit, salonID: self.user.salonID, input, price: input.price.value)
        var draft = AppointmentRepository.Draft(
            clientID: contact.clientID,
            clientName: contact.name,
            clientPhone: contact.phone,
            staffID: input.staffID.value,
            lines: resolved?.lines ?? [],
            serviceName: resolved?.text ?? "",
            date: date.text,
            start: start,
            end: end,
            status: input.status.value ?? "scheduled",
            type: input.type.value ?? "standard",
            price: resolved?.price ?? input.price.value,
            paymentMethod: try await self.paymentMethod(input.paymentMethod, over: nil),
            notes: input.notes.value,
            allowOverlap: input.allowOverlap
        )
        draft.recordPayment()
        try await self.refuseOverlap(draft, except: nil)
        try self.takeHeldSlot(draft)
        try await self.refuseOutsideHours(draft)
        let id = try await AppointmentRepository.insert(self.unit, user: self.user, draft)
        try await self.reportFigures(from: nil, to: CountedVisit(draft))
        try await self.settlePayment(of: id, from: nil, to: PaidVisit(draft))
        return try await self.report(id, .created, notify: .created, status: 201)
    }

    /// - Parameter expected: the version that the client has seen, if it said so
    func update(_ id: Int64, _ input: AppointmentInput, expected: Int64?) async throws -> Answer {
        let salonID = self.user.salonID
        let staffBefore = try await AppointmentRepository.staffID(self.unit, salonID: salonID, id: id)
        let staffID = input.staffID.applied(to: staffBefore)
        try await AppointmentRepository.lockStaff(
            self.unit,
            salonID: salonID,
            ids: [staffBefore, staffID],
            // The edit window sends all fields back: a master who has left may keep the visits that they had.
            booking: staffID == staffBefore ? nil : staffID
        )
        let current = try await AppointmentRepository.lock(self.unit, salonID: salonID, id: id)
        guard !current.isDeleted else { throw APIError(.notFound) }
        guard current.staffID == staffBefore else {
            // Moved to another master between the look and the lock.
            throw MovedMeanwhile()
        }
        try await self.refuseStale(expected, current, id)
        let draft = try await self.draft(id, input, over: current, staffID: staffID)
        let moves = draft.moves(current)
        // What somebody was allowed is sent back by everybody who sends all fields back.
        if moves || !current.allowOverlap { try self.authorizeOverlap(input.allowOverlap) }
        if draft.saysNothingNew(of: current) {
            let (body, version, _) = try await AppointmentRepository.read(self.unit, salonID: salonID, id: id)
            return Answer.json(try body.shown(to: self.user, HiddenPhones.visit)).with(.eTag, "\"\(version)\"")
        }
        let becomesLive = Self.live.contains(draft.status) && !Self.live.contains(current.status)
        let becomesUpcoming = Self.isUpcoming(draft.status) && !Self.isUpcoming(current.status)
        if becomesUpcoming, draft.clientID == current.clientID { try await self.refuseDeletedClient(draft.clientID) }
        if moves || becomesLive {
            try await self.refuseOverlap(draft, except: id)
            try self.takeHeldSlot(draft)
            if moves { try await self.refuseOutsideHours(draft) }
        }
        let serviceID = draft.lines.map { $0.first?.serviceID } ?? current.serviceID
        try await AppointmentRepository.update(self.unit, user: self.user, id: id, draft, serviceID: serviceID)
        try await self.reportFigures(from: CountedVisit(current), to: CountedVisit(draft))
        try await self.settlePayment(of: id, from: PaidVisit(current), to: PaidVisit(draft))
        let isCancelled = draft.status == "cancelled" && current.status != "cancelled"
        let what: NotificationText.Visit? =
            isCancelled ? .cancelled : moves ? .moved : nil
        let details = Self.changes(from: current, to: draft)
        let former = draft.staffID == current.staffID ? nil : try await self.userID(ofStaff: current.staffID)
        return try await self.report(id, .updated, notify: what, alsoTo: former, details: details)
    }

    func delete(_ id: Int64) async throws -> Answer {
        let salonID = self.user.salonID
        let current = try await AppointmentRepository.lock(self.unit, salonID: salonID, id: id)
        guard !current.isDeleted else { throw APIError(.notFound) }
        try await AppointmentRepository.setDeleted(self.unit, salonID: salonID, id: id, true)
        try await self.reportFigures(from: CountedVisit(current), to: nil)
        try await self.settlePayment(of: id, from: PaidVisit(current), to: nil)
        let (_, _, summary) = try await AppointmentRepository.read(self.unit, salonID: salonID, id: id)
        try await self.notify(.deleted, summary)
        let data = JSONObject([
            ("id", JSONValue(id)), ("date", .string(current.date)), ("staffId", JSONValue(current.staffID)),
        ])
        try await self.report(summary, .deleted, PostgresJSON(text: JSONValue.object(data).text))
        return .noContent
    }

    /// Takes a deletion back: the visit is there again as it was, if its time is still free.
    func restore(_ id: Int64) async throws -> Answer {
        let salonID = self.user.salonID
        let staffID = try await AppointmentRepository.staffID(self.unit, salonID: salonID, id: id, deleted: true)
        // A master who has left meanwhile may have their visit back: it is as it was.
        try await AppointmentRepository.lockStaff(self.unit, salonID: salonID, ids: [staffID], booking: nil)
        let current = try await AppointmentRepository.lock(self.unit, salonID: salonID, id: id)
        guard current.isDeleted, current.staffID == staffID else { throw APIError(.notFound) }
        if Self.live.contains(current.status), !current.allowOverlap {
            try await self.refuseOverlap(
                staffID: current.staffID,
                date: current.date,
                start: current.start,
                end: current.end,
                except: id
            )
            try self.takeHeldSlot(staffID, current.date, current.start, current.end, passes: false)
        }
        if Self.isUpcoming(current.status) { try await self.refuseDeletedClient(current.clientID) }
        try await AppointmentRepository.setDeleted(self.unit, salonID: salonID, id: id, false)
        try await self.reportFigures(from: nil, to: CountedVisit(current))
        try await self.settlePayment(of: id, from: nil, to: PaidVisit(current))
        return try await self.report(id, .created, notify: .created)
    }

    /// Cancels a visit together with what it needs: a client, a service, its master, who is locked already.
    func cancel(_ id: Int64, ofStaff staffID: Int64?) async throws {
        let salonID = self.user.salonID
        let current = try await AppointmentRepository.lock(self.unit, salonID: salonID, id: id)
        // Changed between the look and the lock.
        guard !current.isDeleted, current.staffID == staffID, UpcomingVisits.statuses.contains(current.status) else {
            throw MovedMeanwhile()
        }
        try await AppointmentRepository.setCancelled(self.unit, salonID: salonID, id: id)
        let status: JSONObject = ["from": .string(current.status), "to": "cancelled"]
        _ = try await self.report(id, .updated, notify: .cancelled, details: ["status": .object(status)])
    }

    // MARK: What is written

    private func draft(
        _ id: Int64,
        _ input: AppointmentInput,
        over current: AppointmentRepository.Current,
        staffID: Int64?
    ) async throws -> AppointmentRepository.Draft {
        let start = input.startTime.value ?? current.start
        let end = input.endTime.value ?? current.end
        if let text = AppointmentInput.refusal(start, end) {
            throw APIError.invalid("endTime", LocalizedText(text.english, text.ukrainian))
        }
        let contact = try await self.contact(
            input,
            clientID: current.clientID,
            name: current.clientName,
            phone: current.clientPhone
        )
        let input = try await self.withoutKnownLines(input, of: id)
        // Other lines that have their prices come to a new one, unless that is said too.
        let given = input.lines.value ?? []
        let isSum = input.price.isKept && !given.isEmpty && given.allSatisfy { $0.price != nil }
        let said = isSum ? nil : input.price.applied(to: current.price)
        let resolved = try await VisitLines.resolve(
            self.unit,
            salonID: self.user.salonID,
            appointmentID: id,
            input,
            price: said
        )
        let price = resolved?.price ?? said
        let isPriceChanged = price != current.price
        let isSameText = input.lines.isKept && input.serviceID.isKept && resolved?.text == current.serviceName
        let date = input.date.value?.text ?? current.date
        let isSameSlot = staffID == current.staffID && date == current.date && start == current.start && end == current.end
        // The edit window sends the text back as it was: the lines stay as they are.
        var lines =
            isPriceChanged && (isSameText || resolved == nil)
            ? try await VisitLines.resplit(self.unit, salonID: self.user.salonID, appointmentID: id, price: price)
            : isSameText ? nil : resolved?.lines
        if !given.isEmpty, lines == (try await AppointmentRepository.lines(self.unit, salonID: self.user.salonID, id: id)) {
            // Sent again, and split again into what is there.
            lines = nil
        }
        var draft = AppointmentRepository.Draft(
            clientID: contact.clientID,
            clientName: contact.name,
            clientPhone: contact.phone,
            staffID: staffID,
            lines: lines,
            serviceName: resolved?.text ?? current.serviceName,
            date: date,
            start: start,
            end: end,
            status: input.status.value ?? current.status,
            type: input.type.value ?? current.type,
            price: price,
            paymentMethod: try await self.paymentMethod(input.paymentMethod, over: current.paymentMethod),
            notes: input.notes.applied(to: current.notes),
            allowOverlap: input.allowOverlap || (isSameSlot && current.allowOverlap)
        )
        if PaidVisit(current) == nil { draft.recordPayment() }
        return draft
    }

    /// Without the list of services if it is the one that is there, as somebody has it who sends all fields back.
    private func withoutKnownLines(_ input: AppointmentInput, of id: Int64) async throws -> AppointmentInput {
        guard case .set(let given) = input.lines else { return input }
        let present = try await AppointmentRepository.lines(self.unit, salonID: self.user.salonID, id: id)
        guard given == present else { return input }
        var input = input
        (input.lines, input.serviceID, input.service) = (.keep, .keep, .keep)
        return input
    }

    /// Who the visit is for. A masked phone is no phone: absent on creation, unchanged afterwards.
    private func contact(
        _ input: AppointmentInput,
        clientID present: Int64?,
        name presentName: String,
        phone presentPhone: String?
    ) async throws -> (clientID: Int64?, name: String, phone: String?) {
        var phone = presentPhone
        var isNewPhone = false
        switch input.clientPhone {
        case .keep: break
        // Whoever sees no phones sends back the empty one that they were shown.
        case _ where !self.user.seesPhones && presentPhone != nil: break
        case .clear: phone = nil
        case .set(let typed) where PhoneNumber(typed).isMask: break
        case .set(let typed):
            isNewPhone = typed != presentPhone
            phone = typed.nonEmpty
        }
        var name = input.clientName.value ?? (input.clientName.isCleared ? "" : presentName)
        var clientID = input.clientID.applied(to: present)
        if let id = input.clientID.value, id != present {
            let rows = try await self.unit.query(
                """
                SELECT trim(first_name || ' ' || last_name) AS name, phone FROM clients
                WHERE salon_id = \(self.user.salonID) AND id = \(id) AND deleted_at IS NULL FOR SHARE
                """
            )
            guard let row = rows.first else { throw Self.noClient }
            if name.isEmpty || input.clientName.isKept { name = try row.get("name") }
            if phone == nil, input.clientPhone.isKept { phone = try row.get("phone", as: String.self).nonEmpty }
        } else if isNewPhone, input.clientID.isKept, let key = phone.flatMap({ PhoneNumber($0).normalisedKey }) {
            let rows = try await self.unit.query(
                "SELECT id FROM clients WHERE salon_id = \(self.user.salonID) AND phone_key = \(key) AND deleted_at IS NULL FOR SHARE"
            )
            clientID = try rows.first?.get("id")
        }
        return (clientID, name, phone)
    }
}
