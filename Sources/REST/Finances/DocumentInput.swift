import JSON
import Postgres

/// The words of a document's enumerated fields.
enum DocumentWords {
    static let types = ["receipt", "invoice", "expense", "income", "act"]
    static let contents = ["services", "products", "mixed"]
    static let statuses = ["draft", "issued", "paid", "completed", "cancelled"]
}

/// One line of a document: a product, a service, or anything else by its name.
struct DocumentItem: Sendable, Equatable {
    var productID: Int64?
    var serviceID: Int64?
    var name: String
    var quantity: PostgresNumeric
    var price: PostgresNumeric
}

/// The body of `POST /finances/documents` and `PUT /finances/documents/{id}`, field by field.
struct DocumentInput: RowInput {
    static let maximumItems = 200

    let number: Patch<String>
    let type: Patch<String>
    let items: Patch<[DocumentItem]>
    let amount: Patch<PostgresNumeric>
    let date: Patch<LocalDate>
    let author: Patch<String>
    private let contentType: Patch<String>
    private let servicesCount: Patch<Int64>
    private let productsCount: Patch<Int64>
    private let counterparty: Patch<String>
    private let comment: Patch<String>
    private let status: Patch<String>

    /// - Throws: 422 naming every bad field
    init(_ object: JSONObject, creating: Bool) throws(APIError) {
        var body = BodyReader(object)
        self.type = body.word("type", of: DocumentWords.types)
        if self.type.isCleared || (creating && self.type.isKept) { body.require("type") }
        self.number = body.optionalText("number", maximum: 50)
        self.date = body.date("date")
        self.amount = body.money("amount")
        self.contentType = body.word("contentType", of: DocumentWords.contents)
        self.servicesCount = body.integer("servicesCount", in: 0...1_000_000)
        self.productsCount = body.integer("productsCount", in: 0...1_000_000)
        self.counterparty = body.optionalText("counterparty")
        self.comment = body.optionalText("comment", maximum: 2_000, multiline: true)
        self.author = body.text("author", maximum: BodyReader.longestPersonName)
        self.status = body.word("status", of: DocumentWords.statuses)
        self.items = Self.items(&body)
        try body.finish()
    }

    private static func items(_ body: inout BodyReader) -> Patch<[DocumentItem]> {
        let shape = "{productId? | serviceId?, name?, quantity, price}"
        return body.list("items", maximumCount: self.maximumItems, shape: shape) { body in
            let item = DocumentItem(
                productID: body.integer("productId", in: 1...Int64.max).value,
                serviceID: body.integer("serviceId", in: 1...Int64.max).value,
                name: body.text("name").value ?? "",
                quantity: body.quantity("quantity", isPositive: true).value ?? PostgresNumeric(1),
                price: body.money("price").value ?? PostgresNumeric(0)
            )
            if item.productID != nil, item.serviceID != nil { return nil }
            return item.name.isEmpty && item.productID == nil && item.serviceID == nil ? nil : item
        }
    }

    /// Without number, date, author, and what items make of it.
    var columns: ColumnChanges {
        var columns = ColumnChanges()
        columns.set("type", self.type)
        columns.set("counterparty", self.counterparty)
        columns.set("comment", self.comment)
        columns.set("status", self.status, cleared: "draft")
        return columns
    }

    /// What somebody has written of the contents: read where there are no items to count.
    var writtenContents: ColumnChanges {
        var columns = ColumnChanges()
        // Where all items are taken away there is nothing left, unless somebody says so.
        let counted: Patch<Int64> = self.items.isKept ? .keep : .clear
        columns.set("content_type", self.contentType, cleared: "services")
        columns.set("services_count", self.servicesCount.orElse(counted).map { "\($0)" }, cleared: "0")
        columns.set("products_count", self.productsCount.orElse(counted).map { "\($0)" }, cleared: "0")
        columns.set("amount", self.amount, cleared: PostgresNumeric(0))
        return columns
    }
}
