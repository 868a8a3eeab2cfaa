import HTTPTypes
import JSON
import Outbox
import Postgres

extension RouteTable {
    /// The salon's people.
    mutating func addStaff() {
        self.add(.get, "/staff", .permission(.staff, .view)) { call in
            let user = try call.user
            var condition: SQL = "s.salon_id = \(user.salonID)"
            if let search = call.query["search"] {
                condition += " AND s.search LIKE search_key(\(SearchPattern.containing(search)))"
            }
            if let position = call.query["position"] ?? call.query["role"], position != "all" {
                condition += " AND s.position = \(position)"
            }
            if let isActive = try call.query.bool("isActive") { condition += " AND s.is_active = \(isActive)" }
            if let status = try call.query.word("status", of: ["active", "fired"]) {
                condition += " AND s.is_active = \(status == "active")"
            }
            return try await Listing.read(
                call.reader,
                topic: Topic.salon(user.salonID, "staff"),
                matching: """
                    SELECT s.id, row_number() OVER (ORDER BY s.first_name COLLATE ukrainian, s.last_name COLLATE ukrainian, s.id)
                        AS place
                    FROM staff s WHERE \(condition)
                    """,
                page: try Page(call.query),
                from: "staff s",
                where: "s.salon_id = \(user.salonID)",
                projection: StaffRepository.projection
            ).answer
        }
        self.add(.get, "/staff/{id}", .permission(.staff, .view)) { call in
            .json(try await StaffRepository.get(call.reader, for: try call.user, id: try call.id()))
        }
        self.add(.post, "/staff", .permission(.staff, .create), honoursIdempotencyKey: true, writesOnce: true) { call in
            let (user, input) = (try call.user, try StaffInput(try call.object(), creating: true))
            return try await call.staffWrite {
                .json(try await StaffCommands(unit: $0, user: user).create(input), status: .created)
            }
        }
        self.add(.put, "/staff/{id}", .permission(.staff, .edit), writesOnce: true) { call in
            let (user, id, input) = (try call.user, try call.id(), try StaffInput(try call.object(), creating: false))
            let isForced = try call.query.bool("force") ?? false
            return try await call.staffWrite {
                .json(try await StaffCommands(unit: $0, user: user).update(id, input, isForced: isForced))
            }
        }
        self.add(.delete, "/staff/{id}", .permission(.staff, .delete), writesOnce: true) { call in
            let (user, id, isForced) = (try call.user, try call.id(), try call.query.bool("force") ?? false)
            return try await call.staffWrite {
                try await StaffCommands(unit: $0, user: user).deactivate(id, isForced: isForced)
                return .noContent
            }
        }
        self.add(.get, "/staff/{id}/schedule", .permission(.staff, .view)) { call in
            let (user, id) = (try call.user, try call.id())
            let days = try StaffSchedule.Days(call.query)
            return .json(try await StaffSchedule.read(call.reader, salonID: user.salonID, id: id, days))
        }
        self.add(.post, "/staff/{id}/schedule", .permission(.staff, .edit), honoursIdempotencyKey: true, writesOnce: true) {
            call in
            let (user, id, input) = (try call.user, try call.id(), try ScheduleInput(try call.object()))
            return try await call.write { unit in
                _ = try await unit.change(.staff, id, by: user, salonID: user.salonID) {
                    try await StaffSchedule.write($0, salonID: user.salonID, id: id, input)
                }
                return .json(["message": "ok"])
            }
        }
    }
}

extension Call {
    /// A write that may meet another member's e-mail.
    fileprivate func staffWrite(_ body: @Sendable (UnitOfWork) async throws -> Answer) async throws -> Answer {
        do {
            return try await self.booking(body)
        } catch let error as PostgresError where error.constraint == "staff_email" {
            throw APIError(.emailTaken)
        }
    }
}
