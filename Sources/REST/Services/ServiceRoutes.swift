import HTTPTypes
import Outbox
import Postgres

extension Resource where Input == ServiceInput {
    /// The price list.
    static let service = Resource(
        path: "/services",
        module: .services,
        entity: .service,
        order: "s.name COLLATE ukrainian",
        filter: { _, query in try ServiceRepository.filter(query) },
        details: { user in ServiceRepository.details(money: user.may(.finances, .view)) },
        deletion: { call, id in try await call.hide(.service, id, after: .service(id)) }
    )
}

extension RouteTable {
    /// The price list.
    mutating func addServices() {
        self.add(.get, "/services/categories", .permission(.services, .view)) { call in
            .json(try await ServiceRepository.categories(call.reader, salonID: try call.user.salonID))
        }
        self.add(Resource.service)
    }
}
