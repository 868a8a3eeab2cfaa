import HTTPTypes
import Postgres

extension Resource where Input == ReviewInput {
    /// What clients say. Reviews are written and read; nobody changes them.
    static let review = Resource(
        path: "/overview/reviews",
        module: .clients,
        entity: .review,
        order: "r.date DESC",
        shown: { body, user in try body.shown(to: user, HiddenPhones.client) },
        prepare: { unit, user, input, _ in try await input.columns(unit, by: user) }
    )
}

extension RouteTable {
    /// What has been booked, said and changed.
    mutating func addOverview() {
        self.add(.get, "/overview/records", .permission(.calendar, .view)) { call in
            let user = try call.user
            let list = try VisitRecords.list(call.query, for: user, in: call.language)
            return try await list.answer(call.reader, try Page(call.query), topic: Topic.appointments(user.salonID))
        }
        self.add(.get, "/overview/reviews", .permission(.clients, .view)) { call in
            let user = try call.user
            let topic = Topic.salon(user.salonID, Reports.review.topic)
            return try await Reviews.list(call.query, for: user)
                .answer(call.reader, try Page(call.query), topic: topic)
        }
        self.add(.post, "/overview/reviews", .permission(.clients, .create), honoursIdempotencyKey: true, writesOnce: true) {
            call in
            try await Resource.review.create(call)
        }
        self.add(.get, "/overview/changes", .permission(.settings, .view)) { call in
            try await ChangeLog.list(call.query, for: try call.user, in: call.language)
                .answer(call.reader, try Page(call.query))
        }
    }
}
