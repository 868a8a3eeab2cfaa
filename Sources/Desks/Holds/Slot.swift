/// A stretch of a master's time.
public struct Slot: Sendable, Hashable {
    /// The master.
    public let staffID: Int64
    /// `2026-05-17`
    public let date: String
    /// `09:30`
    public let startTime: String
    /// `10:15`; at or before the start it is the next day's.
    public let endTime: String
    /// Minutes since 1970-01-01 00:00 of the salon's own calendar.
    private let minutes: Range<Int>

    /// - Parameters:
    ///   - staffID: the master
    ///   - date: `2026-05-17`
    ///   - startTime: `09:30`
    ///   - endTime: `10:15`
    /// - Returns: nil for text that is not written so, or for a slot of no length
    public init?(staffID: Int64, date: String, startTime: String, endTime: String) {
        guard let day = Self.day(date), let start = Self.minute(startTime), let end = Self.minute(endTime), start != end else {
            return nil
        }
        self.staffID = staffID
        self.date = date
        self.startTime = startTime
        self.endTime = endTime
        let from = day * 1_440 + start
        self.minutes = from..<(from + end - start + (end < start ? 1_440 : 0))
    }

    /// Whether both want the same master at the same time. One that begins when the other ends does not.
    public func overlaps(_ other: Slot) -> Bool {
        self.staffID == other.staffID && self.minutes.overlaps(other.minutes)
    }

    private static func minute(_ text: String) -> Int? {
        let digits = text.utf8.map { Int($0) - 48 }
        guard digits.count == 5, text.utf8.dropFirst(2).first == UInt8(ascii: ":") else { return nil }
        guard [0, 1, 3, 4].allSatisfy({ (0...9).contains(digits[$0]) }) else { return nil }
        let (hour, minute) = (digits[0] * 10 + digits[1], digits[3] * 10 + digits[4])
        return hour < 24 && minute < 60 ? hour * 60 + minute : nil
    }

    /// The day's number (0 is 1970-01-01), by eras of 400 years that begin on 1 March.
    private static func day(_ text: String) -> Int? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts.map(\.utf8.count) == [4, 2, 2], let year = Int(parts[0]), let month = Int(parts[1]),
            let day = Int(parts[2]), year >= 0, (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        let shifted = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = (shifted / 400, shifted % 400)
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
