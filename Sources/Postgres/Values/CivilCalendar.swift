/// The proleptic Gregorian calendar, counted in days since 1970-01-01.
enum CivilCalendar {
    /// Days in a 400-year era, after which the calendar repeats.
    private static let daysPerEra = 146_097
    /// Days from 0000-03-01, where eras begin, to 1970-01-01.
    private static let epochOffset = 719_468

    /// The day number of a date. Years are counted from March, so that the leap day is a year's last.
    static func days(year: Int, month: Int, day: Int) -> Int {
        let shifted = month > 2 ? year : year - 1
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let monthFromMarch = (month + 9) % 12
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * Self.daysPerEra + dayOfEra - Self.epochOffset
    }

    /// The date of a day number.
    static func date(days: Int) -> (year: Int, month: Int, day: Int) {
        let fromOrigin = days + Self.epochOffset
        let era = (fromOrigin >= 0 ? fromOrigin : fromOrigin - (Self.daysPerEra - 1)) / Self.daysPerEra
        let dayOfEra = fromOrigin - era * Self.daysPerEra
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    /// How many days a month has.
    static func daysInMonth(year: Int, month: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Appends a number with leading zeros.
    static func append(_ number: Int, width: Int, to bytes: inout [UInt8]) {
        let start = bytes.count
        var rest = number.magnitude
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0 || bytes.count - start < width
        bytes[start...].reverse()
    }

    /// Reads exactly `width` digits at `offset`.
    static func number(_ bytes: ArraySlice<UInt8>, at offset: Int, width: Int) -> Int? {
        let start = bytes.startIndex + offset
        guard offset >= 0, start + width <= bytes.endIndex else { return nil }
        var number = 0
        for byte in bytes[start..<(start + width)] {
            guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte else { return nil }
            number = number * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return number
    }
}
