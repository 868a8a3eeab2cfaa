import JSON
import Postgres

/// The body of `PUT /settings/profile`, field by field; `role` and whatever else an account has are not the owner's to change.
struct ProfileInput: Sendable {
    private static let maximumPreferences = 16_384

    private var email: Patch<String>
    private var name: ProfileName?
    private var phone: Patch<String>
    private var avatar: Patch<String>
    private var language: Patch<String>
    private var extra = JSONObject()
    /// What is taken out of the profile.
    private var cleared: [String] = []

    /// - Parameter present: the name as it is
    /// - Throws: 422 naming every bad field
    init(_ object: JSONObject, over present: ProfileName) throws(APIError) {
        var body = BodyReader(object)
        self.email = body.email("email")
        if self.email.isCleared { body.require("email") }
        self.name = ProfileName.read(&body, over: present)
        self.phone = body.optionalPhone("phone")
        self.avatar = body.optionalText("avatar", maximum: 2_000)
        self.language = body.word("language", of: ["uk", "en"])
        self.note("birthDate", body.date("birthDate").orElse(body.date("birth_date")).map(\.text))
        self.note("address", body.optionalText("address", maximum: 500))
        self.note("emergencyContact", body.optionalText("emergencyContact").orElse(body.optionalText("emergency_contact")))
        self.note(
            "emergencyPhone",
            body.optionalPhone("emergencyPhone").orElse(body.optionalPhone("emergency_phone"))
        )
        switch body.raw("preferences") {
        case nil: break
        case .null: self.cleared.append("preferences")
        case .object(let object) where JSONValue.object(object).jsonBytes.count <= Self.maximumPreferences:
            self.extra["preferences"] = .object(object)
            if !JSONValue.object(object).isStorable {
                body.reject(
                    "preferences",
                    "must have no U+0000, and no number of more than 30 digits or an exponent beyond 30",
                    "не може містити U+0000 чи чисел, що мають понад 30 цифр або степінь понад 30"
                )
            }
        default:
            body.reject("preferences", "must be an object of at most 16 KiB", "має бути об'єктом щонайбільше на 16 КіБ")
        }
        try body.finish()
    }

    private mutating func note(_ name: String, _ patch: Patch<String>) {
        switch patch {
        case .keep: break
        case .clear: self.cleared.append(name)
        case .set(let value): self.extra[name] = .string(value)
        }
    }

    /// What is written of it.
    var columns: ColumnChanges {
        var columns = ColumnChanges()
        columns.set("email", self.email)
        if let email = self.email.value {
            columns.set("is_verified", to: "is_verified AND email = \(email)")
        }
        if let name {
            columns.set("first_name", to: "\(name.first)")
            columns.set("last_name", to: "\(name.last)")
        }
        columns.set("phone", self.phone)
        columns.set("avatar", self.avatar)
        columns.set("language", self.language)
        if !self.extra.isEmpty || !self.cleared.isEmpty {
            let extra = PostgresJSON(text: JSONValue.object(self.extra).text)
            columns.set("profile", to: "(profile || \(extra)) - \(self.cleared)::text[]")
        }
        return columns
    }
}
