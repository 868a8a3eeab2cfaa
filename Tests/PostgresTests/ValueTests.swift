import Foundation
import Testing

@testable import Postgres

@Suite struct ValueTests {
    @Test func calendarDaysAreThoseOfFoundation() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        for days in stride(from: -150_000, through: 150_000, by: 37) {
            let date = PostgresDate(daysSince1970: days)
            let components = calendar.dateComponents(
                [.year, .month, .day, .weekday],
                from: Date(timeIntervalSince1970: Double(days) * 86_400)
            )
            // Foundation's calendar is Julian before October 1582
            #expect(days < -141_427 || (date.year, date.month, date.day) == (components.year, components.month, components.day))
            #expect(date.daysSince1970 == days)
            #expect((date.weekday % 7) + 1 == components.weekday)
        }
    }

    @Test(arguments: [
        "2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "26-04-01", "2026-4-1", "2026-04-01T", "", "2100-02-29",
    ])
    func aDayThatDoesNotExistIsNone(_ text: String) {
        #expect(PostgresDate(text) == nil)
    }

    @Test func daysAreOrderedCountedAndPrinted() throws {
        let day = try #require(PostgresDate("2024-02-28"))
        #expect(day.adding(days: 2).description == "2024-03-01")
        #expect(day.adding(days: -59).description == "2023-12-31")
        #expect(day < day.adding(days: 1))
        #expect(PostgresDate(year: -4, month: 3, day: 1)?.description == "-0004-03-01")
    }

    @Test(
        arguments: [
            ("00:00", 0, "00:00"), ("09:30", 34_200_000_000, "09:30"), ("24:00:00", 86_400_000_000, "24:00"),
            ("23:59:59.999999", 86_399_999_999, "23:59"), ("10:00:00.5", 36_000_500_000, "10:00"),
        ] as [(String, Int64, String)]
    )
    func timesAreRead(_ text: String, _ microseconds: Int64, _ short: String) throws {
        let time = try #require(PostgresTime(text))
        #expect(time.microseconds == microseconds)
        #expect(time.text == short)
        #expect(PostgresTime(time.description) == time)
    }

    @Test(arguments: [
        "24:01", "25:00", "9:30", "09:60", "09:30:60", "09:30:", "09:30:00.", "09:30:00.1234567", "09:30Z", "24:00:00.1",
    ])
    func aTimeThatDoesNotExistIsNone(_ text: String) {
        #expect(PostgresTime(text) == nil)
    }

    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00.000Z"),
            ("2026-05-17T10:30:00.123456Z", 1_779_013_800_123_456, "2026-05-17T10:30:00.123Z"),
            ("2026-05-17T13:30:00.123+03:00", 1_779_013_800_123_000, "2026-05-17T10:30:00.123Z"),
            ("2026-05-17t10:30z", 1_779_013_800_000_000, "2026-05-17T10:30:00.000Z"),
            ("1969-12-31T23:59:59.9999Z", -100, "1969-12-31T23:59:59.999Z"),
            ("2026-01-01T00:00:00-02:30", 1_767_234_600_000_000, "2026-01-01T02:30:00.000Z"),
            ("2026-01-01T00:00:00.123456789Z", 1_767_225_600_123_456, "2026-01-01T00:00:00.123Z"),
        ] as [(String, Int64, String)]
    )
    func momentsAreReadAndPrinted(_ text: String, _ microseconds: Int64, _ printed: String) throws {
        let moment = try #require(PostgresTimestamp(text))
        #expect(moment.microseconds == microseconds)
        #expect(moment.text == printed)
        #expect(PostgresTimestamp(date: moment.date, time: moment.time) == moment)
    }

    @Test(arguments: [
        "2026-05-17T10:30:00", "2026-05-17", "2026-05-17T10:30:00+3", "2026-05-17T10:30:00+03", "2026-05-17T10:30:00Z ",
        "2026-02-30T10:30:00Z", "2026-05-17X10:30:00Z", "2026-05-17T10:30:00+24:00", "2026-05-17T10:30:00.Z", "infinity",
    ])
    func aMomentWithoutZoneOrOffTheCalendarIsNone(_ text: String) {
        #expect(PostgresTimestamp(text) == nil)
    }

    @Test func momentsMove() {
        let start = PostgresTimestamp(microseconds: 1_000_000)
        #expect(start.advanced(by: .milliseconds(-1500)).microseconds == -500_000)
        let now = PostgresTimestamp.now().microseconds
        #expect(abs(Double(now) / 1e6 - Date().timeIntervalSince1970) < 5)
    }

    @Test(
        arguments: [
            ("1250.00", 2, 125_000), ("-0.05", 2, -5), ("7", 2, 700), ("7.10", 1, 71), ("0", 0, 0), ("-0.00", 2, 0),
        ] as [(String, Int, Int64)]
    )
    func amountsAreCountedInTheirSmallestUnit(_ text: String, _ scale: Int, _ units: Int64) throws {
        let number = try #require(PostgresNumeric(text))
        #expect(number.minorUnits(scale: scale) == units)
        #expect(PostgresNumeric(minorUnits: units, scale: scale) == number)
        #expect(number.description == text)
    }

    @Test func amountsThatDoNotFitAreNone() {
        #expect(PostgresNumeric("0.005")?.minorUnits(scale: 2) == nil)
        #expect(PostgresNumeric("0.500")?.minorUnits(scale: 2) == 50)
        #expect(PostgresNumeric("92233720368547758.08")?.minorUnits(scale: 2) == nil)
        #expect(PostgresNumeric("-92233720368547758.08")?.minorUnits(scale: 2) == .min)
        #expect(PostgresNumeric(minorUnits: .min, scale: 2).description == "-92233720368547758.08")
        #expect(PostgresNumeric(minorUnits: 5, scale: 0).description == "5")
    }

    @Test(arguments: ["", "-", ".5", "5.", "1e5", "NaN", "1,5", "+1", "--1", " 1", "1.2.3", "١"])
    func textThatIsNoPlainDecimalIsNone(_ text: String) {
        #expect(PostgresNumeric(text) == nil)
    }

    @Test func numbersAreEqualByValue() {
        #expect(PostgresNumeric("1250.0") == PostgresNumeric("01250.00"))
        #expect(PostgresNumeric("-0") == PostgresNumeric("0.000"))
        #expect(PostgresNumeric("1") != PostgresNumeric("-1"))
        #expect(PostgresNumeric("1.0")?.hashValue == PostgresNumeric("1")?.hashValue)
    }
}
