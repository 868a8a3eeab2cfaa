import JSON
public import Outbox
public import Postgres

/// Makes two salons with a believable week around today, and fills days that have come since. Safe to run again.
public struct DemoData: Sendable {
    /// The database belongs to somebody.
    public struct Refused: Error, CustomStringConvertible {
        /// Why.
        public let description = "the database has a salon that `adelante demo` did not make"
    }

    private static let daysAround = 7
    private static let clientCount = 60

    private let client: PostgresClient
    private let outbox: TransactionalOutbox
    private let hasher: PasswordHasher

    /// - Parameters:
    ///   - client: the pool
    ///   - outbox: writes visits with their events
    ///   - hasher: for the accounts' password
    public init(client: PostgresClient, outbox: TransactionalOutbox, hasher: PasswordHasher) {
        self.client = client
        self.outbox = outbox
        self.hasher = hasher
    }

    /// - Returns: how many visits were added
    /// - Throws: ``Refused``
    public func make() async throws -> Int {
        let hash = try await self.hasher.hash(DemoContent.password)
        return try await self.outbox.transaction { unit in
            _ = try await unit.query("SELECT pg_advisory_xact_lock(hashtextextended('adelante demo', 0))")
            let foreign = try await unit.query("SELECT 1 FROM salons WHERE NOT demo LIMIT 1")
            guard foreign.isEmpty else { throw Refused() }
            var added = 0
            for (index, content) in DemoContent.salons.enumerated() {
                let salonID = try await self.salon(unit, content, hash: hash, seed: UInt64(index))
                added += try await self.fillDays(unit, salonID: salonID, content, seed: UInt64(index))
            }
            return added
        }
    }

    // MARK: A salon

    private func salon(_ unit: UnitOfWork, _ content: DemoContent.Salon, hash: String, seed: UInt64) async throws -> Int64 {
        let present = try await unit.query("SELECT id FROM salons WHERE demo AND name = \(content.name)")
        if let row = present.first { return try row.get("id") }
        let salonID = try await UserRepository.insertSalon(
            unit,
            name: content.name,
            email: content.accounts.first?.email ?? "",
            phone: content.phone
        )
        _ = try await unit.query("UPDATE salons SET demo = true, address = \(content.address) WHERE id = \(salonID)")
        let staff = try await self.staff(unit, salonID: salonID, content)
        for account in content.accounts {
            let userID = try await UserRepository.insert(
                unit,
                .init(
                    salonID: salonID,
                    email: account.email,
                    hash: hash,
                    firstName: account.firstName,
                    lastName: account.lastName,
                    phone: nil,
                    role: account.role
                )
            )
            guard let master = account.master else { continue }
            _ = try await unit.query("UPDATE staff SET user_id = \(userID) WHERE id = \(staff[master])")
        }
        for service in content.services {
            _ = try await unit.query(
                """
                INSERT INTO services (salon_id, name, category, duration, price, color)
                VALUES (\(salonID), \(service.name), \(service.category), \(Int64(service.minutes)), \(PostgresNumeric(service.price)),
                    \(service.color))
                """
            )
        }
        try await self.clients(unit, salonID: salonID, seed: seed)
        return salonID
    }

    private func staff(_ unit: UnitOfWork, salonID: Int64, _ content: DemoContent.Salon) async throws -> [Int64] {
        var ids: [Int64] = []
        for master in content.masters {
            let id: Int64 = try await unit.query(
                """
                INSERT INTO staff (salon_id, first_name, last_name, phone, position, specializations, schedule)
                VALUES (\(salonID), \(master.firstName), \(master.lastName), '', \(master.position),
                    \(master.specializations)::text[], \(Self.schedule(of: master)))
                RETURNING id
                """
            ).only().get("id")
            ids.append(id)
        }
        return ids
    }

    private static func schedule(of master: DemoContent.Master) -> PostgresJSON {
        var week = JSONObject()
        for day in ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] {
            var breaks: [JSONValue] = []
            if let pause = master.pause, let start = LocalTime(pause), let end = LocalTime(minutes: start.minutes + 60) {
                breaks = [["from": .string(pause), "to": .string(end.text)]]
            }
            week[day] =
                master.daysOff.contains(day)
                ? ["enabled": false]
                : ["enabled": true, "from": .string(master.from), "to": .string(master.to), "breaks": .array(breaks)]
        }
        return PostgresJSON(text: JSONValue.object(week).text)
    }

    private func clients(_ unit: UnitOfWork, salonID: Int64, seed: UInt64) async throws {
        var random = DemoRandom(seed: seed &+ 77)
        for index in 0..<Self.clientCount {
            let firstName = DemoContent.firstNames[index % DemoContent.firstNames.count]
            let lastName = DemoContent.lastNames[Int.random(in: 0..<DemoContent.lastNames.count, using: &random)]
            let number = String(1_000_000 + Int.random(in: 0..<9_000_000, using: &random))
            let digits = Array(number)
            let phone = "+380 67 \(String(digits[0...2])) \(String(digits[3...4])) \(String(digits[5...6]))"
            _ = try await unit.query(
                """
                INSERT INTO clients (salon_id, first_name, last_name, phone, phone_key, source)
                VALUES (\(salonID), \(firstName), \(lastName), \(phone), \(PhoneNumber(phone).normalisedKey), 'regular')
                ON CONFLICT DO NOTHING
                """
            )
        }
    }

    // MARK: Its days

    /// What is drawn from for a day's visits.
    private struct Stock: Sendable {
        var staff: [(id: Int64, master: DemoContent.Master)]
        var clients: [(id: Int64, name: String, phone: String)]
        var services: [(id: Int64, service: DemoContent.Service)]
        var creator: Int64
    }

    private func fillDays(_ unit: UnitOfWork, salonID: Int64, _ content: DemoContent.Salon, seed: UInt64) async throws -> Int {
        let stock = try await self.stock(unit, salonID: salonID, content)
        let days = try await unit.query(
            """
            SELECT day::date::text AS date, (ARRAY['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])[extract(isodow FROM day)::int] AS name,
                   (day::date - (now() AT TIME ZONE s.timezone)::date)::int8 AS distance, (day::date - '2020-01-01'::date)::int8 AS number
            FROM salons s, generate_series(
                (now() AT TIME ZONE s.timezone)::date - \(Int64(Self.daysAround))::int,
                (now() AT TIME ZONE s.timezone)::date + \(Int64(Self.daysAround))::int, interval '1 day') AS day
            WHERE s.id = \(salonID)
              AND NOT EXISTS (SELECT 1 FROM appointments a WHERE a.salon_id = s.id AND a.date = day::date)
            ORDER BY day
            """
        )
        var added: [Int64] = []
        for day in days {
            let number: Int64 = try day.get("number")
            var random = DemoRandom(seed: UInt64(bitPattern: number) &* 31 &+ seed)
            let (date, name): (String, String) = (try day.get("date"), try day.get("name"))
            for visit in Self.visits(on: name, stock, load: content.load, distance: try day.get("distance"), using: &random) {
                added.append(try await self.insert(unit, salonID: salonID, date: date, visit, creator: stock.creator))
            }
        }
        guard !added.isEmpty else { return 0 }
        let rows = try await unit.query(
            """
            SELECT \(AppointmentRepository.projection(phones: true)) AS body FROM appointments a
            WHERE a.id = ANY(\(added)::int8[]) ORDER BY a.id
            """
        )
        for row in rows { unit.emit(Topic.appointments(salonID), "appointment:created", try row.get("body")) }
        return added.count
    }

    private func stock(_ unit: UnitOfWork, salonID: Int64, _ content: DemoContent.Salon) async throws -> Stock {
        var stock = Stock(staff: [], clients: [], services: [], creator: 0)
        for row in try await unit.query(
            "SELECT id, first_name, last_name FROM staff WHERE salon_id = \(salonID) AND is_active ORDER BY id"
        ) {
            let (first, last): (String, String) = (try row.get("first_name"), try row.get("last_name"))
            guard let master = content.masters.first(where: { $0.firstName == first && $0.lastName == last }) else { continue }
            stock.staff.append((try row.get("id"), master))
        }
        for row in try await unit.query(
            "SELECT id, trim(first_name || ' ' || last_name) AS name, phone FROM clients WHERE salon_id = \(salonID) AND deleted_at IS NULL ORDER BY id"
        ) {
            stock.clients.append((try row.get("id"), try row.get("name"), try row.get("phone")))
        }
        for row in try await unit.query(
            "SELECT id, name FROM services WHERE salon_id = \(salonID) AND deleted_at IS NULL ORDER BY id"
        ) {
            let name: String = try row.get("name")
            guard let service = content.services.first(where: { $0.name == name }) else { continue }
            stock.services.append((try row.get("id"), service))
        }
        stock.creator = try await unit.query("SELECT min(id) AS id FROM users WHERE salon_id = \(salonID)").only().get("id")
        return stock
    }

    private struct Visit: Sendable {
        var staffID: Int64
        var client: (id: Int64, name: String, phone: String)
        var service: (id: Int64, service: DemoContent.Service)
        var start: LocalTime
        var end: LocalTime
        var status: String
        var note: String?
    }

    /// Walks each master's day and books or leaves free, half an hour at a time.
    private static func visits(
        on day: String,
        _ stock: Stock,
        load: Int,
        distance: Int64,
        using random: inout DemoRandom
    ) -> [Visit] {
        var visits: [Visit] = []
        guard !stock.clients.isEmpty else { return [] }
        for (staffID, master) in stock.staff where !master.daysOff.contains(day) {
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
                let isBooked = Int.random(in: 0..<100, using: &random) < load
                guard isBooked, !meetsPause, end <= closes.minutes, let from = LocalTime(minutes: minute),
                    let to = LocalTime(minutes: end)
                else {
                    minute += 30
                    continue
                }
                visits.append(
                    Visit(
                        staffID: staffID,
                        client: stock.clients[Int.random(in: 0..<stock.clients.count, using: &random)],
                        service: service,
                        start: from,
                        end: to,
                        status: self.status(distance: distance, using: &random),
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

    private func insert(_ unit: UnitOfWork, salonID: Int64, date: String, _ visit: Visit, creator: Int64) async throws -> Int64 {
        let isCompleted = visit.status == "completed"
        let (name, price) = (visit.service.service.name, PostgresNumeric(visit.service.service.price))
        return try await unit.query(
            """
            WITH a AS (
                INSERT INTO appointments (salon_id, client_id, client_name, client_phone, staff_id, service_id, service_name, date,
                    start_time, end_time, status, price, notes, created_by, completed_at)
                VALUES (\(salonID), \(visit.client.id), \(visit.client.name), \(visit.client.phone), \(visit.staffID),
                    \(visit.service.id), \(name), \(date)::text::date, \(visit.start.text)::text::time, \(visit.end.text)::text::time,
                    \(visit.status), \(price), \(visit.note), \(creator), CASE WHEN \(isCompleted) THEN now() END)
                RETURNING id),
            line AS (
                INSERT INTO appointment_lines (salon_id, appointment_id, position, service_id, name, price, duration)
                SELECT \(salonID), a.id, 1, \(visit.service.id), \(name), \(price), \(Int64(visit.service.service.minutes)) FROM a)
            SELECT id FROM a
            """
        ).only().get("id")
    }
}
