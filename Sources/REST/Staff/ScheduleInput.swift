import JSON
import Postgres

/// The body of `POST /staff/{id}/schedule`: the base week, and the days on which it does not hold. What is absent stays.
struct ScheduleInput: Sendable {
    /// A day off although the base week says otherwise.
    struct Exception: Sendable {
        var date: LocalDate
        var type: String
        var reason: String?
    }

    private static let types = ["vacation", "sick", "dayoff"]
    private static let maximumExceptions = 366

    /// The days as they are stored; one that is not among them is a day off. Cleared: no schedule, always at work.
    let week: Patch<JSONObject>
    let exceptions: [Exception]?

    /// - Throws: 422 naming every bad field
    init(_ object: JSONObject) throws(APIError) {
        var body = BodyReader(object)
        self.week = body.workingWeek("work_days", "workDays")
        self.exceptions = Self.exceptions(&body)
        try body.finish()
    }

    private static func exceptions(_ body: inout BodyReader) -> [Exception]? {
        switch body.raw("exceptions") {
        case nil: return nil
        case .null: return []
        case .array(let values) where values.count <= self.maximumExceptions:
            var exceptions: [String: Exception] = [:]
            for value in values {
                guard let exception = value.object.flatMap(self.exception) else {
                    body.reject(
                        "exceptions",
                        "each must be {date, type: vacation|sick|dayoff, reason?}",
                        "кожен елемент має бути {date, type: vacation|sick|dayoff, reason?}"
                    )
                    return nil
                }
                // Of two for one day the later one counts.
                exceptions[exception.date.text] = exception
            }
            return exceptions.values.sorted { $0.date < $1.date }
        default:
            body.reject(
                "exceptions",
                "must be a list of at most \(self.maximumExceptions) days",
                "має бути списком щонайбільше з \(self.maximumExceptions) днів"
            )
            return nil
        }
    }

    private static func exception(_ object: JSONObject) -> Exception? {
        var body = BodyReader(object)
        let (date, type) = (body.date("date").value, body.word("type", of: self.types).value)
        let reason = body.optionalText("reason", maximum: 500).value
        guard body.errors.isEmpty, let date, let type else { return nil }
        return Exception(date: date, type: type, reason: reason)
    }
}

extension BodyReader {
    /// A member's week, from the first of these fields that is there. One without days is what is answered where there is no
    /// schedule; an editor sends that back.
    mutating func workingWeek(_ fields: String...) -> Patch<JSONObject> {
        var week = Patch<JSONObject>.keep
        for field in fields { week = week.orElse(self.week(field) { $0.workingTime }) }
        return week.value?.isEmpty == true ? .clear : week
    }
}
