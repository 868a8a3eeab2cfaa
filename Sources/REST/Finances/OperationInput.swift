import JSON
import Postgres

/// The words of an operation's enumerated fields.
enum OperationWords {
    static let types = ["payment", "refund", "transfer", "withdrawal", "deposit", "income", "expense"]
    static let statuses = ["completed", "pending", "cancelled"]
}

/// The body of `POST /finances/operations` and `PUT /finances/operations/{id}`, field by field. The page's form sends names, other
/// clients ids.
struct OperationInput: RowInput {
    let type: Patch<String>
    let paymentMethod: NamedRow
    let cashRegister: NamedRow
    let toCashRegister: NamedRow
    let client: NamedRow
    let staffID: Patch<Int64>
    let status: Patch<String>
    let amount: Patch<PostgresNumeric>
    private let date: Patch<LocalDate>
    private let category: Patch<String>
    private let description: Patch<String>
    private let documentNumber: Patch<String>
    private let author: Patch<String>

    /// - Throws: 422 naming every bad field
    init(_ object: JSONObject, creating: Bool) throws(APIError) {
        var body = BodyReader(object)
        self.type = body.word("type", of: OperationWords.types)
        self.amount = body.money("amount")
        if self.type.isCleared || (creating && self.type.isKept) { body.require("type") }
        if self.amount.isCleared || (creating && self.amount.isKept) { body.require("amount") }
        self.status = body.word("status", of: OperationWords.statuses)
        self.date = body.date("date")
        self.category = body.optionalText("category")
        self.description = body.optionalText("description", maximum: 2_000, multiline: true)
        self.documentNumber = body.optionalText("documentNumber")
        self.author = body.text("author", maximum: BodyReader.longestPersonName)
        self.paymentMethod = NamedRow(&body, "paymentMethod", .paymentMethod)
        self.cashRegister = NamedRow(&body, "cashRegister", .cashRegister)
        self.toCashRegister = NamedRow(&body, "toCashRegister", .cashRegister)
        self.client = NamedRow(&body, "client", .client, orElse: "counterparty")
        self.staffID = body.integer("staffId", in: 1...Int64.max)
        try body.finish()
    }

    /// Whether all that it speaks of is words of its own: it names no other row, and moves no money.
    var namesNothing: Bool {
        self.type.isKept && self.status.isKept && self.amount.isKept && self.paymentMethod.isKept && self.cashRegister.isKept
            && self.toCashRegister.isKept
            && self.client.isKept && self.staffID.isKept
    }

    /// Without what is looked up.
    var columns: ColumnChanges {
        var columns = ColumnChanges()
        columns.set("type", self.type)
        columns.set("status", self.status, cleared: "completed")
        columns.set("amount", self.amount)
        columns.set("category", self.category)
        columns.set("description", self.description)
        columns.set("document_number", self.documentNumber)
        columns.set("staff_id", self.staffID)
        return columns
    }

    /// What a new operation has beside, or a changed one.
    ///
    /// - Parameter user: who makes it; `nil` for a change
    func dated(_ columns: ColumnChanges, salonID: Int64, madeBy user: CurrentUser?) -> ColumnChanges {
        var columns = columns
        // An operation has a date: one that is emptied stays.
        if user != nil || self.date.value != nil {
            columns.set("date", to: SalonDay.orToday(self.date.value, salonID: salonID))
        }
        if let user {
            columns.set("author", to: "\(self.author.value?.nonEmpty ?? user.name)")
            columns.set("created_by", to: "\(user.id)")
        } else {
            columns.set("author", self.author, cleared: "")
        }
        return columns
    }
}

/// Days of a salon's own calendar.
enum SalonDay {
    /// A date, or the salon's today.
    static func orToday(_ date: LocalDate?, salonID: Int64) -> SQL {
        if let date { return "\(date.text)::text::date" }
        return "(SELECT (now() AT TIME ZONE s.timezone)::date FROM salons s WHERE s.id = \(salonID))"
    }
}
