import JSON
import Outbox
import Postgres

extension Reports {
    static let document = Reports(
        word: "document",
        topic: "finances",
        events: [
            .created: "finance:document-created", .updated: "finance:document-updated", .deleted: "finance:document-deleted",
        ]
    )
}

extension Entity {
    /// Papers: receipts, invoices and so on, with what they list.
    static let document = Entity(
        reports: .document,
        table: "documents",
        source: "documents d",
        alias: "d",
        projection: SQL.object(
            """
            'id', d.id, 'type', d.type, 'number', d.number, 'date', d.date, 'amount', trim_scale(d.amount),
            'contentType', d.content_type, 'servicesCount', d.services_count, 'productsCount', d.products_count,
            'counterparty', d.counterparty, 'comment', d.comment, 'status', d.status, 'author', d.author,
            'createdBy', d.created_by, 'createdAt', iso8601(d.created_at), 'updatedAt', iso8601(d.updated_at),
            'items', (
                SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                    'productId', i.product_id, 'serviceId', i.service_id, 'name', i.name, 'quantity', trim_scale(i.quantity),
                    'price', trim_scale(i.price))) ORDER BY i.position), '[]')
                FROM document_items i WHERE i.document_id = d.id)
            """
        ),
        naming: ["number"]
    )
}

extension Resource where Input == DocumentInput {
    /// All of them.
    static let document = Self.documents(path: "/finances/documents")
    /// Those that clients get.
    static let receipt = Self.documents(path: "/finances/receipts", only: "receipt")

    private static func documents(path: String, only type: String? = nil) -> Resource {
        Resource(
            path: path,
            module: .finances,
            entity: .document,
            order: "d.date DESC, d.id DESC",
            filter: { _, query in try Documents.filter(query, only: type) },
            prepare: { unit, user, input, id in
                let columns = try await Documents.columns(DocumentItems(unit: unit, user: user), input, id)
                return input.columns + columns
            },
            completed: { unit, user, input, id in
                let items = DocumentItems(unit: unit, user: user)
                guard let lines = input.items.value, try await items.replace(id, with: lines) else { return }
                try await items.settleStock(id)
            },
            amended: { unit, user, input, id in
                let items = DocumentItems(unit: unit, user: user)
                let isChanged = input.items.isKept ? false : try await items.replace(id, with: input.items.value ?? [])
                try await items.settleStock(id)
                return isChanged
            },
            deletion: { call, id in
                let user = try call.user
                return try await call.write { unit in
                    try await unit.hide(.document, id, by: user)
                    try await DocumentItems(unit: unit, user: user).settleStock(id)
                    return .noContent
                }
            }
        )
    }
}

/// What documents need beside the usual.
enum Documents {
    static func filter(_ query: QueryParameters, only kind: String?) throws(APIError) -> SQL {
        var condition: SQL = "true"
        if let from = try query.date("dateFrom") { condition += " AND d.date >= \(from.text)::text::date" }
        if let to = try query.date("dateTo") { condition += " AND d.date <= \(to.text)::text::date" }
        let type = try query.word("type", of: DocumentWords.types)
        if let type = kind ?? type { condition += " AND d.type = \(type)" }
        if let content = try query.word("contentType", of: DocumentWords.contents) {
            condition += " AND d.content_type = \(content)"
        }
        if let status = try query.word("status", of: DocumentWords.statuses) { condition += " AND d.status = \(status)" }
        if let search = query["search"] {
            condition += " AND d.search LIKE search_key(\(SearchPattern.containing(search))::text)"
        }
        return condition
    }

    /// What is written of a document beside its own words: where there are items, new ones or those it has, they are counted.
    ///
    /// - Parameter id: the document; `nil` for a new one
    static func columns(_ items: DocumentItems, _ input: DocumentInput, _ id: Int64?) async throws -> ColumnChanges {
        let (user, salonID, isNew) = (items.user, items.user.salonID, id == nil)
        var columns = input.writtenContents
        var lines = input.items.value ?? []
        if let id, input.items.isKept, !columns.isEmpty { lines = try await items.read(id) }
        if !lines.isEmpty {
            let contents = try await items.contents(lines)
            columns = contents.columns
            // Somebody may have agreed on another sum; it stays until there are other items, or none is named.
            if !input.items.isKept || !input.amount.isKept {
                columns.set("amount", to: "\(input.amount.value ?? contents.amount)")
            }
        }
        // A document has a date: one that is emptied stays.
        if isNew || input.date.value != nil {
            columns.set("date", to: SalonDay.orToday(input.date.value, salonID: salonID))
        }
        if let number = input.number.value {
            columns.set("number", to: "\(number)")
        } else if isNew {
            columns.set("number", to: "next_document_number(\(salonID), \(input.type.value))")
        }
        if isNew {
            columns.set("author", to: "\(input.author.value?.nonEmpty ?? user.name)")
            columns.set("created_by", to: "\(user.id)")
        } else {
            columns.set("author", input.author, cleared: "")
        }
        return columns
    }
}
