import JSON
import Outbox
import Postgres

/// The body of `POST /overview/reviews`, field by field, by the names of either of the two shapes that clients know.
struct ReviewInput: RowInput {
    private var clientName: Patch<String>
    private var phone: Patch<PhoneNumber>
    private var employee: Patch<String>
    private var text: Patch<String>
    private var rating: Patch<Int64>
    private var date: Patch<LocalDate>
    private var clientID: Patch<Int64>
    private var staffID: Patch<Int64>
    private var appointmentID: Patch<Int64>

    /// - Throws: 422 naming every bad field
    init(_ object: JSONObject, creating: Bool) throws(APIError) {
        var body = BodyReader(object)
        self.clientName = body.optionalText("clientName").orElse(body.optionalText("author"))
        self.phone = body.optionalPhone("phone").map(PhoneNumber.init)
        self.employee = body.optionalText("employee")
        self.text = body.optionalText("text", maximum: 4_000, multiline: true)
            .orElse(body.optionalText("comment", maximum: 4_000, multiline: true))
        self.rating = body.integer("rating", in: 1...5)
        if self.rating.value == nil { body.require("rating") }
        self.date = body.date("date")
        self.clientID = body.integer("clientId", in: 1...Int64.max)
        self.staffID = body.integer("staffId", in: 1...Int64.max)
        self.appointmentID = body.integer("appointmentId", in: 1...Int64.max)
        if self.clientName.value == nil, self.clientID.value == nil, self.appointmentID.value == nil {
            body.require("clientName")
        }
        try body.finish()
    }

    /// What is written of it, as it was sent.
    var columns: ColumnChanges {
        var columns = ColumnChanges()
        columns.set("rating", self.rating)
        columns.set("text", self.text, cleared: "")
        return columns
    }

    /// What is written, with what the salon knows of the visit, the client and the master: what the body says goes before.
    ///
    /// - Throws: 422 for a visit, a client or a member that there is not
    func columns(_ unit: UnitOfWork, by user: CurrentUser) async throws -> ColumnChanges {
        let salonID = user.salonID
        let phone = self.phone.value
        let row = try await unit.query(
            """
            SELECT v.id AS visit, c.id AS client, s.id AS staff,
                   coalesce(\(self.clientName.value)::text, nullif(v.client_name, ''), trim(c.first_name || ' ' || c.last_name), '') AS name,
                   coalesce(\(phone?.typed)::text, v.client_phone, c.phone, '') AS phone,
                   coalesce(\(self.date.value?.text)::text::date, (now() AT TIME ZONE z.timezone)::date)::text AS date
            FROM salons z
            LEFT JOIN appointments v ON v.salon_id = z.id AND v.id = \(self.appointmentID.value)::int8 AND v.deleted_at IS NULL
            LEFT JOIN LATERAL (
                SELECT k.* FROM clients k WHERE k.salon_id = z.id AND k.deleted_at IS NULL AND
                    CASE WHEN \(self.clientID.value)::int8 IS NOT NULL THEN k.id = \(self.clientID.value)::int8
                         WHEN v.id IS NOT NULL THEN k.id = v.client_id
                         ELSE k.phone_key = \(phone?.normalisedKey)::text END
                LIMIT 1) AS c ON true
            LEFT JOIN LATERAL (
                SELECT e.id FROM staff e WHERE e.salon_id = z.id AND
                    CASE WHEN \(self.staffID.value)::int8 IS NOT NULL THEN e.id = \(self.staffID.value)::int8
                         WHEN \(self.employee.value)::text IS NOT NULL
                         THEN search_key(trim(e.first_name || ' ' || e.last_name)) = search_key(\(self.employee.value)::text)
                         ELSE e.id = v.staff_id END
                ORDER BY e.is_active DESC, e.id LIMIT 1) AS s ON true
            WHERE z.id = \(salonID)
            """
        ).only()
        let (visit, client) = (try row.get("visit", as: Int64?.self), try row.get("client", as: Int64?.self))
        let staff = try row.get("staff", as: Int64?.self)
        var unknown: [String: LocalizedText] = [:]
        if self.appointmentID.value != nil, visit == nil {
            unknown["appointmentId"] = LocalizedText("there is no such visit", "немає такого візиту")
        }
        if self.clientID.value != nil, client == nil {
            unknown["clientId"] = LocalizedText("there is no such client", "немає такого клієнта")
        }
        if self.staffID.value != nil, staff == nil {
            unknown["staffId"] = LocalizedText("there is no such staff member", "немає такого майстра")
        }
        guard unknown.isEmpty else { throw APIError(.validation, fields: unknown) }
        var columns = self.columns
        columns.set("client_name", to: "\(try row.get("name", as: String.self))")
        columns.set("phone", to: "\(try row.get("phone", as: String.self))")
        columns.set("date", to: "\(try row.get("date", as: String.self))::text::date")
        columns.set("client_id", to: "\(client)")
        columns.set("staff_id", to: "\(staff)")
        columns.set("staff_name", to: "\(self.employee.value ?? "")")
        columns.set("appointment_id", to: "\(visit)")
        columns.set("created_by", to: "\(user.id)")
        return columns
    }
}
