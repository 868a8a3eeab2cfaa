/// A calendar day without a zone: `2026-05-17`.
public struct PostgresDate: Sendable, Hashable {
    /// The year; 0 is 1 BC.
    public let year: Int
    /// 1 … 12
    public let month: Int
    /// 1 … 31
    public let day: Int

    /// A day; nil when the calendar has none such, or when it is beyond what `date` holds (4713 BC to 5874897 AD).
    public init?(year: Int, month: Int, day: Int) {
        guard (-4712...5_874_897).contains(year), (1...12).contains(month), day >= 1,
            day <= CivilCalendar.daysInMonth(year: year, month: month)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// A day from `YYYY-MM-DD`, nothing else.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            let year = CivilCalendar.number(bytes[...], at: 0, width: 4),
            let month = CivilCalendar.number(bytes[...], at: 5, width: 2),
            let day = CivilCalendar.number(bytes[...], at: 8, width: 2)
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// The day with this number, counted from 1970-01-01; it is for the caller to stay within what `date` holds.
    public init(daysSince1970 days: Int) {
        (self.year, self.month, self.day) = CivilCalendar.date(days: days)
    }

    /// The day's number, counted from 1970-01-01.
    public var daysSince1970: Int {
        CivilCalendar.days(year: self.year, month: self.month, day: self.day)
    }

    /// 1 is Monday … 7 is Sunday (ISO 8601).
    public var weekday: Int {
        // 1970-01-01 was a Thursday
        let sinceMonday = (self.daysSince1970 + 3) % 7
        return (sinceMonday + 7) % 7 + 1
    }

    /// The day so many days later, or earlier.
    public func adding(days: Int) -> PostgresDate {
        PostgresDate(daysSince1970: self.daysSince1970 + days)
    }
}

extension PostgresDate: Comparable {
    /// The earlier day is the smaller.
    public static func < (left: PostgresDate, right: PostgresDate) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }
}

extension PostgresDate: CustomStringConvertible {
    /// `YYYY-MM-DD`
    public var description: String {
        var bytes: [UInt8] = []
        if self.year < 0 {
            bytes.append(UInt8(ascii: "-"))
        }
        CivilCalendar.append(self.year, width: 4, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        CivilCalendar.append(self.month, width: 2, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        CivilCalendar.append(self.day, width: 2, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension PostgresDate: PostgresEncodable, PostgresDecodable, PostgresTextArrayElement {
    /// Days from 1970-01-01 to 2000-01-01, from which PostgreSQL counts.
    private static let daysTo2000 = 10_957

    /// `date`
    public static var postgresType: PostgresType { .date }
    /// `date[]`
    public static var postgresArrayType: PostgresType { .dateArray }
    /// The day as `date`.
    public var postgresParameter: PostgresParameter {
        // within Int32: `init` bounds the year as `date` does
        .binary(Int32(truncatingIfNeeded: self.daysSince1970 - Self.daysTo2000).bigEndianBytes, type: .date)
    }
    /// `YYYY-MM-DD`
    public var postgresText: String { self.description }

    /// Reads `date`; `infinity` and `-infinity` are refused.
    public init(postgres cell: PostgresCell) throws(PostgresError) {
        guard cell.type == .date, let days = cell.integer(as: Int32.self) else { throw cell.mismatch(PostgresDate.self) }
        guard days != .max, days != .min else {
            throw cell.refusal("\(days > 0 ? "" : "-")infinity is not a day of the calendar")
        }
        self.init(daysSince1970: Int(days) + Self.daysTo2000)
    }
}
