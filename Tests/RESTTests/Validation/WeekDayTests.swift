import JSON
import Testing

@testable import REST

@Suite("Days of a week, in the forms that clients write")
struct WeekDayTests {
    private static let day = #"{"enabled":true,"from":"09:00","to":"18:00","breaks":[{"from":"13:00","to":"14:00"}]}"#

    @Test(
        "each form is the same day",
        arguments: [
            Self.day, #"{"from":"9:00","to":"18:00:00","breaks":[{"from":"13:00","to":"14:00"}]}"#,
            #"{"isWorkDay":true,"startTime":"09:00","endTime":"18:00","breakStart":"13:00","breakEnd":"14:00"}"#,
            #"{"start":"09:00","end":"18:00","isOpen":true,"breaks":[{"from":"13:00","to":"14:00"}]}"#,
        ]
    )
    func forms(_ json: String) throws {
        let day = try #require(WeekDay(try JSONValue(parsing: json)))
        #expect(day.workingTime == (try JSONValue(parsing: Self.day)))
        #expect(day.openingHours == ["start": "09:00", "end": "18:00", "isOpen": true])
    }

    @Test(
        "a day off, with times or without",
        arguments: [
            "null", "{}", #"{"enabled":false}"#, #"{"isOpen":false,"start":"","end":null}"#,
            #"{"isWorkDay":false,"startTime":"09:00","endTime":"18:00"}"#,
            #"{"isOpen":false,"start":"00:00","end":"00:00"}"#, #"{"enabled":false,"from":"18:00","to":"09:00"}"#,
        ]
    )
    func daysOff(_ json: String) throws {
        let day = try #require(WeekDay(try JSONValue(parsing: json)))
        #expect(day.workingTime == ["enabled": false])
        #expect(day.openingHours["isOpen"] == false)
    }

    @Test(
        "what is no day",
        arguments: [
            "7", "true", "[]", #"{"enabled":true}"#, #"{"enabled":"yes","from":"09:00","to":"18:00"}"#, #"{"from":"09:00"}"#,
            #"{"from":"18:00","to":"09:00"}"#, #"{"from":"09:00","to":"09:00"}"#, #"{"from":"09:00","to":"24:00"}"#,
            #"{"from":9,"to":18}"#, #"{"from":"09:00","to":"18:00","breaks":{}}"#,
            #"{"from":"09:00","to":"18:00","breaks":[{"from":"14:00","to":"13:00"}]}"#,
            #"{"from":"09:00","to":"18:00","breakStart":"13:00"}"#,
            #"{"from":"09:00","to":"18:00","breaks":["#
                + Array(repeating: #"{"from":"13:00","to":"14:00"}"#, count: 11)
                .joined(separator: ",") + "]}",
        ]
    )
    func refused(_ json: String) throws {
        #expect(WeekDay(try JSONValue(parsing: json)) == nil)
    }
}
