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
        let list = body.list(
            "exceptions",
            maximumCount: self.maximumExceptions,
            shape: "{date, type: vacation|sick|dayoff, reason?}"
        ) { body -> Exception? in
            let (date, type) = (body.date("date").value, body.word("type", of: self.types).value)
            let reason = body.optionalText("reason", maximum: 500).value
            guard let date, let type else { return nil }
            return Exception(date: date, type: type, reason: reason)
        }
        guard case .set(let given) = list else { return list.isCleared ? [] : nil }
        // Of two for one day the later one counts.
        let byDay = Dictionary(given.map { ($0.date.text, $0) }) { _, later in later }
        return byDay.values.sorted { $0.date < $1.date }
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
