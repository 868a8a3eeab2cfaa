import Foundation
import Testing

@testable import Hub

@Suite("Timestamps are ISO 8601 in UTC with milliseconds")
struct TimestampTests {
    @Test(
        "known moments",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"),
            (999, "1970-01-01T00:00:00.000Z"),
            (1_000, "1970-01-01T00:00:00.001Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00.000Z"),
            (1_779_010_200_123_456, "2026-05-17T09:30:00.123Z"),
            (4_107_542_399_999_999, "2100-02-28T23:59:59.999Z"),
            (4_107_542_400_000_000, "2100-03-01T00:00:00.000Z"),
            (-62_135_596_800_000_000, "0001-01-01T00:00:00.000Z"),
        ] as [(Int64, String)]
    )
    func known(microseconds: Int64, text: String) {
        #expect(Timestamp.text(microseconds) == text)
    }

    @Test("every day of four centuries, as the calendar of Foundation has it")
    func everyDay() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
        for day in stride(from: Int64(-50_000), through: 97_000, by: 7) {
            let fields = calendar.dateComponents([.year, .month, .day], from: Date(timeIntervalSince1970: Double(day) * 86_400))
            let text = try String(
                format: "%04d-%02d-%02dT23:59:58.007Z",
                #require(fields.year),
                #require(fields.month),
                #require(fields.day)
            )
            #expect(Timestamp.text((day * 86_400 + 86_398) * 1_000_000 + 7_999) == text)
        }
    }

    @Test("now is now")
    func now() {
        let difference = Double(Timestamp.now()) / 1_000_000 - Date().timeIntervalSince1970
        #expect(abs(difference) < 5)
    }
}
