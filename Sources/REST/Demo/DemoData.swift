import JSON
public import Outbox
public import Postgres

/// Makes two salons, one with a believable year behind it, and fills days that have come since. Safe to run again.
public struct DemoData: Sendable {
    /// The database belongs to somebody.
    public struct Refused: Error, CustomStringConvertible {
        /// Why.
        public let description = "the database has a salon that `adelante demo` did not make"
    }

    /// How much of it.
    public enum Span: Sendable {
        /// A week before and after today.
        case week
        /// In the first salon, the year before today and the month after it, with everything that a salon has by then.
        case year

        var days: (before: Int64, after: Int64) { self == .week ? (7, 7) : (365, 30) }
        var clients: Int64 { self == .week ? 60 : 3_000 }
    }

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
    public func make(_ span: Span) async throws -> Int {
        let hash = try await self.hasher.hash(DemoContent.password)
        let (added, isNew) = try await self.outbox.transaction { unit in
            _ = try await unit.query("SELECT pg_advisory_xact_lock(hashtextextended('adelante demo', 0))")
            let foreign = try await unit.query("SELECT 1 FROM salons WHERE NOT demo LIMIT 1")
            guard foreign.isEmpty else { throw Refused() }
            let isNew = try await unit.query("SELECT 1 FROM appointments LIMIT 1").isEmpty
            var added = 0
            for (index, content) in DemoContent.salons.enumerated() {
                let (seed, extent) = (UInt64(index), content.grown == nil ? .week : span)
                let salonID = try await self.salon(unit, content, hash: hash, seed: seed)
                if extent == .year { try await DemoYear(unit: unit, salonID: salonID).hire(content) }
                let visits = DemoVisits(unit: unit, salonID: salonID, content: extent == .year ? content.withYear() : content)
                added += try await visits.fill(extent, seed: seed)
                if extent == .year { try await DemoYear(unit: unit, salonID: salonID).account() }
            }
            return (added, isNew)
        }
        // The planner knows nothing yet of tables that were empty.
        if isNew { _ = try await self.client.query("ANALYZE") }
        return added
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
        var staff: [Int64] = []
        for master in content.masters { staff.append(try await Self.insert(unit, salonID: salonID, master)) }
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
        for service in content.services { try await Self.insert(unit, salonID: salonID, service) }
        try await self.clients(unit, salonID: salonID, seed: seed)
        return salonID
    }

    static func insert(_ unit: UnitOfWork, salonID: Int64, _ master: DemoContent.Master) async throws -> Int64 {
        try await unit.query(
            """
            INSERT INTO staff (salon_id, first_name, last_name, phone, position, specializations, schedule)
            VALUES (\(salonID), \(master.firstName), \(master.lastName), '', \(master.position),
                \(master.specializations)::text[], \(self.schedule(of: master)))
            RETURNING id
            """
        ).only().get("id")
    }

    static func insert(_ unit: UnitOfWork, salonID: Int64, _ service: DemoContent.Service) async throws {
        _ = try await unit.query(
            """
            INSERT INTO services (salon_id, name, category, duration, price, color)
            VALUES (\(salonID), \(service.name), \(service.category), \(Int64(service.minutes)), \(PostgresNumeric(service.price)),
                \(service.color))
            """
        )
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
        for index in 0..<Int(Span.week.clients) {
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
}
