/// What a notification says of a visit.
struct VisitSummary: Sendable {
    var id: Int64
    var clientName: String
    var serviceName: String
    var staffName: String?
    var date: String
    var startTime: String
    var endTime: String

    /// `17.05.2026`
    var day: String { self.date.split(separator: "-").reversed().joined(separator: ".") }

    /// Where the page shows it.
    var link: String { "/appointments/\(self.id)?date=\(self.date)" }
}

extension StoredVisit {
    /// - Parameter masters: with the visit's own among them
    func summary(_ id: Int64, _ masters: LockedMasters) -> VisitSummary {
        VisitSummary(
            id: id,
            clientName: self.clientName,
            serviceName: self.serviceName,
            staffName: masters[self.staffID]?.name,
            date: self.date,
            startTime: self.start.text,
            endTime: self.end.text
        )
    }
}
