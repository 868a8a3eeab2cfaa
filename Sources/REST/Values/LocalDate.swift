import Postgres

/// A date of the salon's calendar: `2026-05-17`. Unpadded parts are accepted (`1990-5-3`), the answer is padded.
struct LocalDate: Sendable, Hashable, Comparable {
    let year: Int
    let month: Int
    let day: Int

    init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count == 4, (1...2).contains(parts[1].count), (1...2).contains(parts[2].count)
        else { return nil }
        guard let year = parts[0].digits, let month = parts[1].digits, let day = parts[2].digits else { return nil }
        guard (1_900...2_999).contains(year), (1...12).contains(month) else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let length =
            switch month {
            case 2: isLeap ? 29 : 28
            case 4, 6, 9, 11: 30
            default: 31
            }
        guard (1...length).contains(day) else { return nil }
        (self.year, self.month, self.day) = (year, month, day)
    }

    var text: String {
        "\(self.year)-\(self.month < 10 ? "0" : "")\(self.month)-\(self.day < 10 ? "0" : "")\(self.day)"
    }

    /// How many days it is behind another one.
    func days(since other: LocalDate) -> Int { self.number - other.number }

    /// Counted from one that is the same for all.
    private var number: Int { PostgresDate(year: self.year, month: self.month, day: self.day)?.daysSince1970 ?? 0 }

    static func < (left: LocalDate, right: LocalDate) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }
}

/// A time of day in the salon's zone: `09:30`, 24 hours, no seconds.
struct LocalTime: Sendable, Hashable, Comparable {
    /// Minutes since midnight, 0 … 1439.
    let minutes: Int

    init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), maxSplits: 3, omittingEmptySubsequences: false)
        // Seconds are accepted if they are none.
        guard parts.count == 2 || (parts.count == 3 && parts[2].elementsEqual("00".utf8)), (1...2).contains(parts[0].count) else {
            return nil
        }
        guard parts[1].count == 2, let hours = parts[0].digits, let minutes = parts[1].digits else { return nil }
        guard hours < 24, minutes < 60 else { return nil }
        self.minutes = hours * 60 + minutes
    }

    /// - Parameter minutes: since midnight
    init?(minutes: Int) {
        guard (0..<24 * 60).contains(minutes) else { return nil }
        self.minutes = minutes
    }

    var text: String {
        let (hours, minutes) = (self.minutes / 60, self.minutes % 60)
        return "\(hours < 10 ? "0" : "")\(hours):\(minutes < 10 ? "0" : "")\(minutes)"
    }

    static func < (left: LocalTime, right: LocalTime) -> Bool { left.minutes < right.minutes }
}

extension Substring.UTF8View {
    /// The number of a few digits (their number is the caller's to check); `nil` if anything else is among them.
    fileprivate var digits: Int? {
        var number = 0
        for byte in self {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            number = 10 * number + Int(byte - UInt8(ascii: "0"))
        }
        return number
    }
}
