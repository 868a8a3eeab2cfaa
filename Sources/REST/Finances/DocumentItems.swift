import Outbox
import Postgres

/// The lines of a document, and the stock that they move.
struct DocumentItems: Sendable {
    let unit: UnitOfWork
    let user: CurrentUser

    /// What items say of their document.
    struct Contents: Sendable {
        var services: Int64
        var products: Int64
        var amount: PostgresNumeric

        var columns: ColumnChanges {
            var columns = ColumnChanges()
            let type = self.products == 0 ? "services" : self.services == 0 ? "products" : "mixed"
            columns.set("content_type", to: "\(type)")
            columns.set("services_count", to: "\(Int32(self.services))")
            columns.set("products_count", to: "\(Int32(self.products))")
            return columns
        }
    }

    /// Counts items and adds them up, exactly.
    ///
    /// - Throws: 422 for more than an amount can be
    func contents(_ items: [DocumentItem]) async throws -> Contents {
        let products = Int64(items.count { $0.productID != nil })
        let (quantities, prices) = (items.map(\.quantity), items.map(\.price))
        let sum: PostgresNumeric = try await self.unit.query(
            """
            SELECT coalesce(sum(round(i.quantity * i.price, 2)), 0.00) AS amount
            FROM unnest(\(quantities)::numeric[], \(prices)::numeric[]) AS i (quantity, price)
            """
        ).only().get("amount")
        guard let cents = sum.minorUnits(scale: 2), cents <= 999_999_999_999 else {
            throw APIError.invalid("items", LocalizedText("add up to more than an amount can be", "у сумі більше за найбільшу"))
        }
        return Contents(services: Int64(items.count) - products, products: products, amount: sum)
    }

    /// The lines of a document as they are.
    func read(_ documentID: Int64) async throws -> [DocumentItem] {
        let rows = try await self.unit.query(
            """
            SELECT product_id, service_id, name, quantity, price FROM document_items
            WHERE salon_id = \(self.user.salonID) AND document_id = \(documentID) ORDER BY position
            """
        )
        return try rows.map { row in
            DocumentItem(
                productID: try row.get("product_id", as: Int64?.self),
                serviceID: try row.get("service_id", as: Int64?.self),
                name: try row.get("name"),
                quantity: try row.get("quantity"),
                price: try row.get("price")
            )
        }
    }

    /// Writes lines anew, unless they are the same. Those without a name get their product's or service's.
    ///
    /// - Returns: whether anything changed
    /// - Throws: 422 for the id of nothing, or of another salon's, or of what is deleted and was not in the document before
    func replace(_ documentID: Int64, with items: [DocumentItem]) async throws -> Bool {
        let present = try await self.read(documentID)
        var items = items
        let names = try await self.names(of: items, in: present)
        for index in items.indices where items[index].name.isEmpty { items[index].name = names[index] }
        guard items != present else { return false }
        let salonID = self.user.salonID
        _ = try await self.unit.query(
            "DELETE FROM document_items WHERE salon_id = \(salonID) AND document_id = \(documentID)"
        )
        guard !items.isEmpty else { return true }
        let (products, services, texts) = (items.map(\.productID), items.map(\.serviceID), items.map(\.name))
        let (quantities, prices) = (items.map(\.quantity), items.map(\.price))
        _ = try await self.unit.query(
            """
            INSERT INTO document_items (salon_id, document_id, position, product_id, service_id, name, quantity, price)
            SELECT \(salonID), \(documentID), w.position, w.product_id, w.service_id, w.name, w.quantity, w.price
            FROM unnest(\(products)::int8[], \(services)::int8[], \(texts)::text[], \(quantities)::numeric[], \(prices)::numeric[])
                WITH ORDINALITY AS w (product_id, service_id, name, quantity, price, position)
            """
        )
        return true
    }

    private func names(of items: [DocumentItem], in present: [DocumentItem]) async throws -> [String] {
        guard !items.isEmpty else { return [] }
        let (products, services) = (items.map(\.productID), items.map(\.serviceID))
        let (oldProducts, oldServices) = (present.compactMap(\.productID), present.compactMap(\.serviceID))
        let rows = try await self.unit.query(
            """
            SELECT coalesce(p.name, s.name, '') AS name, (w.product_id IS NULL OR p.id IS NOT NULL)
                   AND (w.service_id IS NULL OR s.id IS NOT NULL) AS is_known
            FROM unnest(\(products)::int8[], \(services)::int8[]) WITH ORDINALITY AS w (product_id, service_id, position)
            LEFT JOIN products p ON p.salon_id = \(self.user.salonID) AND p.id = w.product_id
                AND (p.deleted_at IS NULL OR p.id = ANY(\(oldProducts)::int8[]))
            LEFT JOIN services s ON s.salon_id = \(self.user.salonID) AND s.id = w.service_id
                AND (s.deleted_at IS NULL OR s.id = ANY(\(oldServices)::int8[]))
            ORDER BY w.position
            """
        )
        return try rows.map { row in
            guard try row.get("is_known") else {
                throw APIError.invalid(
                    "items",
                    LocalizedText("there is no such product or service", "немає такого товару чи послуги")
                )
            }
            return try row.get("name")
        }
    }

    /// Moves as much stock as the document's movements differ from what it says by now: goods that it sells go out, those that it
    /// buys (`expense`) come in, and a draft, or one that is cancelled or deleted, moves nothing. So it is moved once, and back
    /// once, however often the document is written. Deleted products stay as they are.
    ///
    /// - Throws: 403 for whoever may not move stock, 409 if more is to go than there is
    func settleStock(_ documentID: Int64) async throws {
        let rows = try await self.unit.query(
            """
            WITH document AS (
                SELECT id, number, type, CASE WHEN deleted_at IS NOT NULL OR status NOT IN ('issued', 'paid', 'completed') THEN 0
                                        WHEN type = 'expense' THEN 1 ELSE -1 END AS direction
                FROM documents WHERE salon_id = \(self.user.salonID) AND id = \(documentID)
            ), wanted AS (
                SELECT i.product_id, sum(i.quantity * d.direction) AS change FROM document d JOIN document_items i ON i.document_id = d.id
                WHERE i.product_id IS NOT NULL GROUP BY i.product_id
            ), moved AS (
                SELECT m.product_id, sum(m.change) AS change FROM stock_movements m WHERE m.document_id = \(documentID)
                GROUP BY m.product_id
            )
            SELECT product_id, d.number, d.type = 'expense' AS is_purchase, coalesce(w.change, 0) > coalesce(m.change, 0) AS comes,
                   abs(coalesce(w.change, 0) - coalesce(m.change, 0)) AS quantity
            FROM document d CROSS JOIN (wanted w FULL JOIN moved m USING (product_id)) JOIN products p ON p.id = product_id
            WHERE p.deleted_at IS NULL AND coalesce(w.change, 0) <> coalesce(m.change, 0)
            ORDER BY product_id
            """
        )
        guard rows.isEmpty || self.user.may(.inventory, .edit) else { throw APIError(.forbidden) }
        let ledger = StockLedger(self.unit, self.user)
        for row in rows {
            _ = try await ledger.move(
                productID: try row.get("product_id"),
                type: try row.get("comes") ? .incoming : .outgoing,
                quantity: try row.get("quantity"),
                documentNumber: try row.get("number"),
                documentID: documentID,
                isDelivery: try row.get("is_purchase")
            )
        }
    }
}
