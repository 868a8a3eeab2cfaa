import JSON
import Postgres

/// The body of `POST /staff` and `PUT /staff/{id}`, field by field.
struct StaffInput: Sendable {
    static let defaultPosition = "master"

    private var firstName: Patch<String>
    private var lastName: Patch<String>
    private var middleName: Patch<String>
    private var gender: Patch<String>
    private var phone: Patch<String>
    let email: Patch<String>
    let position: Patch<String>
    private var specializations: Patch<[String]>
    private var hireDate: Patch<LocalDate>
    private var salary: Patch<PostgresNumeric>
    private var commission: Patch<PostgresNumeric>
    private var avatar: Patch<String>
    private var week: Patch<JSONObject>
    /// What the member does: ids or names of services.
    let services: Patch<[String]>
    /// Whether the member works here; with it goes their login.
    let isActive: Bool?

    /// - Throws: 422 naming every bad field
    init(_ object: JSONObject, creating: Bool) throws(APIError) {
        var body = BodyReader(object)
        self.firstName = body.nonEmptyText("firstName", creating: creating)
        self.lastName = body.text("lastName")
        self.middleName = body.optionalText("middleName")
        self.gender = body.word("gender", of: ["male", "female", "other"])
        self.phone = body.phone("phone")
        self.email = body.email("email")
        self.position = body.optionalText("position").orElse(body.optionalText("role"))
        let single = body.optionalText("specialization").map { [$0] }
        self.specializations = body.strings("specializations").orElse(single)
        self.hireDate = body.date("hireDate")
        self.salary = body.money("salary")
        self.commission = body.money("commission")
        self.avatar = body.optionalText("avatar", maximum: 2_000)
        self.week = body.workingWeek("workSchedule", "schedule")
        self.services = body.references("services")
        let status = body.word("status", of: ["active", "fired"]).map { $0 == "active" }
        // A new member works here.
        self.isActive = creating ? nil : body.bool("isActive").orElse(status).value
        try body.finish()
    }

    /// What is written of it, but for whether the member works here and what they do.
    var columns: ColumnChanges {
        var columns = ColumnChanges()
        columns.set("first_name", self.firstName)
        columns.set("last_name", self.lastName, cleared: "")
        columns.set("middle_name", self.middleName)
        columns.set("gender", self.gender)
        columns.set("phone", self.phone, cleared: "")
        columns.set("email", self.email)
        columns.set("position", self.position, cleared: Self.defaultPosition)
        columns.set("specializations", self.specializations, cleared: [])
        columns.set("hire_date", self.hireDate.map(\.text))
        columns.set("salary", self.salary)
        columns.set("commission", self.commission)
        columns.set("avatar", self.avatar)
        columns.set("schedule", self.week.map { PostgresJSON(text: JSONValue.object($0).text) })
        return columns
    }
}
