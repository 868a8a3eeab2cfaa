import Postgres

/// Products in workbooks.
enum ProductSheet {
    private static let categories = [
        "professional": ["професійні"], "retail": ["роздріб"], "consumables": ["витратні матеріали"],
        "equipment": ["обладнання"], "uncategorized": ["без категорії"],
    ]
    private static let units = [
        "pcs": ["шт", "шт.", "штук"], "ml": ["мл", "мл."], "l": ["л", "л."], "g": ["г", "г.", "гр"], "kg": ["кг", "кг."],
    ]

    private static let names: [SheetField] = [
        SheetField("name", "Назва", width: 32, others: ["Найменування", "Товар"]),
        SheetField("sku", "Артикул", width: 16, others: ["Код"]),
    ]
    private static let basics: [SheetField] = [
        SheetField("category", "Категорія", .words(categories), width: 18), SheetField("type", "Тип", width: 14),
        SheetField("unit", "Одиниця", .words(units), width: 10, others: ["Од.", "Одиниця виміру"]),
        SheetField("packageVolume", "Об'єм упаковки", .number), SheetField("isActive", "Активний", .flag, width: 10),
    ]
    private static let stock: [SheetField] = [
        SheetField("quantity", "Залишок", .number, width: 10, others: ["Кількість"]),
        SheetField("minQuantity", "Мінімальний залишок", .number, others: ["Мінімум"]),
        SheetField("lastRestockDate", "Останнє надходження", .date, isImported: false),
    ]
    private static let prices: [SheetField] = [
        SheetField("price", "Ціна", .money, width: 12), SheetField("costPrice", "Собівартість", .money, width: 14),
    ]
    private static let description: [SheetField] = [SheetField("description", "Опис", width: 40)]

    static let fields = names + basics + stock + prices + description

    /// Duplicates are told by their article numbers.
    static let imports = SheetImport(
        resource: .product,
        fields: fields,
        required: "name",
        key: "sku",
        keyOf: { $0.sku.value?.lowercased().nonEmpty },
        isTaken: { salonID in
            """
            EXISTS (SELECT 1 FROM products p WHERE p.salon_id = \(salonID) AND p.deleted_at IS NULL AND p.sku <> ''
                    AND search_key(p.sku) = search_key(given.key))
            """
        }
    )

    /// The products of a list's parameters, with the columns that are asked for; with all if none are.
    static func export(_ call: Call) async throws -> Answer {
        let query = call.query
        try query.checkFormat()
        let groups: [(flag: String, fields: [SheetField])] = [
            ("includeBasicInfo", self.basics), ("includeStockInfo", self.stock), ("includeFinancialInfo", self.prices),
            ("includeDescription", self.description),
        ]
        let isChosen = try groups.map { try query.bool($0.flag) }
        let isAnyNamed = isChosen.contains { $0 != nil }
        let fields = zip(groups, isChosen).flatMap { isAnyNamed && $1 != true ? [] : $0.fields }
        let products = try Resource.product.sheet("Товари", try query.chosen(self.names + fields), for: try call.user, query)
        return try await call.workbook("inventory", [products])
    }
}
