import JSON
import Outbox
import Postgres

/// What there is of each product, and every movement that made it so.
///
/// A product's quantity is the sum of its movements' changes: both are written together, under the product's lock, counted in
/// whole thousandths.
struct StockLedger: Sendable {
    /// What `products.quantity` holds at most, in thousandths.
    private static let most: Int64 = 999_999_999_999

    private let unit: UnitOfWork
    private let user: CurrentUser

    init(_ unit: UnitOfWork, _ user: CurrentUser) {
        self.unit = unit
        self.user = user
    }

    /// Moves stock of one product, and reports the movement and the product. Whoever moves several products takes them in the
    /// order of their ids, so that nobody waits in a ring.
    ///
    /// - Parameters:
    ///   - quantity: of an adjustment what there is, else how much comes or goes
    ///   - documentID: the document that moves it
    ///   - isDelivery: whether what comes has been bought; goods of a sale that was taken back have not
    /// - Returns: the movement, as everybody gets it
    /// - Throws: 404 for a product that is unknown, deleted, or of another salon; 409 if more is to go than there is; 422 if more
    ///   is there then than can be counted
    func move(
        productID: Int64,
        type: Movement,
        quantity: PostgresNumeric,
        reason: String? = nil,
        documentNumber: String? = nil,
        documentID: Int64? = nil,
        isDelivery: Bool = true
    ) async throws -> PostgresJSON {
        let movement = StockMovement(
            type: type,
            quantity: quantity,
            reason: reason,
            documentNumber: documentNumber,
            documentID: documentID,
            isDelivery: isDelivery
        )
        var written = PostgresJSON(text: "null")
        _ = try await self.unit.change(.product, productID, by: self.user, salonID: self.user.salonID) { unit in
            let (columns, body) = try await self.record(movement, of: productID)
            written = body
            unit.emit(self.topic, StockMovement.event, body)
            return try await columns.write(unit, to: Entity.product.table, where: self.row(productID))
        }
        return written
    }

    /// What a new product begins with: its first movement, unless that is nothing.
    func open(_ productID: Int64, with quantity: PostgresNumeric) async throws {
        guard quantity != PostgresNumeric(0) else { return }
        let reason = LocalizedText("Initial stock", "Початковий залишок").text(in: self.user.language)
        let (columns, body) = try await self.record(.init(type: .incoming, quantity: quantity, reason: reason), of: productID)
        // Behind the product, that nobody knows yet.
        self.unit.emit(on: [self.topic]) { [topic = self.topic] _ in [.init(topic, StockMovement.event, body)] }
        // Part of making it: not an update of it.
        _ = try await self.unit.query("UPDATE products SET \(columns.assignments) WHERE \(self.row(productID))")
    }

    /// The adjustment that makes a locked product's quantity what somebody wrote into it, unless it is that.
    ///
    /// - Parameter minimum: the product's new minimum, where that changes with it
    /// - Returns: what is to be written to the product
    func adjust(
        _ productID: Int64,
        to quantity: PostgresNumeric,
        minimum: PostgresNumeric?
    ) async throws -> ColumnChanges {
        guard try await self.product(productID).quantity != quantity.minorUnits(scale: 3) else { return ColumnChanges() }
        let adjustment = StockMovement(type: .adjustment, quantity: quantity)
        let (columns, body) = try await self.record(adjustment, of: productID, minimum: minimum)
        self.unit.emit(self.topic, StockMovement.event, body)
        return columns
    }

    // MARK: One movement

    /// A locked product, its quantities in thousandths.
    private struct Product {
        var name: String
        var unit: String
        var quantity: Int64
        var minimum: Int64
        var isActive: Bool
    }

    /// Writes a movement of a locked product, and tells those who buy if it reaches the minimum.
    ///
    /// - Returns: what is to be written to the product, and the movement
    private func record(
        _ movement: StockMovement,
        of productID: Int64,
        minimum: PostgresNumeric? = nil
    ) async throws -> (columns: ColumnChanges, body: PostgresJSON) {
        var product = try await self.product(productID)
        let before = product
        if let minimum { product.minimum = minimum.minorUnits(scale: 3) ?? product.minimum }
        let balance = try Self.balance(of: product, after: movement)
        let body: PostgresJSON = try await self.unit.query(
            """
            INSERT INTO stock_movements AS m (salon_id, product_id, type, quantity, change, balance, reason, document_number,
                document_id, author, created_by)
            VALUES (\(self.user.salonID), \(productID), \(movement.type.rawValue), \(movement.quantity),
                \(Self.quantity(balance - product.quantity)), \(Self.quantity(balance)), \(movement.reason),
                \(movement.documentNumber), \(movement.documentID), \(self.user.name), \(self.user.id))
            RETURNING \(StockMovement.projection) AS body
            """
        ).only().get("body")
        // A minimum that is raised with it does not hide that the one before was reached; alone it reaches nothing.
        let wasAbove = before.quantity > product.minimum || before.quantity > before.minimum
        if product.isActive, balance < before.quantity, balance <= product.minimum, wasAbove {
            try await self.warn(of: productID, product, left: balance)
        }
        var columns = ColumnChanges()
        columns.set("quantity", to: "\(Self.quantity(balance))::numeric")
        if movement.type == .incoming, movement.isDelivery {
            columns.set(
                "last_restock_date",
                to: "(SELECT (now() AT TIME ZONE s.timezone)::date FROM salons s WHERE s.id = \(self.user.salonID))"
            )
        }
        return (columns, body)
    }

    /// What there is behind a movement, in thousandths.
    private static func balance(of product: Product, after movement: StockMovement) throws(APIError) -> Int64 {
        guard let quantity = movement.quantity.minorUnits(scale: 3) else { throw APIError(.validation) }
        let balance: Int64 =
            switch movement.type {
            case .incoming: product.quantity + quantity
            case .outgoing: product.quantity - quantity
            case .adjustment: quantity
            }
        guard balance >= 0 else {
            let left = Self.text(product.quantity)
            throw APIError(
                .insufficientStock,
                message: LocalizedText(
                    "There is not enough in stock: \(product.name), \(left) \(product.unit)",
                    "На складі стільки немає: \(product.name), \(left) \(UnitName.ukrainian(product.unit))"
                ),
                extra: [("available", left)]
            )
        }
        guard balance <= Self.most else {
            throw APIError.invalid("quantity", LocalizedText("is more than can be counted", "більше, ніж можна порахувати"))
        }
        return balance
    }

    private func product(_ id: Int64) async throws -> Product {
        let rows = try await self.unit.query(
            "SELECT name, unit, quantity, min_quantity, is_active FROM products WHERE \(self.row(id))"
        )
        guard let row = rows.first else { throw APIError(.notFound) }
        return Product(
            name: try row.get("name"),
            unit: try row.get("unit"),
            quantity: try row.get("quantity", as: PostgresNumeric.self).minorUnits(scale: 3) ?? 0,
            minimum: try row.get("min_quantity", as: PostgresNumeric.self).minorUnits(scale: 3) ?? 0,
            isActive: try row.get("is_active")
        )
    }

    private var topic: String { Topic.salon(self.user.salonID, Reports.product.topic) }

    private func row(_ id: Int64) -> SQL { Entity.product.condition(salonID: self.user.salonID, id: id) }

    /// Tells those who buy that the minimum is reached, at the movement that reaches it and at none after it.
    private func warn(of productID: Int64, _ product: Product, left: Int64) async throws {
        let salonID = self.user.salonID
        let (left, minimum) = (Self.text(left), Self.text(product.minimum))
        NotificationRepository.send(
            self.unit,
            salonID: salonID,
            to: try await NotificationRepository.recipients(self.unit, ofStockIn: salonID),
            link: "/inventory/products/\(productID)"
        ) { language in
            .lowStock(product.name, left: left, minimum: minimum, unit: product.unit, in: language)
        }
    }

    private static func quantity(_ thousandths: Int64) -> PostgresNumeric {
        PostgresNumeric(minorUnits: thousandths, scale: 3)
    }

    /// `2.5`, without zeros that say nothing.
    private static func text(_ thousandths: Int64) -> String {
        var text = Self.quantity(thousandths).description
        while text.last == "0" { text.removeLast() }
        return text.last == "." ? String(text.dropLast()) : text
    }
}
