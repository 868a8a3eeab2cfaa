import HTTPTypes

extension RouteTable {
    /// The calendar.
    mutating func addAppointments() {
        self.add(.get, "/appointments", .permission(.calendar, .view)) { call in
            let page = try Page(call.query)
            let user = try call.user
            return try await AppointmentRepository.list(call.reader, user: user, .init(call.query), page: page).answer
        }
        self.add(.get, "/appointments/calendar", .permission(.calendar, .view)) { call in
            .json(try await CalendarFrame.read(call.reader, salonID: try call.user.salonID))
        }
        self.add(.get, "/appointments/{id}", .permission(.calendar, .view)) { call in
            let user = try call.user
            let (body, version) = try await AppointmentRepository.get(call.reader, user: user, id: try call.id())
            return Answer.json(body).with(.eTag, "\"\(version)\"")
        }
        self.add(.post, "/appointments", .permission(.calendar, .create), honoursIdempotencyKey: true, writesOnce: true) { call in
            let (user, input) = (try call.user, try AppointmentInput(try call.object(), creating: true))
            let held = try await call.heldSlots(fence: input.fence)
            return try await call.booking { try await AppointmentCommands(unit: $0, user: user, held: held).create(input) }
        }
        self.add(.put, "/appointments/{id}", .permission(.calendar, .edit), writesOnce: true) { call in
            let (user, id) = (try call.user, try call.id())
            let input = try AppointmentInput(try call.object(), creating: false)
            let expected = try call.expectedVersion(body: input.version)
            let held = try await call.heldSlots(fence: input.fence)
            return try await call.booking {
                try await AppointmentCommands(unit: $0, user: user, held: held).update(id, input, expected: expected)
            }
        }
        self.add(.patch, "/appointments/{id}/status", .permission(.calendar, .edit), writesOnce: true) { call in
            let (user, id) = (try call.user, try call.id())
            var input = try AppointmentInput(try call.object().keeping(["status", "version", "fence"]), creating: false)
            guard let status = input.status.value else { throw APIError.invalid("status", .isRequired) }
            input.status = .set(status)
            let expected = try call.expectedVersion(body: input.version)
            let held = try await call.heldSlots(fence: input.fence)
            return try await call.booking { [input] unit in
                try await AppointmentCommands(unit: unit, user: user, held: held).update(id, input, expected: expected)
            }
        }
        self.add(.delete, "/appointments/{id}", .permission(.calendar, .delete), writesOnce: true) { call in
            let (user, id) = (try call.user, try call.id())
            return try await call.write { try await AppointmentCommands(unit: $0, user: user, held: nil).delete(id) }
        }
        self.add(
            .post,
            "/appointments/{id}/restore",
            .permission(.calendar, .create),
            honoursIdempotencyKey: true,
            writesOnce: true
        ) { call in
            let (user, id) = (try call.user, try call.id())
            let held = try await call.heldSlots(fence: nil)
            return try await call.booking { try await AppointmentCommands(unit: $0, user: user, held: held).restore(id) }
        }
    }
}

extension AppointmentRepository.Filter {
    init(_ query: QueryParameters) throws(APIError) {
        let (day, from, to) = (try query.date("date"), try query.date("dateFrom"), try query.date("dateTo"))
        self.from = day ?? from
        self.to = day ?? to
        self.staffID = try query.id("staffId")
        self.clientID = try query.id("clientId")
        self.status = try query.word("status", of: AppointmentWords.statuses)
    }
}
