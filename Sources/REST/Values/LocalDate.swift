import Postgres

/// A date of the salon's calendar: `2026-05-17`. Unpadded parts are accepted (`1990-5-3`), the answer is padded.
struct LocalDate: Sendable, Hashable, Comparable {
    let year: Int
    let month: Int
    let day: Int

    init?(_ text: String) {
        var rest = Substring(text).utf8
        guard let year = rest.popNumber(digits: 4...4), rest.popFirst() == UInt8(ascii: "-"),
            let month = rest.popNumber(digits: 1...2), rest.popFirst() == UInt8(ascii: "-"),
            let day = rest.popNumber(digits: 1...2), rest.isEmpty
        else { return nil }
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
        var rest = Substring(text).utf8
        guard let hours = rest.popNumber(digits: 1...2), rest.popFirst() == UInt8(ascii: ":"),
            let minutes = rest.popNumber(digits: 2...2),
            // Seconds are accepted if they are none.
            rest.isEmpty || rest.elementsEqual(":00".utf8)
        else { return nil }
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
    /// Takes all digits at the beginning; `nil` if there are not as many.
    fileprivate mutating func popNumber(digits: ClosedRange<Int>) -> Int? {
        var (number, count) = (0, 0)
        while let byte = self.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            count += 1
            guard count <= digits.upperBound else { return nil }
            number = 10 * number + Int(byte - UInt8(ascii: "0"))
            self.removeFirst()
        }
        return count >= digits.lowerBound ? number : nil
    }
}
