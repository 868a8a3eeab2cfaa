import JSON
import Outbox
import Postgres

/// The row of `salons` that is the caller's own.
enum SalonSettings {
    private static let projection = SQL.object(
        """
        'id', s.id, 'name', s.name, 'legalName', s.legal_name, 'description', s.description, 'openingDate', s.opening_date,
        'city', s.city, 'address', s.address, 'phone', s.phone, 'email', s.email, 'website', s.website,
        'currency', s.currency, 'timezone', s.timezone, 'language', s.language, 'workingHours', s.working_hours,
        'socialUrls', s.social_urls, 'strictHours', s.strict_hours
        """
    )

    /// The salon, and where its topic stood when it was read.
    static func read(_ reader: any Reader, salonID: Int64) async throws -> Answer {
        let row = try await reader.query(
            """
            SELECT \(self.projection) AS body, h.seq, h.epoch FROM salons s, topic_heads h
            WHERE s.id = \(salonID) AND h.topic = \(Topic.salon(salonID, Reports.settings.topic))
            """
        ).only()
        return Answer.json(try row.get("body", as: PostgresJSON.self))
            .with(.topicSeq, String(try row.get("seq", as: Int64.self)))
            .with(.topicEpoch, try row.get("epoch"))
    }

    private static func body(_ unit: UnitOfWork, salonID: Int64) async throws -> PostgresJSON {
        try await unit.query("SELECT \(self.projection) AS body FROM salons s WHERE s.id = \(salonID)").only().get("body")
    }

    /// Locks the salon's settings, its roles among them: changes of them come one after the other.
    static func lock(_ unit: UnitOfWork, salonID: Int64) async throws {
        _ = try await unit.query("SELECT 1 FROM salons WHERE id = \(salonID) FOR NO KEY UPDATE")
    }

    /// - Returns: the whole salon
    /// - Throws: 422 for a time zone that PostgreSQL does not know
    static func update(_ unit: UnitOfWork, user: CurrentUser, _ input: SalonInput) async throws -> PostgresJSON {
        let salonID = user.salonID
        try await self.lock(unit, salonID: salonID)
        if let zone = input.timezone.value {
            let known = try await unit.query("SELECT 1 FROM pg_timezone_names WHERE name = \(zone)")
            guard !known.isEmpty else {
                throw APIError.invalid("timezone", LocalizedText("is no IANA time zone", "не є часовим поясом IANA"))
            }
        }
        let before = try await self.body(unit, salonID: salonID)
        guard try await input.columns.write(unit, to: "salons", where: "id = \(salonID)") else { return before }
        let after = try await self.body(unit, salonID: salonID)
        let (old, new) = (try before.object(), try after.object())
        unit.report(
            .settings,
            .updated,
            id: salonID,
            name: new["name"]?.string ?? "",
            data: after,
            details: AuditEntry.changes(from: old, to: new),
            by: user,
            salonID: salonID
        )
        return after
    }
}
