import JSON

/// One day of a week as clients write it, in any of three forms: `{enabled, from, to, breaks: [{from, to}]}`,
/// `{isWorkDay, startTime, endTime, breakStart, breakEnd}`, `{start, end, isOpen}`.
struct WeekDay: Sendable, Equatable {
    private struct Span: Sendable, Equatable {
        var from: LocalTime
        var to: LocalTime
    }

    /// In the week's order.
    static let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    private static let maximumBreaks = 10
    /// Whether it is on, by the three forms.
    private static let flags = ["enabled", "isWorkDay", "isOpen"]
    private static let times = ["from", "startTime", "start", "to", "endTime", "end", "breakStart", "breakEnd"]

    private var isOn: Bool
    private var hours: Span?
    private var breaks: [Span] = []

    /// - Parameter mayLackTimes: whether one that is on may be without its times: they are known then
    /// - Returns: `nil` for what is no day: no times for a day that is on, an end that is not behind its start
    init?(_ value: JSONValue, mayLackTimes: Bool = false) {
        guard let day = value.object else {
            // A day off may also be left empty.
            guard value.isNull else { return nil }
            self.isOn = false
            return
        }
        guard Self.flags.allSatisfy({ day[$0].map { $0.bool != nil } ?? true }) else { return nil }
        guard Self.times.allSatisfy({ Self.isNone(day[$0]) || Self.time(day[$0]) != nil }) else { return nil }
        let flag = Self.flags.lazy.compactMap { day[$0]?.bool }.first
        let (from, to) = (day["from"] ?? day["startTime"] ?? day["start"], day["to"] ?? day["endTime"] ?? day["end"])
        // Times of a day off that are none are no matter: pages send "00:00" twice.
        guard let hours = Self.span(from, to) ?? (flag == false ? [] : nil) else { return nil }
        self.hours = hours.isEmpty ? nil : hours[0]
        self.isOn = flag ?? (self.hours != nil)
        if self.isOn, self.hours == nil, !mayLackTimes { return nil }
        guard let pauses = Self.breaks(day) else { return nil }
        self.breaks = pauses
    }

    private static func breaks(_ day: JSONObject) -> [Span]? {
        let list: [(JSONValue?, JSONValue?)]
        switch day["breaks"] {
        case nil, .null: list = [(day["breakStart"], day["breakEnd"])]
        case .array(let values) where values.count <= self.maximumBreaks && values.allSatisfy({ $0.object != nil }):
            list = values.map { ($0["from"], $0["to"]) }
        default: return nil
        }
        var breaks: [Span] = []
        for (from, to) in list {
            guard let span = self.span(from, to) else { return nil }
            breaks += span
        }
        return breaks
    }

    /// Two times of one day; nothing if neither is there.
    private static func span(_ from: JSONValue?, _ to: JSONValue?) -> [Span]? {
        if self.isNone(from), self.isNone(to) { return [] }
        guard let from = self.time(from), let to = self.time(to), from < to else { return nil }
        return [Span(from: from, to: to)]
    }

    private static func time(_ value: JSONValue?) -> LocalTime? { value?.string.flatMap(LocalTime.init) }

    private static func isNone(_ value: JSONValue?) -> Bool { value == nil || value == .null || value == .string("") }

    /// As a member's working time is stored and answered.
    var workingTime: JSONValue {
        guard self.isOn, let hours else { return ["enabled": false] }
        let breaks = self.breaks.map { ["from": .string($0.from.text), "to": .string($0.to.text)] as JSONValue }
        return ["enabled": true, "from": .string(hours.from.text), "to": .string(hours.to.text), "breaks": .array(breaks)]
    }

    /// What a salon's opening hours get of it. Without times the day keeps its own: a closed one has them for when it opens
    /// again.
    var openingHours: JSONValue {
        guard let hours else { return ["isOpen": .bool(self.isOn)] }
        return ["start": .string(hours.from.text), "end": .string(hours.to.text), "isOpen": .bool(self.isOn)]
    }
}

extension BodyReader {
    /// A week: an object of days, by their names `mon` … `sun` or in full.
    ///
    /// - Parameters:
    ///   - mayLackTimes: whether a day that is on may be without its times
    ///   - form: how a day is to be stored
    mutating func week(
        _ field: String,
        mayLackTimes: Bool = false,
        _ form: (WeekDay) -> JSONValue
    ) -> Patch<JSONObject> {
        switch self.raw(field) {
        case nil: return .keep
        case .null: return .clear
        case .object(let object):
            var week = JSONObject()
            for (key, value) in object {
                let name = String(key.prefix(3))
                let isDay = WeekDay.names.contains(key) || Self.fullNames.contains(key)
                guard isDay, let day = WeekDay(value, mayLackTimes: mayLackTimes) else {
                    self.reject(
                        isDay ? "\(field).\(name)" : field,
                        isDay ? "must be {enabled, from, to, breaks?} with from before to" : "has days mon to sun",
                        isDay ? "має бути {enabled, from, to, breaks?}, де from раніше за to" : "має дні від mon до sun"
                    )
                    continue
                }
                week[name] = form(day)
            }
            return .set(week)
        default:
            self.reject(field, "must be an object", "має бути об'єктом")
            return .keep
        }
    }

    private static let fullNames: Set<String> = [
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    ]
}
