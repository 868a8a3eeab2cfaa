import JSON

/// One day of a schedule: `{"enabled": true, "from": "09:00", "to": "18:00", "breaks": [{"from": "13:00", "to": "14:00"}]}`.
struct WorkingDay: Sendable {
    private var hours: (from: LocalTime, to: LocalTime)?
    private var breaks: [(from: LocalTime, to: LocalTime)] = []

    /// A day that is not in the schedule is a day off.
    init(_ day: JSONValue?) {
        guard let day, day["enabled"]?.bool == true else { return }
        guard let from = Self.time(day["from"]), let to = Self.time(day["to"]) else { return }
        self.hours = (from, to)
        for pause in day["breaks"]?.array ?? [] {
            guard let from = Self.time(pause["from"]), let to = Self.time(pause["to"]) else { continue }
            self.breaks.append((from, to))
        }
    }

    /// Whether all of a visit is working time; one that passes midnight never is.
    func covers(_ start: LocalTime, _ end: LocalTime) -> Bool {
        guard let hours, start < end, hours.from <= start, end <= hours.to else { return false }
        return self.breaks.allSatisfy { end <= $0.from || $0.to <= start }
    }

    private static func time(_ value: JSONValue?) -> LocalTime? {
        value?.string.flatMap(LocalTime.init)
    }
}
