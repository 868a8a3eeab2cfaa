/// Which time of which master a visit is at.
struct VisitTime: Sendable {
    var staffID: Int64?
    var date: String
    var start: LocalTime
    /// At or before the start, it is the next day's.
    var end: LocalTime
    /// Whether the visit takes that time: a cancelled one does not.
    var isTaken: Bool
}

extension StoredVisit {
    var time: VisitTime {
        VisitTime(
            staffID: self.staffID,
            date: self.date,
            start: self.start,
            end: self.end,
            isTaken: AppointmentCommands.live.contains(self.status)
        )
    }
}
