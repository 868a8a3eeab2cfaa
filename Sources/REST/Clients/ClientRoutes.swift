import HTTPTypes
import Outbox
import Postgres

extension RouteTable {
    /// The salon's clients.
    mutating func addClients() {
        self.add(.get, "/clients", .permission(.clients, .view)) { call in
            let user = try call.user
            return try await Listing.read(
                call.backend.client,
                topic: Topic.salon(user.salonID, "clients"),
                matching: """
                    SELECT c.id, row_number() OVER (ORDER BY c.first_name COLLATE ukrainian, c.last_name COLLATE ukrainian, c.id)
                        AS place
                    FROM clients c WHERE \(try ClientRepository.condition(user: user, call.query))
                    """,
                page: try Page(call.query),
                from: ClientRepository.source,
                projection: ClientRepository.projection(phones: user.seesPhones)
            ).answer
        }
        self.add(.get, "/clients/{id}", .permission(.clients, .view)) { call in
            .json(try await ClientRepository.get(call.backend.client, user: try call.user, id: try call.id()))
        }
        self.add(.post, "/clients", .permission(.clients, .create), honoursIdempotencyKey: true) { call in
            let (user, input) = (try call.user, try ClientInput(try call.object(), creating: true))
            return try await call.clientWrite {
                .json(try await ClientRepository.create($0, user: user, input), status: .created)
            }
        }
        self.add(.put, "/clients/{id}", .permission(.clients, .edit)) { call in
            let (user, id, input) = (try call.user, try call.id(), try ClientInput(try call.object(), creating: false))
            return try await call.clientWrite { .json(try await ClientRepository.update($0, user: user, id: id, input)) }
        }
        self.add(.delete, "/clients/{id}", .permission(.clients, .delete)) { call in
            let (user, id, isForced) = (try call.user, try call.id(), try call.query.bool("force") ?? false)
            return try await call.booking { unit in
                try await UpcomingVisits(of: .client(id), in: user.salonID).delete(unit, by: user, isForced: isForced) {
                    try await unit.hide(.client, id, by: user)
                }
                return .noContent
            }
        }
    }
}

extension Call {
    /// A write that may meet another client's phone.
    fileprivate func clientWrite(_ body: @Sendable (UnitOfWork) async throws -> Answer) async throws -> Answer {
        do {
            return try await self.write(body)
        } catch let error as PostgresError where error.constraint == "clients_phone" {
            throw APIError(.phoneTaken, fields: ["phone": LocalizedText("is taken", "уже є в базі")])
        }
    }
}
