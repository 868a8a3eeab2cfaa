import Outbox
import Postgres

/// The visits of a demo salon's days: each day's follow from its number alone, so that a day looks the same on every machine.
struct DemoVisits: Sendable {
    let unit: UnitOfWork
    let salonID: Int64
    let content: DemoContent.Salon

    /// Fills the days of a span that have no visit yet. Visits of the days about now are reported, as others see those; nobody
    /// is told of a year of past ones.
    ///
    /// - Returns: how many visits were added
    func fill(_ span: DemoData.Span, seed: UInt64) async throws -> Int {
        let stock = try await self.stock()
        guard !stock.clients.isEmpty else { return 0 }
        let days = try await self.unit.query(
            """
            SELECT day::date::text AS date, (ARRAY['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])[extract(isodow FROM day)::int] AS name,
                   (day::date - (now() AT TIME ZONE s.timezone)::date)::int8 AS distance, (day::date - '2020-01-01'::date)::int8 AS number
            FROM salons s, generate_series(
                (now() AT TIME ZONE s.timezone)::date - \(span.days.before)::int,
                (now() AT TIME ZONE s.timezone)::date + \(span.days.after)::int, interval '1 day') AS day
            WHERE s.id = \(self.salonID)
              AND NOT EXISTS (SELECT 1 FROM appointments a WHERE a.salon_id = s.id AND a.date = day::date)
            ORDER BY day
            """
        )
        var visits: [Visit] = []
        for row in days {
            let day = try Day(row)
            var random = DemoRandom(seed: UInt64(bitPattern: day.number) &* 31 &+ seed)
            visits += self.visits(on: day, stock, among: span.clientele(on: day, of: stock.clients.count), using: &random)
        }
        guard !visits.isEmpty else { return 0 }
        let first = try await self.insert(visits, creator: stock.creator, arePaid: span == .year)
        let around = DemoData.Span.week.days
        let rows = try await self.unit.query(
            """
            SELECT \(AppointmentRepository.projection(phones: true)) AS body
            FROM appointments a JOIN salons s ON s.id = a.salon_id
            WHERE a.salon_id = \(self.salonID) AND a.id >= \(first) AND a.date BETWEEN
                (now() AT TIME ZONE s.timezone)::date - \(around.before)::int AND (now() AT TIME ZONE s.timezone)::date + \(around.after)::int
            ORDER BY a.id
            """
        )
        for row in rows { self.unit.emit(Topic.appointments(self.salonID), "appointment:created", try row.get("body")) }
        return visits.count
    }

    // MARK: What a day is made of

    struct Day: Sendable {
        var date: String
        var name: String
        /// From today.
        var distance: Int64
        /// From a fixed day.
        var number: Int64

        init(_ row: PostgresRow) throws {
            self.date = try row.get("date")
            self.name = try row.get("name")
            self.distance = try row.get("distance")
            self.number = try row.get("number")
        }
    }

    /// What is drawn from for a day's visits.
    private struct Stock: Sendable {
        var staff: [(id: Int64, master: DemoContent.Master)]
        var clients: [Int64]
        var services: [(id: Int64, service: DemoContent.Service)]
        var creator: Int64
    }

    private func stock() async throws -> Stock {
        var stock = Stock(staff: [], clients: [], services: [], creator: 0)
        for row in try await self.unit.query(
            "SELECT id, first_name, last_name FROM staff WHERE salon_id = \(self.salonID) AND is_active ORDER BY id"
        ) {
            let (first, last): (String, String) = (try row.get("first_name"), try row.get("last_name"))
            guard let master = self.content.masters.first(where: { $0.firstName == first && $0.lastName == last }) else {
                continue
            }
            stock.staff.append((try row.get("id"), master))
        }
        stock.clients = try await self.unit.query(
            "SELECT id FROM clients WHERE salon_id = \(self.salonID) AND deleted_at IS NULL ORDER BY id"
        ).map { try $0.get("id") }
        for row in try await self.unit.query(
            "SELECT id, name FROM services WHERE salon_id = \(self.salonID) AND deleted_at IS NULL ORDER BY id"
        ) {
            let name: String = try row.get("name")
            guard let service = self.content.services.first(where: { $0.name == name }) else { continue }
            stock.services.append((try row.get("id"), service))
        }
        stock.creator = try await self.unit.query("SELECT min(id) AS id FROM users WHERE salon_id = \(self.salonID)").only().get(
            "id"
        )
        return stock
    }

    private struct Visit: Sendable {
        var staffID: Int64
        var clientID: Int64
        var serviceID: Int64
        var date: String
        var start: LocalTime
        var end: LocalTime
        var status: String
        var note: String?
    }

    /// Walks each master's day and books or leaves free, half an hour at a time.
    private func visits(
        on day: Day,
        _ stock: Stock,
        among clientele: DemoClientele,
        using random: inout DemoRandom
    ) -> [Visit] {
        var visits: [Visit] = []
        for (place, (staffID, master)) in stock.staff.enumerated()
        where !master.daysOff.contains(day.name) && !clientele.isAway(place, on: day) {
            let suitable = stock.services.filter {
                master.specializations.contains($0.service.category) || $0.service.category == "makeup"
            }
            guard let opens = LocalTime(master.from), let closes = LocalTime(master.to), !suitable.isEmpty else { continue }
            let pause = master.pause.flatMap { LocalTime($0) }?.minutes ?? -1_000
            var minute = opens.minutes
            while minute < closes.minutes {
                let service = suitable[Int.random(in: 0..<suitable.count, using: &random)]
                let end = minute + service.service.minutes
                let meetsPause = minute < pause + 60 && end > pause
                let isBooked = Int.random(in: 0..<100, using: &random) < self.content.load
                guard isBooked, !meetsPause, end <= closes.minutes, let from = LocalTime(minutes: minute),
                    let to = LocalTime(minutes: end)
                else {
                    minute += 30
                    continue
                }
                visits.append(
                    Visit(
                        staffID: staffID,
                        clientID: stock.clients[clientele.draw(using: &random)],
                        serviceID: service.id,
                        date: day.date,
                        start: from,
                        end: to,
                        status: Self.status(distance: day.distance, using: &random),
                        note: Int.random(in: 0..<8, using: &random) == 0 ? DemoContent.notes.randomElement(using: &random) : nil
                    )
                )
                minute = end + (Int.random(in: 0..<3, using: &random) == 0 ? 15 : 0)
            }
        }
        return visits
    }

    private static func status(distance: Int64, using random: inout DemoRandom) -> String {
        let draw = Int.random(in: 0..<10, using: &random)
        if distance < 0 { return draw == 0 ? "no-show" : draw == 1 ? "cancelled" : "completed" }
        return draw < 5 ? "confirmed" : "scheduled"
    }

    /// Writes all visits with their lines at once. Each was booked some days ahead, and completed when it ended.
    ///
    /// - Parameter arePaid: whether their operations are written too; else they are of a time before there were any
    /// - Returns: the first one's id; the others follow
    private func insert(_ visits: [Visit], creator: Int64, arePaid: Bool) async throws -> Int64 {
        let (staff, clients, services) = (visits.map(\.staffID), visits.map(\.clientID), visits.map(\.serviceID))
        let (dates, statuses, notes) = (visits.map(\.date), visits.map(\.status), visits.map(\.note))
        let (starts, ends) = (visits.map(\.start.text), visits.map(\.end.text))
        return try await self.unit.query(
            """
            WITH visit AS (
                SELECT v.*, (v.date + v.ends) AT TIME ZONE salon.timezone AS ended,
                       least(now(), v.date AT TIME ZONE salon.timezone) - v.position % 19 * interval '17 hours' AS booked,
                       trim(c.first_name || ' ' || c.last_name) AS client_name, c.phone, s.name, s.price, s.duration
                FROM unnest(\(staff)::int8[], \(clients)::int8[], \(services)::int8[], \(dates)::text[]::date[], \(starts)::text[]::time[],
                        \(ends)::text[]::time[], \(statuses)::text[], \(notes)::text[])
                    WITH ORDINALITY AS v (staff_id, client_id, service_id, date, starts, ends, status, note, position)
                JOIN clients c ON c.id = v.client_id JOIN services s ON s.id = v.service_id
                JOIN salons salon ON salon.id = s.salon_id),
            made AS (
                INSERT INTO appointments (salon_id, client_id, client_name, client_phone, staff_id, service_id, service_name, date,
                    start_time, end_time, status, price, payment_method, notes, created_by, created_at, completed_at, precedes_operations)
                SELECT \(self.salonID), client_id, client_name, phone, staff_id, service_id, name, date, starts, ends, status, price,
                       CASE WHEN status = 'completed' THEN (ARRAY['cash', 'card', 'cash', 'card', 'Онлайн'])[1 + position % 5] END, note, \(creator), booked, CASE WHEN status = 'completed' THEN ended END,
                       status = 'completed' AND NOT \(arePaid)
                FROM visit ORDER BY position
                RETURNING id, service_id),
            line AS (
                INSERT INTO appointment_lines (salon_id, appointment_id, position, service_id, name, price, duration)
                SELECT \(self.salonID), m.id, 1, s.id, s.name, s.price, s.duration FROM made m JOIN services s ON s.id = m.service_id)
            SELECT min(id) AS first FROM made
            """
        ).only().get("first")
    }
}

/// Who comes on a day: of a large salon's clients some come often, many rarely, and new ones keep coming.
struct DemoClientele: Sendable {
    var known: Int
    var isUneven: Bool

    /// Masters of a large salon have ten days' holiday a year, one after the other: ``DemoYear`` writes them down.
    func isAway(_ master: Int, on day: DemoVisits.Day) -> Bool {
        self.isUneven && (day.number + Int64(master) * 37) % 365 < 10
    }

    func draw(using random: inout DemoRandom) -> Int {
        guard self.isUneven else { return Int.random(in: 0..<self.known, using: &random) }
        let even = Double.random(in: 0..<1, using: &random)
        return min(Int(even * (0.2 + 0.8 * even) * Double(self.known)), self.known - 1)
    }
}

extension DemoData.Span {
    func clientele(on day: DemoVisits.Day, of clients: Int) -> DemoClientele {
        guard self == .year else { return DemoClientele(known: clients, isUneven: false) }
        let length = self.days.before + self.days.after
        let passed = min(max(day.distance + self.days.before, 0), length)
        return DemoClientele(known: max(1, clients * Int(length + 2 * passed) / Int(3 * length)), isUneven: true)
    }
}
