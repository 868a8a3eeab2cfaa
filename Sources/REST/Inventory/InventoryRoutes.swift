import HTTPTypes
import JSON
import Outbox
import Postgres

extension Resource where Input == ProductInput {
    /// What the salon has in stock.
    static let product = Resource(
        path: "/inventory/products",
        module: .inventory,
        entity: .product,
        order: "p.name COLLATE ukrainian",
        filter: { _, query in try StockFilter.condition(query) },
        refusals: ["products_sku": APIError(.skuTaken, fields: ["sku": LocalizedText("is taken", "уже використовується")])],
        prepare: { unit, user, input, id in
            // A window whose number is none sends null: nobody has counted.
            guard let id, let quantity = input.quantity.value else { return input.columns }
            let adjustment = try await StockLedger(unit, user).adjust(
                id,
                to: quantity,
                minimum: input.minQuantity.isKept ? nil : input.minQuantity.value ?? PostgresNumeric(0)
            )
            return input.columns + adjustment
        },
        completed: { unit, user, input, id in
            if let quantity = input.quantity.value { try await StockLedger(unit, user).open(id, with: quantity) }
        }
    )
}

/// Which products a list's parameters mean.
enum StockFilter {
    static func condition(_ query: QueryParameters) throws(APIError) -> SQL {
        var condition: SQL = "true"
        if let search = query["search"] { condition += " AND p.search LIKE search_key(\(SearchPattern.containing(search)))" }
        if let category = query["category"], category != "all" { condition += " AND p.category = \(category)" }
        if let type = query["type"], type != "all" { condition += " AND p.type = \(type)" }
        if let isActive = try query.bool("isActive") { condition += " AND p.is_active = \(isActive)" }
        switch query["stockStatus"] {
        case nil, "all": break
        case "out": condition += " AND p.quantity = 0"
        case "low": condition += " AND p.quantity > 0 AND p.quantity <= p.min_quantity"
        case "ok": condition += " AND p.quantity > 0 AND p.quantity > p.min_quantity"
        default:
            throw APIError.invalid(
                "stockStatus",
                LocalizedText("must be one of: ok, low, out", "має бути одним із: ok, low, out")
            )
        }
        return condition
    }
}

extension RouteTable {
    /// Products, and what moves them.
    mutating func addInventory() {
        self.add(.get, "/inventory/export", .permission(.inventory, .export), onlyReads: false) {
            try await ProductSheet.export($0)
        }
        self.add(.post, "/inventory/import", .permission(.inventory, .create), takesFile: true) {
            try await ProductSheet.imports.answer($0)
        }
        self.add(Resource.product)
        self.add(.get, "/inventory/products/{id}/history", .permission(.inventory, .view)) { call in
            let (user, id) = (try call.user, try call.id())
            let (reader, product) = (call.reader, Entity.product)
            let known = try await reader.query(
                "SELECT 1 FROM products WHERE \(product.condition(salonID: user.salonID, id: id))"
            )
            guard !known.isEmpty else { throw APIError(.notFound) }
            return try await Listing.read(
                reader,
                topic: Topic.salon(user.salonID, product.reports.topic),
                matching: """
                    SELECT m.id, row_number() OVER (ORDER BY m.id DESC) AS place FROM stock_movements m
                    WHERE m.salon_id = \(user.salonID) AND m.product_id = \(id)
                    """,
                page: try Page(call.query),
                from: "stock_movements m",
                projection: StockMovement.projection
            ).answer
        }
        // A movement changes a product: who may edit those may move them.
        self.add(
            .post,
            "/inventory/stock-movement",
            .permission(.inventory, .edit),
            honoursIdempotencyKey: true,
            writesOnce: true
        ) { call in
            let (user, input) = (try call.user, try StockMovementInput(try call.object()))
            let message = LocalizedText("The stock is changed", "Залишок змінено").text(in: call.language)
            return try await call.write { unit in
                let movement = input.movement
                let body = try await StockLedger(unit, user).move(
                    productID: input.productID,
                    type: movement.type,
                    quantity: movement.quantity,
                    reason: movement.reason,
                    documentNumber: movement.documentNumber
                ).object()
                let more: JSONObject = ["message": .string(message), "newQuantity": body["balance"] ?? .null]
                return .json(.object(body.merging(more)), status: .created)
            }
        }
    }
}
