import JSON
import Outbox
import Postgres

extension Reports {
    static let paymentMethod = Reports(
        word: "method",
        topic: "finances",
        events: [
            .created: "finance:method-created", .updated: "finance:method-updated", .deleted: "finance:method-deleted",
        ]
    )
}

extension Entity {
    static let paymentMethod = Entity(
        reports: .paymentMethod,
        table: "payment_methods",
        source: "payment_methods m",
        alias: "m",
        projection: SQL.object(
            """
            'id', m.id, 'name', m.name, 'type', m.type, 'isActive', m.is_active, 'createdAt', iso8601(m.created_at),
            'updatedAt', iso8601(m.updated_at)
            """
        ),
        naming: ["name"]
    )
}

/// The body of `POST /finances/payment-methods` and `PUT /finances/payment-methods/{id}`.
struct PaymentMethodInput: RowInput {
    static let types = ["cash", "card", "online", "certificate", "bonus", "tips", "other"]

    private var name: Patch<String>
    private var type: Patch<String>
    private var isActive: Patch<Bool>

    init(_ object: JSONObject, creating: Bool) throws(APIError) {
        var body = BodyReader(object)
        self.name = body.nonEmptyText("name", creating: creating)
        self.type = body.word("type", of: Self.types)
        self.isActive = body.bool("isActive")
        try body.finish()
    }

    var columns: ColumnChanges {
        var columns = ColumnChanges()
        columns.set("name", self.name)
        columns.set("type", self.type, cleared: "other")
        columns.set("is_active", self.isActive, cleared: true)
        return columns
    }
}

extension Resource where Input == PaymentMethodInput {
    /// The ways to pay.
    static let paymentMethod = Resource(
        path: "/finances/payment-methods",
        module: .finances,
        entity: .paymentMethod,
        order: "m.id",
        filter: { _, query in
            var condition: SQL = "true"
            if let type = try query.word("type", of: PaymentMethodInput.types) { condition += " AND m.type = \(type)" }
            if let isActive = try query.bool("isActive") { condition += " AND m.is_active = \(isActive)" }
            return condition
        },
        refusals: ["payment_methods_name": .nameTaken]
    )
}

extension APIError {
    static let nameTaken = APIError(.nameTaken, fields: ["name": LocalizedText("is taken", "уже є")])
}
