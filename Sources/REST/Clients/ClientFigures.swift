import Outbox
import Postgres

/// What a client's visits and operations add up to (`totalVisits`, `totalSpent`, `lastVisit`, `segment`): part of the client, so
/// whoever changes one of those reports the client too.
enum ClientFigures {
    /// Reports clients whose figures a transaction changes, each once however often it is named. Nobody has edited them, so there
    /// is no audit entry.
    ///
    /// They are read under the lock of the topic's head: of two visits that are completed at once the second event has both.
    /// A change of the client itself reads the row before that lock, and so waits for this transaction, or this one for it.
    ///
    /// Clients are locked after masters and visits, as a booking does, and before registers.
    static func report(_ unit: UnitOfWork, salonID: Int64, of ids: [Int64]) {
        let ids = Set(ids).sorted()
        guard !ids.isEmpty else { return }
        unit.enqueue("SELECT 1 FROM clients WHERE salon_id = \(salonID) AND id = ANY(\(ids)::int8[]) ORDER BY id FOR SHARE")
        let topic = Topic.salon(salonID, Reports.client.topic)
        unit.emit(on: [topic], of: "\(Reports.client.word) of \(salonID)", Awaited(known: ids)) { ids in
            """
            SELECT c.id AS place, \(topic)::text AS topic, \(Reports.client.event(.updated))::text AS type,
                   \(Entity.client.projection) AS data
            FROM \(Entity.client.source)
            WHERE c.salon_id = \(salonID) AND c.id = ANY(\(ids)::int8[]) AND c.deleted_at IS NULL
            """
        }
    }
}
