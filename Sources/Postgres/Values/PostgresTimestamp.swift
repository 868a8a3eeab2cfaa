/// A moment: microseconds since 1970-01-01T00:00:00Z, as `timestamptz` holds it.
///
/// Bind it to `timestamptz` columns only: assigned to a `timestamp` without time zone the server would shift it by the session's
/// zone. A `timestamp` that is read counts as UTC.
public struct PostgresTimestamp: Sendable, Hashable {
    /// Microseconds since 1970-01-01T00:00:00Z, negative before.
    public let microseconds: Int64

    /// A moment by its microseconds since 1970.
    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// A moment of the UTC calendar.
    public init(date: PostgresDate, time: PostgresTime) {
        self.microseconds = Int64(date.daysSince1970) * Self.perDay + time.microseconds
    }

    /// A moment from ISO 8601: `2026-05-17T10:30:00Z`, `2026-05-17T10:30:00.123+03:00`. Seconds may be left out, a fraction has up
    /// to nine digits (what is below a microsecond is cut off), the zone is required; RFC 3339's space and lower case are accepted.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 17, let date = PostgresDate(String(decoding: bytes[..<10], as: UTF8.self)),
            [UInt8(ascii: "T"), UInt8(ascii: "t"), UInt8(ascii: " ")].contains(bytes[10]),
            let clock = ClockText(bytes[11...])
        else { return nil }
        let zone = bytes[(11 + clock.length)...]
        guard let offset = Self.offset(zone) else { return nil }
        self.microseconds = Int64(date.daysSince1970) * Self.perDay + clock.microseconds - offset
    }

    private static let perDay: Int64 = 86_400_000_000
    /// Microseconds from 1970 to 2000, from which PostgreSQL counts.
    private static let to2000: Int64 = 946_684_800_000_000

    /// `Z` or `±HH:mm`, in microseconds east of UTC.
    private static func offset(_ zone: ArraySlice<UInt8>) -> Int64? {
        guard let sign = zone.first else { return nil }
        switch sign {
        case UInt8(ascii: "Z"), UInt8(ascii: "z"):
            return zone.count == 1 ? 0 : nil
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            guard zone.count == 6, zone[zone.startIndex + 3] == UInt8(ascii: ":"),
                let hours = CivilCalendar.number(zone, at: 1, width: 2), hours <= 23,
                let minutes = CivilCalendar.number(zone, at: 4, width: 2), minutes <= 59
            else { return nil }
            let offset = Int64(hours * 60 + minutes) * 60_000_000
            return sign == UInt8(ascii: "+") ? offset : -offset
        default:
            return nil
        }
    }

    /// The day in UTC.
    public var date: PostgresDate {
        PostgresDate(daysSince1970: Int(self.split.days))
    }

    /// The time of day in UTC.
    public var time: PostgresTime {
        PostgresTime(ofDay: self.split.rest)
    }

    private var split: (days: Int64, rest: Int64) {
        var (days, rest) = self.microseconds.quotientAndRemainder(dividingBy: Self.perDay)
        if rest < 0 {
            days -= 1
            rest += Self.perDay
        }
        return (days, rest)
    }

    /// `2026-05-17T10:30:00.123Z`: always milliseconds (cut off, not rounded), always UTC.
    public var text: String { self.text(fraction: 3) }

    private func text(fraction: Int) -> String {
        let (days, rest) = self.split
        let (year, month, day) = CivilCalendar.date(days: Int(days))
        var bytes: [UInt8] = []
        bytes.reserveCapacity(28)
        if year < 0 {
            bytes.append(UInt8(ascii: "-"))
        }
        CivilCalendar.append(year, width: 4, to: &bytes)
        for (mark, number) in [
            (UInt8(ascii: "-"), month), (UInt8(ascii: "-"), day), (UInt8(ascii: "T"), Int(rest / 3_600_000_000)),
            (UInt8(ascii: ":"), Int(rest / 60_000_000 % 60)), (UInt8(ascii: ":"), Int(rest / 1_000_000 % 60)),
        ] {
            bytes.append(mark)
            CivilCalendar.append(number, width: 2, to: &bytes)
        }
        bytes.append(UInt8(ascii: "."))
        let micros = Int(rest % 1_000_000)
        CivilCalendar.append(fraction == 3 ? micros / 1000 : micros, width: fraction, to: &bytes)
        bytes.append(UInt8(ascii: "Z"))
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension PostgresTimestamp {
    /// The moment now, by this computer's clock.
    public static func now() -> PostgresTimestamp {
        PostgresTimestamp(microseconds: SystemClock.microsecondsSince1970())
    }

    /// The moment so much later, or earlier.
    public func advanced(by duration: Duration) -> PostgresTimestamp {
        let (seconds, attoseconds) = duration.components
        return PostgresTimestamp(microseconds: self.microseconds + seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
    }
}

extension PostgresTimestamp: Comparable {
    /// The earlier moment is the smaller.
    public static func < (left: PostgresTimestamp, right: PostgresTimestamp) -> Bool { left.microseconds < right.microseconds }
}

extension PostgresTimestamp: CustomStringConvertible {
    /// ISO 8601 in UTC with milliseconds.
    public var description: String { self.text }
}

extension PostgresTimestamp: PostgresEncodable, PostgresDecodable, PostgresTextArrayElement {
    /// `timestamptz`
    public static var postgresType: PostgresType { .timestamptz }
    /// `timestamptz[]`
    public static var postgresArrayType: PostgresType { .timestamptzArray }
    /// The moment as `timestamptz`.
    public var postgresParameter: PostgresParameter {
        // a moment 292,000 years back would leave Int64; the server refuses what is before 4713 BC
        let (value, overflow) = self.microseconds.subtractingReportingOverflow(Self.to2000)
        return .binary((overflow ? Int64.min + 1 : value).bigEndianBytes, type: .timestamptz)
    }
    /// ISO 8601 in UTC with microseconds.
    public var postgresText: String { self.text(fraction: 6) }

    /// Reads `timestamptz`, and `timestamp` as UTC; `infinity` and `-infinity` are refused.
    public init(postgres cell: PostgresCell) throws(PostgresError) {
        guard cell.type == .timestamptz || cell.type == .timestamp, let value = cell.integer(as: Int64.self) else {
            throw cell.mismatch(PostgresTimestamp.self)
        }
        guard value != .max, value != .min else {
            throw cell.refusal("\(value > 0 ? "" : "-")infinity is not a moment")
        }
        let (microseconds, overflow) = value.addingReportingOverflow(Self.to2000)
        guard !overflow else { throw cell.refusal("its moment is too far away") }
        self.microseconds = microseconds
    }
}
