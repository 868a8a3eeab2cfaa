/// A date of the calendar, perhaps with a time of day, in nobody's time zone: what a cell holds.
public struct SheetDate: Sendable, Hashable {
    /// 1900 … 9999.
    public let year: Int
    /// 1 … 12.
    public let month: Int
    /// 1 … 31.
    public let day: Int
    /// Seconds since midnight.
    public let second: Int

    /// - Returns: nil if there is no such day in a workbook
    public init?(year: Int, month: Int, day: Int, second: Int = 0) {
        guard (1_900...9_999).contains(year), (1...12).contains(month), (0..<86_400).contains(second) else { return nil }
        guard (1...Self.days(in: month, of: year)).contains(day) else { return nil }
        (self.year, self.month, self.day, self.second) = (year, month, day, second)
    }

    /// Reads `2026-05-17`, or `2026-05-17T09:30:00` (with a space or a `T`; what is behind the seconds is left out).
    public init?(iso text: some StringProtocol) {
        let halves = text.split(maxSplits: 1, whereSeparator: { $0 == "T" || $0 == " " })
        guard let dateText = halves.first else { return nil }
        let date = dateText.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard date.count == 3, let year = date[0], let month = date[1], let day = date[2] else { return nil }
        var second = 0
        if halves.count == 2 {
            let time = halves[1].prefix(8).split(separator: ":").map { Int($0) }
            guard time.count == 3, let hours = time[0], let minutes = time[1], let seconds = time[2] else { return nil }
            guard (0..<24).contains(hours), (0..<60).contains(minutes), (0..<60).contains(seconds) else { return nil }
            second = hours * 3_600 + minutes * 60 + seconds
        }
        self.init(year: year, month: month, day: day, second: second)
    }

    /// Reads a serial number of days.
    ///
    /// - Parameters:
    ///   - serial: days and a fraction, as a cell keeps them
    ///   - since1904: whether the workbook counts from 1904, as old ones of the Macintosh do
    public init?(serial: Double, since1904: Bool) {
        guard serial.isFinite, serial >= 0, serial < 2_958_466 else { return nil }
        var days = Int(serial)
        var second = Int(((serial - Double(days)) * 86_400).rounded())
        if second == 86_400 { (days, second) = (days + 1, 0) }
        // The 1900 system has a 29 February 1900: before it a day is one less.
        let epoch = since1904 ? 1_462 : days < 60 ? 1 : 0
        guard let civil = Self.civil(days + epoch) else { return nil }
        self.init(year: civil.year, month: civil.month, day: civil.day, second: second)
    }

    /// `2026-05-17`.
    public var dateText: String { "\(Self.padded(self.year, 4))-\(Self.padded(self.month, 2))-\(Self.padded(self.day, 2))" }

    /// `09:30:00`.
    public var timeText: String {
        [self.second / 3_600, self.second / 60 % 60, self.second % 60].map { Self.padded($0, 2) }.joined(separator: ":")
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }

    private static func days(in month: Int, of year: Int) -> Int {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }

    /// The day that is so many days after 30 December 1899 (Howard Hinnant's civil_from_days).
    private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int)? {
        // Days since 1 March of the year 0: 25,569 serial days lie before 1970.
        let shifted = days - 25_569 + 719_468
        guard shifted >= 0 else { return nil }
        let era = shifted / 146_097
        let ofEra = shifted % 146_097
        let yearOfEra = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * ofYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, ofYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}
