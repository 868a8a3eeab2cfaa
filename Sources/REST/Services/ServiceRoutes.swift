import HTTPTypes
import Outbox
import Postgres

extension RouteTable {
    /// The price list.
    mutating func addServices() {
        self.add(.get, "/services", .permission(.services, .view)) { call in
            let user = try call.user
            var condition: SQL = "s.salon_id = \(user.salonID) AND s.deleted_at IS NULL"
            if let search = call.query["search"] {
                condition += " AND s.search LIKE search_key(\(SearchPattern.containing(search)))"
            }
            if let category = call.query["category"], category != "all" { condition += " AND s.category = \(category)" }
            if let isActive = try call.query.bool("isActive") { condition += " AND s.is_active = \(isActive)" }
            return try await Listing.read(
                call.backend.client,
                topic: Topic.salon(user.salonID, "services"),
                matching: """
                    SELECT s.id, row_number() OVER (ORDER BY s.name COLLATE ukrainian, s.id) AS place
                    FROM services s WHERE \(condition)
                    """,
                page: try Page(call.query),
                from: "services s",
                projection: ServiceRepository.projection
            ).answer
        }
        self.add(.get, "/services/categories", .permission(.services, .view)) { call in
            .json(try await ServiceRepository.categories(call.backend.client, salonID: try call.user.salonID))
        }
        self.add(.get, "/services/{id}", .permission(.services, .view)) { call in
            .json(try await ServiceRepository.get(call.backend.client, salonID: try call.user.salonID, id: try call.id()))
        }
        self.add(.post, "/services", .permission(.services, .create), honoursIdempotencyKey: true) { call in
            let (user, input) = (try call.user, try ServiceInput(try call.object(), creating: true))
            return try await call.write { unit in
                let insertion = input.columns.insertion(into: "services", salonID: user.salonID)
                let id: Int64 = try await unit.query("\(insertion) RETURNING id").only().get("id")
                return .json(try await unit.reportCreated(.service, id, by: user, salonID: user.salonID), status: .created)
            }
        }
        self.add(.put, "/services/{id}", .permission(.services, .edit)) { call in
            let (user, id, input) = (try call.user, try call.id(), try ServiceInput(try call.object(), creating: false))
            return try await call.write { .json(try await $0.change(.service, id, input.columns, by: user)) }
        }
        self.add(.delete, "/services/{id}", .permission(.services, .delete)) { call in
            let (user, id, isForced) = (try call.user, try call.id(), try call.query.bool("force") ?? false)
            return try await call.booking { unit in
                try await UpcomingVisits(of: .service(id), in: user.salonID).delete(unit, by: user, isForced: isForced) {
                    try await unit.hide(.service, id, by: user)
                }
                return .noContent
            }
        }
    }
}
