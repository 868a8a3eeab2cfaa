import Outbox
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
    /// Reports the clients whose figures a change of a visit changes. Nobody has edited them, so there is no audit entry.
    ///
    /// They are read under the lock of the topic's head: of two visits that are completed at once the second event has both.
    /// A change of the client itself reads the row before that lock, and so waits for this transaction, or this one for it.
    func reportFigures(from before: CountedVisit?, to after: CountedVisit?) async throws {
        guard before != after else { return }
        let ids = Set([before, after].compactMap { $0?.clientID }).sorted()
        let salonID = self.user.salonID
        // After masters and visits, as a booking locks its client.
        _ = try await self.unit.query(
            "SELECT 1 FROM clients WHERE salon_id = \(salonID) AND id = ANY(\(ids)::int8[]) ORDER BY id FOR SHARE"
        )
        let topic = Topic.salon(salonID, Reports.client.topic)
        self.unit.emit(on: [topic]) { unit in
            let rows = try await unit.query(
                """
                SELECT \(Entity.client.projection) AS body FROM \(Entity.client.source)
                WHERE c.salon_id = \(salonID) AND c.id = ANY(\(ids)::int8[]) AND c.deleted_at IS NULL ORDER BY c.id
                """
            )
            return try rows.map { .init(topic, Reports.client.event(.updated), try $0.get("body")) }
        }
    }
}
