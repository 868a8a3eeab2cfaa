import JSON
import Postgres

/// The body of `POST /services` and `PUT /services/{id}`, field by field.
struct ServiceInput: RowInput {
    /// How long a service may take, in minutes.
    static let durations: ClosedRange<Int64> = 1...1_440

    private var name: Patch<String>
    private var category: Patch<String>
    private var description: Patch<String>
    private var duration: Patch<Int64>
    private var price: Patch<PostgresNumeric>
    private var color: Patch<String>
    private var isActive: Patch<Bool>

    /// - Throws: 422 naming every bad field
    init(_ object: JSONObject, creating: Bool) throws(APIError) {
        var body = BodyReader(object)
        self.name = body.nonEmptyText("name", creating: creating)
        self.category = body.optionalText("category")
        self.description = body.optionalText("description", maximum: 2_000, multiline: true)
        self.duration = body.integer("duration", in: Self.durations)
        self.price = body.money("price")
        if self.duration.isCleared || (creating && self.duration.isKept) { body.require("duration") }
        if self.price.isCleared || (creating && self.price.isKept) { body.require("price") }
        self.color = body.optionalText("color", maximum: 7)
        if let color = self.color.value, !Self.isColor(color) { body.reject("color", "must be #rrggbb", "має бути #rrggbb") }
        // The edit window sends one of the two, other clients the other; `archived` is one of the page's own words.
        let status = body.word("status", of: ServiceRepository.statuses).map { $0 == "active" }
        self.isActive = body.bool("isActive").orElse(status)
        try body.finish()
    }

    private static func isColor(_ text: String) -> Bool {
        text.utf8.count == 7 && text.hasPrefix("#") && text.dropFirst().allSatisfy { $0.isHexDigit && $0.isASCII }
    }

    /// What is written of it.
    var columns: ColumnChanges {
        var columns = ColumnChanges()
        columns.set("name", self.name)
        columns.set("category", self.category, cleared: "other")
        columns.set("description", self.description)
        columns.set("duration", self.duration)
        columns.set("price", self.price)
        columns.set("color", self.color)
        columns.set("is_active", self.isActive, cleared: true)
        return columns
    }
}
