import JSON
import Postgres

/// The body of `POST /clients` and `PUT /clients/{id}`, field by field.
struct ClientInput: RowInput {
    var firstName: Patch<String>
    var lastName: Patch<String>
    var middleName: Patch<String>
    var phone: Patch<PhoneNumber>
    var email: Patch<String>
    var birthDate: Patch<LocalDate>
    var cardNumber: Patch<String>
    var gender: Patch<String>
    var source: Patch<String>
    var notes: Patch<String>
    var discount: Patch<PostgresNumeric>
    var bonusBalance: Patch<PostgresNumeric>

    /// - Throws: 422 naming every bad field
    init(_ object: JSONObject, creating: Bool) throws(APIError) {
        var body = BodyReader(object)
        self.firstName = body.nonEmptyText("firstName", creating: creating)
        self.lastName = body.text("lastName")
        self.middleName = body.optionalText("middleName")
        self.phone = body.phone("phone").map(PhoneNumber.init)
        self.email = body.email("email")
        self.birthDate = body.date("birthDate")
        self.cardNumber = body.optionalText("cardNumber")
        self.gender = body.word("gender", of: ["male", "female", "other"])
        self.source = body.optionalText("source")
        self.notes = body.optionalText("notes", maximum: 4_000, multiline: true)
        self.discount = body.money("discount")
        self.bonusBalance = body.money("bonusBalance")
        try body.finish()
    }

    /// What is written of it.
    var columns: ColumnChanges {
        var columns = ColumnChanges()
        columns.set("first_name", self.firstName)
        columns.set("last_name", self.lastName, cleared: "")
        columns.set("middle_name", self.middleName)
        columns.set("phone", self.phone.map(\.typed), cleared: "")
        if !self.phone.isKept { columns.set("phone_key", to: "\(self.phone.value?.normalisedKey)") }
        columns.set("email", self.email)
        columns.set("birth_date", self.birthDate.map(\.text))
        columns.set("card_number", self.cardNumber)
        columns.set("gender", self.gender)
        columns.set("source", self.source)
        columns.set("notes", self.notes)
        columns.set("discount", self.discount, cleared: PostgresNumeric(0))
        columns.set("bonus_balance", self.bonusBalance, cleared: PostgresNumeric(0))
        return columns
    }
}
