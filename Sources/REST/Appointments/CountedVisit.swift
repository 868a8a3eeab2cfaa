import Postgres

/// A visit as its client's figures (`totalVisits`, `totalSpent`, `lastVisit`, `segment`) count it: completed, and somebody's.
struct CountedVisit: Sendable, Equatable {
    let clientID: Int64
    private let date: String
    private let price: PostgresNumeric?

    init?(_ visit: AppointmentRepository.Current) {
        self.init(visit.clientID, visit.status, visit.date, visit.price)
    }

    init?(_ visit: AppointmentRepository.Draft) {
        self.init(visit.clientID, visit.status, visit.date, visit.price)
    }

    private init?(_ clientID: Int64?, _ status: String, _ date: String, _ price: PostgresNumeric?) {
        guard let clientID, status == "completed" else { return nil }
        (self.clientID, self.date, self.price) = (clientID, date, price)
    }
}

extension AppointmentCommands {
    /// Reports the clients whose figures a change of a visit changes.
    func reportFigures(from before: CountedVisit?, to after: CountedVisit?) {
        guard before != after else { return }
        let ids = [before, after].compactMap { $0?.clientID }
        ClientFigures.report(self.unit, salonID: self.user.salonID, of: ids)
    }
}
