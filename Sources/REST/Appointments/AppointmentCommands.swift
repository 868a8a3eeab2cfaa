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
        guard let date = input.date.value, let start = input.startTime.value, let end = input.endTime.value else {
            throw APIError(.validation)
        }
        let (staffID, status) = (input.staffID.value, input.status.value ?? "scheduled")
        let time = VisitTime(
            staffID: staffID,
            date: date.text,
            start: start,
            end: end,
            isTaken: Self.live.contains(status)
        )
        // All that has to be known, in one round trip: rows are locked, and what is wrong is said, in this order.
        let lock = AppointmentRepository.lockStaff(self.unit, salonID: self.user.salonID, ids: [staffID])
        let contact = self.contact(input, clientID: nil, name: "", phone: nil)
        let services = VisitLines.resolve(self.unit, salonID: self.user.salonID, input, price: input.price.value)
        let payment = self.paymentMethod(input.paymentMethod, over: nil)
        let overlap = self.askOverlap(time, allowed: input.allowOverlap, except: nil)
        let hours = self.askHours(time)
        let recipients = self.recipients(masters: [staffID])
        let newID = AppointmentRepository.nextID(self.unit)

        let masters = try await lock.get()
        try masters.check(booking: staffID)
        let client = try await contact.get()
        let resolved = try await services.get()
        var draft = AppointmentRepository.Draft(
            clientID: client.clientID,
            clientName: client.name,
            clientPhone: client.phone,
            staffID: staffID,
            lines: resolved?.lines ?? [],
            serviceName: resolved?.text ?? "",
            date: date.text,
            start: start,
            end: end,
            status: status,
            type: input.type.value ?? "standard",
            price: resolved?.price ?? input.price.value,
            paymentMethod: try await payment.get(),
            notes: input.notes.value,
            allowOverlap: input.allowOverlap
        )
        draft.recordPayment()
        try await overlap.get()
        try self.takeHeldSlot(time, passes: input.allowOverlap)
        try await hours.get()

        let id = try await newID.get()
        AppointmentRepository.insert(self.unit, user: self.user, id: id, draft)
        self.reportFigures(from: nil, to: CountedVisit(draft))
        try await self.settlePayment(of: id, from: nil, to: PaidVisit(draft))
        let notice = Notice(.created, to: recipients)
        // Whoever walks in has arrived: the overview says when.
        let details: JSONObject = status == "arrived" ? ["status": ["from": nil, "to": "arrived"]] : [:]
        return try await self.report(draft.summary(id, masters), .created, notice, details: details, status: 201)
    }

    /// - Parameter expected: the version that the client has seen, if it said so
    func update(_ id: Int64, _ input: AppointmentInput, expected: Int64?) async throws -> Answer {
        let salonID = self.user.salonID
        let (current, masters) = try await self.lock(id, for: input.staffID.value)
        guard !current.isDeleted else { throw APIError(.notFound) }
        // Moved to another master between the two locks.
        guard masters.holds(current.staffID) else { throw MovedMeanwhile() }
        let staffID = input.staffID.applied(to: current.staffID)
        // The edit window sends all fields back: a master who has left may keep the visits that they had.
        if staffID != current.staffID { try masters.check(booking: staffID) }
        try await self.refuseStale(expected, current, id)
        let draft = try await self.draft(id, input, over: current, staffID: staffID)
        let moves = draft.moves(current)
        // What somebody was allowed is sent back by everybody who sends all fields back.
        if moves || !current.allowOverlap { try self.authorizeOverlap(input.allowOverlap) }
        if draft.saysNothingNew(of: current) {
            let visit = try await AppointmentRepository.read(self.unit, salonID: salonID, id: id).get()
            return Answer.json(try visit.body.shown(to: self.user, HiddenPhones.visit)).with(.eTag, "\"\(visit.version)\"")
        }
        let becomesLive = Self.live.contains(draft.status) && !Self.live.contains(current.status)
        let becomesUpcoming = Self.isUpcoming(draft.status) && !Self.isUpcoming(current.status)
        let isCancelled = draft.status == "cancelled" && current.status != "cancelled"
        let what: NotificationText.Visit? = isCancelled ? .cancelled : moves ? .moved : nil
        let notice = what.map { Notice($0, to: self.recipients(masters: Set([draft.staffID, current.staffID]))) }
        // A visit that is over may stay with a client who has gone, but not come again.
        let comesAgain = becomesUpcoming || (Self.isUpcoming(draft.status) && draft.isLater(than: current))
        if comesAgain, draft.clientID == current.clientID { try await self.refuseDeletedClient(draft.clientID) }
        if moves || becomesLive {
            let asksHours = moves || becomesUpcoming
            try await self.takeTime(draft.time, of: id, passes: draft.allowOverlap, asksHours: asksHours)
        }
        let serviceID = draft.lines.map { $0.first?.serviceID } ?? current.serviceID
        AppointmentRepository.update(self.unit, user: self.user, id: id, draft, serviceID: serviceID)
        self.reportFigures(from: CountedVisit(current), to: CountedVisit(draft))
        let isCompleted = draft.status == "completed" && current.status != "completed"
        try await self.settlePayment(of: id, from: PaidVisit(current), to: PaidVisit(draft), isCompleted: isCompleted)
        let details = Self.changes(from: current, to: draft)
        return try await self.report(draft.summary(id, masters), .updated, notice, details: details)
    }

    func delete(_ id: Int64) async throws -> Answer {
        let salonID = self.user.salonID
        let current = try await AppointmentRepository.lock(self.unit, salonID: salonID, id: id).get()
        guard !current.isDeleted else { throw APIError(.notFound) }
        AppointmentRepository.setDeleted(self.unit, salonID: salonID, id: id, true)
        self.reportFigures(from: CountedVisit(current), to: nil)
        try await self.settlePayment(of: id, from: PaidVisit(current), to: nil)
        let recipients = self.recipients(masters: [current.staffID])
        let summary = try await AppointmentRepository.read(self.unit, salonID: salonID, id: id).get().summary
        try await self.send(Notice(.deleted, to: recipients), of: summary)
        let data = JSONObject([
            ("id", JSONValue(id)), ("date", .string(current.date)), ("staffId", JSONValue(current.staffID)),
        ])
        self.record(summary, .deleted, PostgresJSON(text: JSONValue.object(data).text))
        return .noContent
    }

    /// Takes a deletion back: the visit is there again as it was, if its time is still free.
    func restore(_ id: Int64) async throws -> Answer {
        let salonID = self.user.salonID
        // A master who has left meanwhile may have their visit back: it is as it was.
        let (current, masters) = try await self.lock(id, for: nil)
        guard current.isDeleted, masters.holds(current.staffID) else { throw APIError(.notFound) }
        let recipients = self.recipients(masters: [current.staffID])
        let isUpcoming = Self.isUpcoming(current.status)
        try await self.takeTime(current.time, of: id, passes: current.allowOverlap, asksHours: isUpcoming)
        if isUpcoming { try await self.refuseDeletedClient(current.clientID) }
        AppointmentRepository.setDeleted(self.unit, salonID: salonID, id: id, false)
        self.reportFigures(from: nil, to: CountedVisit(current))
        try await self.settlePayment(of: id, from: nil, to: PaidVisit(current))
        return try await self.report(current.summary(id, masters), .created, Notice(.created, to: recipients))
    }

    /// Cancels a visit together with what it needs: a client, a service, its master, who is locked already.
    func cancel(_ id: Int64, of staffID: Int64?, _ masters: LockedMasters) async throws {
        let salonID = self.user.salonID
        let current = try await AppointmentRepository.lock(self.unit, salonID: salonID, id: id).get()
        // Changed between the look and the lock.
        guard !current.isDeleted, current.staffID == staffID, UpcomingVisits.statuses.contains(current.status) else {
            throw MovedMeanwhile()
        }
        AppointmentRepository.setCancelled(self.unit, salonID: salonID, id: id)
        let notice = Notice(.cancelled, to: self.recipients(masters: [staffID]))
        let status: JSONObject = ["from": .string(current.status), "to": "cancelled"]
        _ = try await self.report(current.summary(id, masters), .updated, notice, details: ["status": .object(status)])
    }

    /// Locks a visit behind its master, and behind another one whom it may go to.
    ///
    /// - Throws: 404 for an id that is unknown or of another salon; deleted visits are found
    private func lock(
        _ id: Int64,
        for staffID: Int64?
    ) async throws -> (current: AppointmentRepository.Current, masters: LockedMasters) {
        let salonID = self.user.salonID
        let masters = AppointmentRepository.lockStaff(self.unit, salonID: salonID, ids: [staffID], ofVisit: id)
        let current = AppointmentRepository.lock(self.unit, salonID: salonID, id: id)
        return (try await current.get(), try await masters.get())
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
        let contact = self.contact(
            input,
            clientID: current.clientID,
            name: current.clientName,
            phone: current.clientPhone
        )
        let input = try await self.withoutKnownLines(input.withoutKnownService(current), of: id, current)
        // Other lines that have their prices come to a new one, unless that is said too.
        let given = input.lines.value ?? []
        let isSum = input.price.isKept && !given.isEmpty && given.allSatisfy { $0.price != nil }
        let said = isSum ? nil : input.price.applied(to: current.price)
        let services = VisitLines.resolve(
            self.unit,
            salonID: self.user.salonID,
            appointmentID: id,
            input,
            price: said
        )
        let payment = self.paymentMethod(input.paymentMethod, over: current.paymentMethod)
        let client = try await contact.get()
        let resolved = try await services.get()
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
        if lines != nil, lines == (try await AppointmentRepository.lines(self.unit, salonID: self.user.salonID, id: id)) {
            // Sent again, and split again into what is there.
            lines = nil
        }
        var draft = AppointmentRepository.Draft(
            clientID: client.clientID,
            clientName: client.name,
            clientPhone: client.phone,
            staffID: staffID,
            lines: lines,
            serviceName: resolved?.text ?? current.serviceName,
            date: date,
            start: start,
            end: end,
            status: input.status.value ?? current.status,
            type: input.type.value ?? current.type,
            price: price,
            paymentMethod: try await payment.get(),
            notes: input.notes.value == "" && current.notes == nil ? nil : input.notes.applied(to: current.notes),
            allowOverlap: input.allowOverlap || (isSameSlot && current.allowOverlap)
        )
        if PaidVisit(current) == nil { draft.recordPayment() }
        return draft
    }

    /// Without the list of services if it is the one that is there, as somebody has it who sends all fields back. Another service
    /// beside it is what they mean, if they say which version they have seen: else it may be left over from an earlier one, and
    /// the same request that is sent again would change what it did.
    private func withoutKnownLines(
        _ input: AppointmentInput,
        of id: Int64,
        _ current: AppointmentRepository.Current
    ) async throws -> AppointmentInput {
        guard case .set(let given) = input.lines else { return input }
        let present = try await AppointmentRepository.lines(self.unit, salonID: self.user.salonID, id: id)
        guard given == present else { return input }
        var input = input
        input.lines = .keep
        let isCurrent = input.version == current.version
        if !isCurrent || input.serviceID.isCleared || input.serviceID.value == current.serviceID { input.serviceID = .keep }
        let isText = input.service.value?.nonEmpty != nil && input.service.value != current.serviceName
        if !isCurrent || !isText { input.service = .keep }
        return input
    }
}
