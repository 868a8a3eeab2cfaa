import Postgres

/// What a report is asked about: days of the salon's calendar, both inclusive, and perhaps one member or one service.
struct ReportQuestion: Sendable {
    /// How days are put together.
    enum Grouping: String, CaseIterable, Sendable {
        case day, week, month
    }

    static let maximumYears = 5

    let salonID: Int64
    private let from: LocalDate
    private let to: LocalDate
    let grouping: Grouping
    private let staffID: Int64?
    private let serviceID: Int64?

    /// Reads `dateFrom`, `dateTo`, `staffId`, `serviceId`, and `groupBy` or `grouping`.
    ///
    /// - Throws: 422 naming every bad parameter
    init(_ query: QueryParameters, salonID: Int64) throws(APIError) {
        var missing: [String: LocalizedText] = [:]
        for name in ["dateFrom", "dateTo"] where query[name] == nil { missing[name] = .isRequired }
        guard missing.isEmpty, let from = try query.date("dateFrom"), let to = try query.date("dateTo") else {
            throw APIError(.validation, fields: missing)
        }
        guard from <= to else {
            throw APIError.invalid("dateTo", LocalizedText("is before dateFrom", "раніше за dateFrom"))
        }
        guard (to.year - Self.maximumYears, to.month, to.day) <= (from.year, from.month, from.day) else {
            throw APIError.invalid("dateTo", LocalizedText("is over five years from dateFrom", "понад п'ять років від dateFrom"))
        }
        let words = Grouping.allCases.map(\.rawValue)
        let (groupBy, grouping) = (try query.word("groupBy", of: words), try query.word("grouping", of: words))
        self.salonID = salonID
        self.from = from
        self.to = to
        self.grouping = (groupBy ?? grouping).flatMap(Grouping.init) ?? .day
        self.staffID = try query.id("staffId")
        self.serviceID = try query.id("serviceId")
    }

    // MARK: As conditions

    /// The first day, as a `date`.
    var first: SQL { "\(self.from.text)::text::date" }
    /// The last day, as a `date`.
    var last: SQL { "\(self.to.text)::text::date" }
    /// The first day of as many before.
    var formerFirst: SQL { "(\(self.first) - (\(self.last) - \(self.first) + 1))" }

    /// Whether one service alone is asked about.
    var isOfOneService: Bool { self.serviceID != nil }

    /// The rows of a table of the days asked about, as `alias`.
    func days(of alias: SQL, from first: SQL? = nil) -> SQL {
        "\(alias).salon_id = \(self.salonID) AND \(alias).date BETWEEN \(first ?? self.first) AND \(self.last)"
    }

    /// Those of the member, if one is asked about.
    func isOfStaff(_ column: SQL) -> SQL { self.staffID.map { "\(column) = \($0)" } ?? "true" }

    /// Those of the service, if one is asked about.
    func isOfService(_ column: SQL) -> SQL { self.serviceID.map { "\(column) = \($0)" } ?? "true" }

    /// Visits `a` with the service among their lines, if one is asked about.
    var hasService: SQL {
        self.serviceID.map {
            "EXISTS (SELECT 1 FROM appointment_lines w WHERE w.appointment_id = a.id AND w.service_id = \($0))"
        } ?? "true"
    }

    /// Visits as `a` with their lines as `l`. OFFSET 0: each visit's lines by their key, never all lines of all salons for those
    /// of a month.
    static let lines: SQL = """
        appointments a CROSS JOIN LATERAL (SELECT * FROM appointment_lines w WHERE w.appointment_id = a.id OFFSET 0) AS l
        """

    /// The lines of completed visits, as `a` and `l`, with their services as `s`.
    var sold: SQL {
        """
        \(Self.lines) LEFT JOIN services s ON s.salon_id = a.salon_id AND s.id = l.service_id
        WHERE \(self.days(of: "a")) AND a.deleted_at IS NULL AND a.status = 'completed'
          AND \(self.isOfStaff("a.staff_id")) AND \(self.isOfService("l.service_id"))
        """
    }

    /// What was taken, as rows of `date`, `staff_id` and `amount`: of one service its lines, else all takings.
    var taken: SQL {
        if self.isOfOneService {
            return "SELECT a.date, a.staff_id, coalesce(l.price, 0) AS amount FROM \(self.sold)"
        }
        return """
            SELECT t.date, t.staff_id, t.amount FROM takings t
            WHERE \(self.days(of: "t")) AND \(self.isOfStaff("t.staff_id"))
            """
    }
}
