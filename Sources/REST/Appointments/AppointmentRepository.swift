import Outbox
import Postgres

/// The rows of `appointments` and `appointment_lines`.
enum AppointmentRepository {
    /// An appointment as everybody gets it: REST, socket, conflict bodies.
    ///
    /// - Parameter phones: whether the reader's role sees clients' phones
    static func projection(phones: Bool) -> SQL { phones ? self.withPhones : self.withoutPhones }

    private static let withPhones: SQL = "(\(textWithPhones))::jsonb"
    private static let withoutPhones: SQL = "(\(textWithoutPhones))::jsonb"

    /// Its text, for lists and the one visit: it goes out as it is, and need not become `jsonb`.
    private static func text(phones: Bool) -> SQL { phones ? self.textWithPhones : self.textWithoutPhones }

    private static let textWithPhones = Self.text(phone: "a.client_phone")
    private static let textWithoutPhones = Self.text(phone: "NULL::text")

    private static func text(phone: SQL) -> SQL {
        SQL.objectText([
            "id": "a.id", "clientId": "a.client_id", "clientName": "a.client_name", "clientPhone": phone,
            "serviceId": "a.service_id", "serviceName": "a.service_name", "service": "a.service_name", "services": self.lines,
            "staffId": "coalesce(to_json(a.staff_id), 'null')",
            "staffName": "(SELECT trim(s.first_name || ' ' || s.last_name) FROM staff s WHERE s.id = a.staff_id)",
            "date": "a.date", "startTime": "to_char(a.start_time, 'HH24:MI')", "endTime": "to_char(a.end_time, 'HH24:MI')",
            "status": "a.status", "type": "a.type", "price": "trim_scale(a.price)", "paymentMethod": "a.payment_method",
            "notes": "a.notes", "allowOverlap": "CASE WHEN a.allow_overlap THEN true END", "version": "a.version",
            "createdAt": "iso8601(a.created_at)", "updatedAt": "iso8601(a.updated_at)",
        ])
    }

    private static let lines: SQL = """
        (SELECT coalesce('[' || string_agg(\(line), ',' ORDER BY l.position) || ']', '[]')
         FROM appointment_lines l WHERE l.appointment_id = a.id)::json
        """

    private static let line = SQL.objectText([
        "serviceId": "l.service_id", "name": "l.name", "price": "trim_scale(l.price)", "duration": "l.duration",
    ])

    /// What a list is asked for.
    struct Filter: Sendable {
        var from: LocalDate?
        var to: LocalDate?
        var staffID: Int64?
        var clientID: Int64?
        var status: String?

        var condition: SQL {
            var condition: SQL = ""
            if let from { condition += " AND a.date >= \(from.text)::text::date" }
            if let to { condition += " AND a.date <= \(to.text)::text::date" }
            if let staffID { condition += " AND a.staff_id = \(staffID)" }
            if let clientID { condition += " AND a.client_id = \(clientID)" }
            if let status { condition += " AND a.status = \(status)" }
            return condition
        }
    }

    static func list(_ reader: any Reader, user: CurrentUser, _ filter: Filter, page: Page) async throws -> Listing {
        try await Listing.read(
            reader,
            topic: Topic.appointments(user.salonID),
            matching: """
                SELECT a.id, row_number() OVER (ORDER BY a.date, a.start_time, a.id) AS place FROM appointments a
                WHERE a.salon_id = \(user.salonID) AND a.deleted_at IS NULL\(filter.condition)
                """,
            page: page,
            from: "appointments a",
            where: "a.salon_id = \(user.salonID)",
            projection: self.text(phones: user.seesPhones)
        )
    }

    /// - Throws: 404 for an id that is unknown, deleted, or of another salon
    static func get(_ reader: any Reader, user: CurrentUser, id: Int64) async throws -> (body: RawJSON, version: Int64) {
        let rows = try await reader.query(
            """
            SELECT \(self.text(phones: user.seesPhones)) AS body, a.version FROM appointments a
            WHERE a.salon_id = \(user.salonID) AND a.id = \(id) AND a.deleted_at IS NULL
            """
        )
        guard let row = rows.first else { throw APIError(.notFound) }
        return (try row.get("body"), try row.get("version"))
    }

    /// A row that is about to be changed, locked.
    struct Current: Sendable {
        var clientID: Int64?
        var clientName: String
        var clientPhone: String?
        var staffID: Int64?
        var serviceID: Int64?
        var serviceName: String
        var date: String
        var start: LocalTime
        var end: LocalTime
        var status: String
        var type: String
        var price: PostgresNumeric?
        var paymentMethod: String?
        var notes: String?
        var allowOverlap: Bool
        var version: Int64
        var isDeleted: Bool
    }

    /// - Throws: 404 for an id that is unknown or of another salon; deleted visits are found
    static func lock(_ unit: UnitOfWork, salonID: Int64, id: Int64) -> Awaited<Current> {
        unit.ask(
            """
            SELECT client_id, client_name, client_phone, staff_id, service_id, service_name, date::text AS date,
                   to_char(start_time, 'HH24:MI') AS start_time, to_char(end_time, 'HH24:MI') AS end_time, status, type, price,
                   payment_method, notes, allow_overlap, version, deleted_at IS NOT NULL AS is_deleted
            FROM appointments WHERE salon_id = \(salonID) AND id = \(id) FOR UPDATE
            """
        ) { rows in
            guard let row = rows.first else { throw APIError(.notFound) }
            return try Current(row)
        }
    }

    /// The live visit of this master that overlaps, if there is one.
    static func conflict(
        _ unit: UnitOfWork,
        user: CurrentUser,
        staffID: Int64,
        date: String,
        start: LocalTime,
        end: LocalTime,
        except id: Int64?
    ) -> Awaited<PostgresJSON?> {
        let endsNextDay = end <= start
        return unit.ask(
            """
            SELECT \(self.projection(phones: user.seesPhones)) AS body FROM appointments a
            WHERE a.salon_id = \(user.salonID) AND a.staff_id = \(staffID) AND a.live AND a.deleted_at IS NULL
              -- A visit lasts at most 16 hours: what overlaps begins within a day of it, and an index finds that.
              AND a.date BETWEEN \(date)::text::date - 1 AND \(date)::text::date + 1
              AND a.id IS DISTINCT FROM \(id)::int8
              AND a.period && tsrange(\(date)::text::date + \(start.text)::text::time,
                  \(date)::text::date + \(end.text)::text::time + CASE WHEN \(endsNextDay) THEN interval '1 day' ELSE interval '0' END)
            ORDER BY a.date, a.start_time LIMIT 1
            """
        ) { try $0.first?.get("body") }
    }

    /// What is written of a visit.
    struct Draft: Sendable {
        var clientID: Int64?
        var clientName: String
        var clientPhone: String?
        var staffID: Int64?
        var lines: [VisitLine]?
        var serviceName: String
        var date: String
        var start: LocalTime
        var end: LocalTime
        var status: String
        var type: String
        var price: PostgresNumeric?
        var paymentMethod: String?
        var notes: String?
        var allowOverlap: Bool

        /// A visit that is paid for, and of which nobody says how, is paid for in cash.
        mutating func recordPayment() {
            if self.paymentMethod == nil, PaidVisit(self) != nil { self.paymentMethod = "cash" }
        }

        /// Whether it takes another time, or another master's.
        func moves(_ current: Current) -> Bool {
            self.staffID != current.staffID || self.date != current.date || self.start != current.start
                || self.end != current.end
        }

        /// Whether it ends later than it did. One that passes midnight ends the next day.
        func isLater(than current: Current) -> Bool {
            if self.date != current.date { return self.date > current.date }
            let (passes, passed) = (self.end < self.start, current.end < current.start)
            return passes == passed ? self.end > current.end : passes
        }

        /// Whether writing it would change nothing.
        func saysNothingNew(of current: Current) -> Bool {
            self.lines == nil && self.clientID == current.clientID && self.clientName == current.clientName
                && self.clientPhone == current.clientPhone && self.staffID == current.staffID
                && self.serviceName == current.serviceName && self.date == current.date && self.start == current.start
                && self.end == current.end && self.status == current.status && self.type == current.type
                && self.price == current.price && self.paymentMethod == current.paymentMethod && self.notes == current.notes
                && self.allowOverlap == current.allowOverlap
        }
    }

    /// The rows of a visit's lines as they are.
    static func lines(_ unit: UnitOfWork, salonID: Int64, id: Int64) async throws -> [VisitLine] {
        let rows = try await unit.query(
            """
            SELECT service_id, name, price, duration::int8 AS duration FROM appointment_lines
            WHERE salon_id = \(salonID) AND appointment_id = \(id) ORDER BY position
            """
        )
        return try rows.map { row in
            VisitLine(
                serviceID: try row.get("service_id", as: Int64?.self),
                name: try row.get("name"),
                price: try row.get("price", as: PostgresNumeric?.self),
                duration: try row.get("duration", as: Int64?.self)
            )
        }
    }

    /// An id that no visit has nor will get: so what belongs to a new visit can be written together with it.
    static func nextID(_ unit: UnitOfWork) -> Awaited<Int64> {
        unit.ask("SELECT nextval('appointments_id_seq') AS id") { try $0.only().get("id") }
    }

    /// - Parameter id: from ``nextID(_:)``
    static func insert(_ unit: UnitOfWork, user: CurrentUser, id: Int64, _ draft: Draft) {
        let isCompleted = draft.status == "completed"
        unit.enqueue(
            """
            INSERT INTO appointments (id, salon_id, client_id, client_name, client_phone, staff_id, service_id, service_name, date,
                start_time, end_time, status, type, price, payment_method, notes, allow_overlap, created_by, completed_at, completed_by)
            VALUES (\(id), \(user.salonID), \(draft.clientID), \(draft.clientName), \(draft.clientPhone), \(draft.staffID),
                \(draft.lines?.first?.serviceID), \(draft.serviceName), \(draft.date)::text::date, \(draft.start.text)::text::time,
                \(draft.end.text)::text::time, \(draft.status), \(draft.type), \(draft.price), \(draft.paymentMethod), \(draft.notes),
                \(draft.allowOverlap),
                \(user.id), CASE WHEN \(isCompleted) THEN now() END, CASE WHEN \(isCompleted) THEN \(user.id)::int8 END)
            """
        )
        self.insertLines(unit, salonID: user.salonID, id: id, draft.lines ?? [])
    }

    /// Writes a locked visit anew; its version goes up by one.
    static func update(_ unit: UnitOfWork, user: CurrentUser, id: Int64, _ draft: Draft, serviceID: Int64?) {
        let isCompleted = draft.status == "completed"
        unit.enqueue(
            """
            UPDATE appointments SET client_id = \(draft.clientID), client_name = \(draft.clientName),
                client_phone = \(draft.clientPhone), staff_id = \(draft.staffID), service_id = \(serviceID),
                service_name = \(draft.serviceName), date = \(draft.date)::text::date, start_time = \(draft.start.text)::text::time,
                end_time = \(draft.end.text)::text::time, status = \(draft.status), type = \(draft.type), price = \(draft.price),
                payment_method = \(draft.paymentMethod), notes = \(draft.notes), allow_overlap = \(draft.allowOverlap), version = version + 1, updated_at = now(),
                completed_at = CASE WHEN \(isCompleted) THEN coalesce(completed_at, now()) END,
                completed_by = CASE WHEN \(isCompleted) THEN coalesce(completed_by, \(user.id)::int8) END,
                -- One that is completed anew is of today.
                precedes_operations = precedes_operations AND status = 'completed'
            WHERE salon_id = \(user.salonID) AND id = \(id)
            """
        )
        guard let lines = draft.lines else { return }
        unit.enqueue("DELETE FROM appointment_lines WHERE salon_id = \(user.salonID) AND appointment_id = \(id)")
        self.insertLines(unit, salonID: user.salonID, id: id, lines)
    }

    /// Hides a visit, or brings a hidden one back; its version goes up by one.
    static func setDeleted(_ unit: UnitOfWork, salonID: Int64, id: Int64, _ isDeleted: Bool) {
        unit.enqueue(
            """
            UPDATE appointments SET deleted_at = CASE WHEN \(isDeleted) THEN now() END, version = version + 1, updated_at = now()
            WHERE salon_id = \(salonID) AND id = \(id)
            """
        )
    }

    /// Its version goes up by one.
    static func setCancelled(_ unit: UnitOfWork, salonID: Int64, id: Int64) {
        unit.enqueue(
            """
            UPDATE appointments SET status = 'cancelled', version = version + 1, updated_at = now(),
                completed_at = NULL, completed_by = NULL
            WHERE salon_id = \(salonID) AND id = \(id)
            """
        )
    }

    private static func insertLines(_ unit: UnitOfWork, salonID: Int64, id: Int64, _ lines: [VisitLine]) {
        guard !lines.isEmpty else { return }
        let (services, names) = (lines.map(\.serviceID), lines.map(\.name))
        let (prices, durations) = (lines.map { $0.price?.description }, lines.map(\.duration))
        unit.enqueue(
            """
            INSERT INTO appointment_lines (salon_id, appointment_id, position, service_id, name, price, duration)
            SELECT \(salonID), \(id), w.position, w.service_id, w.name, w.price::numeric, w.duration
            FROM unnest(\(services)::int8[], \(names)::text[], \(prices)::text[], \(durations)::int8[])
                WITH ORDINALITY AS w (service_id, name, price, duration, position)
            """
        )
    }

    /// A visit as it was read.
    struct Visit: Sendable {
        /// As those who see everything get it.
        let body: PostgresJSON
        let version: Int64
        /// What a notification says of it.
        let summary: VisitSummary
    }

    static func read(_ unit: UnitOfWork, salonID: Int64, id: Int64) -> Awaited<Visit> {
        unit.ask(
            """
            SELECT \(self.projection(phones: true)) AS body, a.version, a.client_name, a.service_name, a.date::text AS date,
                   to_char(a.start_time, 'HH24:MI') AS start_time, to_char(a.end_time, 'HH24:MI') AS end_time,
                   trim(s.first_name || ' ' || s.last_name) AS staff_name
            FROM appointments a LEFT JOIN staff s ON s.id = a.staff_id
            WHERE a.salon_id = \(salonID) AND a.id = \(id)
            """
        ) { rows in
            let row = try rows.only()
            let summary = VisitSummary(
                id: id,
                clientName: try row.get("client_name"),
                serviceName: try row.get("service_name"),
                staffName: try row.get("staff_name", as: String?.self),
                date: try row.get("date"),
                startTime: try row.get("start_time"),
                endTime: try row.get("end_time")
            )
            return Visit(body: try row.get("body"), version: try row.get("version"), summary: summary)
        }
    }
}

extension AppointmentRepository.Current {
    fileprivate init(_ row: PostgresRow) throws {
        guard let start = LocalTime(try row.get("start_time")), let end = LocalTime(try row.get("end_time")) else {
            throw APIError(.internalError)
        }
        self.init(
            clientID: try row.get("client_id", as: Int64?.self),
            clientName: try row.get("client_name"),
            clientPhone: try row.get("client_phone", as: String?.self),
            staffID: try row.get("staff_id", as: Int64?.self),
            serviceID: try row.get("service_id", as: Int64?.self),
            serviceName: try row.get("service_name"),
            date: try row.get("date"),
            start: start,
            end: end,
            status: try row.get("status"),
            type: try row.get("type"),
            price: try row.get("price", as: PostgresNumeric?.self),
            paymentMethod: try row.get("payment_method", as: String?.self),
            notes: try row.get("notes", as: String?.self),
            allowOverlap: try row.get("allow_overlap"),
            version: try row.get("version"),
            isDeleted: try row.get("is_deleted")
        )
    }
}
