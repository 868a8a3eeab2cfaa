import Postgres

/// Operations in workbooks.
enum OperationSheet {
    private static let types = [
        "payment": ["оплата"], "refund": ["повернення"], "transfer": ["переказ"], "withdrawal": ["вилучення"],
        "deposit": ["внесення"], "income": ["дохід"], "expense": ["витрата"],
    ]
    private static let statuses = ["completed": ["проведено"], "pending": ["очікує"], "cancelled": ["скасовано"]]

    private static let fields: [SheetField] = [
        SheetField("date", "Дата", .date, width: 12), SheetField("type", "Операція", .words(types), width: 14),
        SheetField("amount", "Сума", .money, width: 14), SheetField("status", "Стан", .words(statuses), width: 12),
        SheetField("category", "Категорія", width: 18), SheetField("description", "Опис", width: 36),
        SheetField("documentNumber", "Номер документа"), SheetField("client", "Клієнт", width: 26),
        SheetField("paymentMethod", "Спосіб оплати", width: 18), SheetField("cashRegister", "Каса", width: 18),
        SheetField("toCashRegister", "До каси", width: 18), SheetField("author", "Автор", width: 24),
        SheetField("createdAt", "Додано", .moment),
    ]

    /// The operations of a list's parameters.
    static func export(_ call: Call) async throws -> Answer {
        let query = call.query
        try query.checkFormat()
        let fields = try query.chosen(self.fields)
        let operations = try Resource.operation.sheet("Операції", fields, for: try call.user, query)
        return try await call.workbook("finances", [operations])
    }
}
