import JSON
import Postgres

/// The body of `PUT /settings/salon`, field by field.
struct SalonInput: Sendable {
    private var name: Patch<String>
    private var legalName: Patch<String>
    private var description: Patch<String>
    private var openingDate: Patch<LocalDate>
    private var city: Patch<String>
    private var address: Patch<String>
    private var phone: Patch<String>
    private var email: Patch<String>
    private var website: Patch<String>
    private var currency: Patch<String>
    let timezone: Patch<String>
    private var language: Patch<String>
    private var workingHours: Patch<JSONObject>
    private var socialUrls: Patch<JSONObject>
    private var strictHours: Patch<Bool>

    private static let networks = ["instagram", "facebook", "telegram"]

    /// - Throws: 422 naming every bad field
    init(_ object: JSONObject) throws(APIError) {
        var body = BodyReader(object)
        self.name = body.nonEmptyText("name", creating: false).orElse(body.nonEmptyText("salonName", creating: false))
        self.legalName = body.optionalText("legalName")
        self.description = body.optionalText("description", maximum: 4_000, multiline: true)
        self.openingDate = body.date("openingDate")
        self.city = body.optionalText("city")
        self.address = body.text("address", maximum: 500)
        self.phone = body.phone("phone")
        self.email = body.email("email")
        self.website = body.optionalText("website", maximum: 500)
        self.currency = body.nonEmptyText("currency", creating: false, maximum: 3).map { $0.uppercased() }
        if let code = self.currency.value, code.utf8.count != 3 || !code.allSatisfy({ $0.isASCII && $0.isLetter }) {
            body.reject("currency", "must be an ISO 4217 code", "має бути кодом ISO 4217")
        }
        self.timezone = body.nonEmptyText("timezone", creating: false, maximum: 64)
        self.language = body.word("language", of: ["uk", "en"])
        if self.language.isCleared { body.require("language") }
        self.workingHours = ["workingHours", "workDays", "workSchedule"].reduce(.keep) { week, field in
            week.orElse(body.week(field, mayLackTimes: true) { $0.openingHours })
        }
        self.socialUrls = Self.socialUrls(&body)
        self.strictHours = body.bool("strictHours")
        try body.finish()
    }

    private static func socialUrls(_ body: inout BodyReader) -> Patch<JSONObject> {
        switch body.raw("socialUrls") {
        case nil: return .keep
        case .null: return .clear
        case .object(let object):
            var links = BodyReader(object)
            var urls = JSONObject()
            for network in self.networks {
                if let url = links.optionalText(network, maximum: 500).value { urls[network] = .string(url) }
            }
            if !links.errors.isEmpty { body.reject("socialUrls", "must be short texts", "має містити короткі тексти") }
            return .set(urls)
        default:
            body.reject("socialUrls", "must be an object", "має бути об'єктом")
            return .keep
        }
    }

    /// The times of a day that never had any.
    private static let usualDay = PostgresJSON(text: #"{"start": "09:00", "end": "20:00"}"#)

    /// What is written of it. Days that are not named stay as they are, and so do the times of one that is named without.
    var columns: ColumnChanges {
        var columns = ColumnChanges()
        columns.set("name", self.name)
        columns.set("legal_name", self.legalName)
        columns.set("description", self.description)
        columns.set("opening_date", self.openingDate.map(\.text))
        columns.set("city", self.city)
        columns.set("address", self.address, cleared: "")
        columns.set("phone", self.phone, cleared: "")
        columns.set("email", self.email, cleared: "")
        columns.set("website", self.website)
        columns.set("currency", self.currency)
        columns.set("timezone", self.timezone)
        columns.set("language", self.language)
        columns.set("social_urls", self.socialUrls.map { PostgresJSON(text: JSONValue.object($0).text) })
        columns.set("strict_hours", self.strictHours, cleared: false)
        switch self.workingHours {
        case .keep: break
        case .clear: columns.set("working_hours", to: "'{}'::jsonb")
        case .set(let days):
            let given = PostgresJSON(text: JSONValue.object(days).text)
            columns.set(
                "working_hours",
                to: """
                    working_hours || (
                        SELECT coalesce(jsonb_object_agg(day.key,
                            \(Self.usualDay) || coalesce(working_hours -> day.key, '{}') || day.value), '{}')
                        FROM jsonb_each(\(given)) AS day)
                    """
            )
        }
        return columns
    }
}
