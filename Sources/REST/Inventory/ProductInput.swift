import JSON
import Postgres

/// The body of `POST /inventory/products` and `PUT /inventory/products/{id}`, field by field.
struct ProductInput: RowInput {
    private var name: Patch<String>
    private(set) var sku: Patch<String>
    private var category: Patch<String>
    private var type: Patch<String>
    private var price: Patch<PostgresNumeric>
    private var costPrice: Patch<PostgresNumeric>
    private var unit: Patch<String>
    private var packageVolume: Patch<PostgresNumeric>
    private var description: Patch<String>
    private var isActive: Patch<Bool>
    /// When it is time to buy more.
    private(set) var minQuantity: Patch<PostgresNumeric>
    /// What there is. Not a column to write: a movement changes it.
    private(set) var quantity: Patch<PostgresNumeric>

    /// - Throws: 422 naming every bad field
    init(_ object: JSONObject, creating: Bool) throws(APIError) {
        var body = BodyReader(object)
        self.name = body.nonEmptyText("name", creating: creating)
        self.sku = body.text("sku", maximum: 100)
        self.category = body.optionalText("category", maximum: 100)
        self.type = body.optionalText("type", maximum: 100)
        self.price = body.money("price")
        self.costPrice = body.money("costPrice")
        self.unit = body.optionalText("unit", maximum: 20)
        self.packageVolume = body.quantity("packageVolume")
        self.description = body.optionalText("description", maximum: 2_000, multiline: true)
        self.isActive = body.bool("isActive")
        self.minQuantity = body.quantity("minQuantity")
        self.quantity = body.quantity("quantity")
        try body.finish()
    }

    /// What is written of it, the quantity apart.
    var columns: ColumnChanges {
        var columns = ColumnChanges()
        columns.set("name", self.name)
        columns.set("sku", self.sku, cleared: "")
        columns.set("category", self.category, cleared: "uncategorized")
        columns.set("type", self.type)
        columns.set("min_quantity", self.minQuantity, cleared: PostgresNumeric(0))
        columns.set("price", self.price, cleared: PostgresNumeric(0))
        columns.set("cost_price", self.costPrice, cleared: PostgresNumeric(0))
        columns.set("unit", self.unit, cleared: "pcs")
        columns.set("package_volume", self.packageVolume)
        columns.set("description", self.description)
        columns.set("is_active", self.isActive, cleared: true)
        return columns
    }
}
