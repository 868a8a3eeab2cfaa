import HTTPTypes
import Outbox
import Postgres

extension Resource where Input == ClientInput {
    /// The salon's clients.
    static let client = Resource(
        path: "/clients",
        module: .clients,
        entity: .client,
        order: "c.first_name COLLATE ukrainian, c.last_name COLLATE ukrainian",
        filter: { user, query in try ClientRepository.filter(user: user, query) },
        projection: { user in ClientRepository.projection(phones: user.seesPhones) },
        text: { user in ClientRepository.text(phones: user.seesPhones) },
        details: { user in ClientRepository.details(visits: user.may(.calendar, .view)) },
        shown: { body, user in try body.shown(to: user, HiddenPhones.client) },
        refusals: ["clients_phone": APIError(.phoneTaken, fields: ["phone": LocalizedText("is taken", "уже є в базі")])],
        prepare: { _, user, input, id in
            var input = input
            // Whoever sees no phones sends back the empty one that they were shown.
            if id != nil, !user.seesPhones { input.phone = .keep }
            return input.columns
        },
        deletion: { call, id in try await call.hide(.client, id, after: .client(id)) }
    )
}

extension RouteTable {
    /// The salon's clients.
    mutating func addClients() {
        self.add(.get, "/clients/export", .permission(.clients, .export), onlyReads: false) { try await ClientSheet.export($0) }
        self.add(.post, "/clients/import", .permission(.clients, .create), takesFile: true) {
            try await ClientSheet.imports.answer($0)
        }
        self.add(Resource.client)
        self.add(.get, "/clients/{id}/history", .permission(.clients, .view)) { call in
            let (user, id, page) = (try call.user, try call.id(), try Page(call.query))
            let kind = try ClientHistory.kind(call.query)
            return .json(try await ClientHistory.read(call.reader, user: user, id: id, kind, page: page))
        }
    }
}
