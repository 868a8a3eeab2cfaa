/// A time of day without a zone: microseconds since midnight, up to and including 24:00.
public struct PostgresTime: Sendable, Hashable {
    /// 0 … 86,400,000,000
    public let microseconds: Int64

    /// A time; nil when it is beyond the day.
    public init?(microseconds: Int64) {
        guard (0...Self.endOfDay).contains(microseconds) else { return nil }
        self.microseconds = microseconds
    }

    /// A time of the clock; nil when there is none such. 24:00:00 is the end of the day.
    public init?(hour: Int, minute: Int, second: Int = 0) {
        guard (0...24).contains(hour), (0...59).contains(minute), (0...59).contains(second) else { return nil }
        self.init(microseconds: Int64((hour * 60 + minute) * 60 + second) * 1_000_000)
    }

    /// A time from `HH:mm`, `HH:mm:ss` or `HH:mm:ss.ffffff` (one to six digits), nothing else.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard let time = ClockText(bytes[...]), time.length == bytes.count, time.nanosecondRest == 0 else { return nil }
        self.init(microseconds: time.microseconds)
    }

    /// A time that is known to lie within the day.
    init(ofDay microseconds: Int64) {
        precondition((0...Self.endOfDay).contains(microseconds), "A day has 86,400,000,000 microseconds")
        self.microseconds = microseconds
    }

    private static let endOfDay: Int64 = 86_400_000_000

    /// 0 … 24
    public var hour: Int { Int(self.microseconds / 3_600_000_000) }
    /// 0 … 59
    public var minute: Int { Int(self.microseconds / 60_000_000 % 60) }

    /// `HH:mm`; seconds are left out.
    public var text: String {
        var bytes: [UInt8] = []
        CivilCalendar.append(self.hour, width: 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        CivilCalendar.append(self.minute, width: 2, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension PostgresTime: Comparable {
    /// The earlier time is the smaller.
    public static func < (left: PostgresTime, right: PostgresTime) -> Bool { left.microseconds < right.microseconds }
}

extension PostgresTime: CustomStringConvertible {
    /// `HH:mm:ss`, with six digits of a second when there are any.
    public var description: String {
        var bytes = Array(self.text.utf8)
        bytes.append(UInt8(ascii: ":"))
        CivilCalendar.append(Int(self.microseconds / 1_000_000 % 60), width: 2, to: &bytes)
        if self.microseconds % 1_000_000 != 0 {
            bytes.append(UInt8(ascii: "."))
            CivilCalendar.append(Int(self.microseconds % 1_000_000), width: 6, to: &bytes)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension PostgresTime: PostgresEncodable, PostgresDecodable, PostgresTextArrayElement {
    /// `time`
    public static var postgresType: PostgresType { .time }
    /// `time[]`
    public static var postgresArrayType: PostgresType { .timeArray }
    /// The time as `time`.
    public var postgresParameter: PostgresParameter { .binary(self.microseconds.bigEndianBytes, type: .time) }
    /// `HH:mm:ss.ffffff`
    public var postgresText: String { self.description }

    /// Reads `time`.
    public init(postgres cell: PostgresCell) throws(PostgresError) {
        guard cell.type == .time, let microseconds = cell.integer(as: Int64.self),
            let time = PostgresTime(microseconds: microseconds)
        else { throw cell.mismatch(PostgresTime.self) }
        self = time
    }
}
