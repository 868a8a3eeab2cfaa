import HTTPTypes
import JSON
import Outbox
import Postgres

extension RouteTable {
    /// The salon's clients, as far as booking needs them.
    mutating func addClients() {
        self.add(.get, "/clients", .permission(.clients, .view)) { call in
            let user = try call.user
            return try await Listing.read(
                call.backend.client,
                topic: Topic.salon(user.salonID, "clients"),
                matching: """
                    SELECT c.id, row_number() OVER (ORDER BY c.first_name COLLATE ukrainian, c.last_name COLLATE ukrainian, c.id)
                        AS place
                    FROM clients c WHERE \(try ClientRepository.condition(user: user, call.query))
                    """,
                page: try Page(call.query),
                from: ClientRepository.source,
                projection: ClientRepository.projection(phones: user.seesPhones)
            ).answer
        }
        self.add(.get, "/clients/{id}", .permission(.clients, .view)) { call in
            .json(try await ClientRepository.get(call.backend.client, user: try call.user, id: try call.id()))
        }
        self.add(.post, "/clients", .permission(.clients, .create), honoursIdempotencyKey: true) { call in
            let (user, input) = (try call.user, try ClientInput(try call.object()))
            return try await call.write { try await ClientRepository.create($0, user: user, input) }
        }
    }
}

/// The body of `POST /clients`.
struct ClientInput: Sendable {
    var firstName: String
    var lastName: String
    var middleName: String?
    var phone: String
    var phoneKey: String?
    var email: String?
    var birthDate: LocalDate?
    var cardNumber: String?
    var gender: String?
    var source: String?
    var notes: String?
    var discount: PostgresNumeric
    var bonusBalance: PostgresNumeric

    init(_ object: JSONObject) throws(APIError) {
        var body = BodyReader(object)
        self.firstName = body.requiredText("firstName")
        self.lastName = body.text("lastName").value ?? ""
        self.middleName = body.text("middleName").value?.nonEmpty
        let phone = PhoneNumber(body.text("phone", maximum: 50).value ?? "")
        // A mask is never a value.
        self.phone = phone.isMask ? "" : phone.typed
        self.phoneKey = phone.isMask ? nil : phone.normalisedKey
        self.email = body.email("email").value
        self.birthDate = body.date("birthDate").value
        self.cardNumber = body.text("cardNumber").value?.nonEmpty
        self.gender = body.word("gender", of: ["male", "female", "other"]).value
        self.source = body.text("source").value?.nonEmpty
        self.notes = body.text("notes", maximum: 4_000, multiline: true).value?.nonEmpty
        self.discount = body.money("discount").value ?? PostgresNumeric(0)
        self.bonusBalance = body.money("bonusBalance").value ?? PostgresNumeric(0)
        try body.finish()
    }
}

enum ClientRepository {
    /// Clients with what their completed visits add up to.
    static let source: SQL = """
        (SELECT k.*, visits.total_visits, visits.total_spent, visits.first_visit, visits.last_visit,
                CASE WHEN visits.last_visit < (now() AT TIME ZONE salon.timezone)::date - 90 THEN 'lost'
                     WHEN visits.total_visits >= 2 THEN 'repeat' ELSE 'new' END AS segment
         FROM clients k JOIN salons salon ON salon.id = k.salon_id CROSS JOIN LATERAL (
            SELECT count(*) AS total_visits, coalesce(sum(a.price), 0) AS total_spent, min(a.date) AS first_visit,
                   max(a.date) AS last_visit
            FROM appointments a
            WHERE a.salon_id = k.salon_id AND a.client_id = k.id AND a.deleted_at IS NULL AND a.status = 'completed'
         ) AS visits) AS c
        """

    /// - Parameter phones: whether the reader's role sees clients' phones
    static func projection(phones: Bool) -> SQL {
        let phone: SQL = phones ? "'phone', c.phone, " : "'phone', '', "
        return SQL.object(
            """
            'id', c.id, 'firstName', c.first_name, 'lastName', c.last_name, 'middleName', c.middle_name, \(phone)
            'email', c.email, 'birthDate', c.birth_date, 'cardNumber', c.card_number, 'segment', c.segment, 'gender', c.gender,
            'source', c.source, 'notes', c.notes, 'discount', trim_scale(c.discount), 'bonusBalance', trim_scale(c.bonus_balance),
            'totalVisits', c.total_visits, 'totalSpent', trim_scale(c.total_spent), 'firstVisit', iso8601(c.first_visit::timestamp AT TIME ZONE 'UTC'),
            'lastVisit', c.last_visit, 'visits', '[]'::jsonb, 'createdAt', iso8601(c.created_at), 'updatedAt', iso8601(c.updated_at)
            """
        )
    }

    /// `search` looks into name, phone (as digits too) and e-mail; a role that sees no phones cannot search by them.
    static func condition(user: CurrentUser, _ query: QueryParameters) throws(APIError) -> SQL {
        var condition: SQL = "c.salon_id = \(user.salonID) AND c.deleted_at IS NULL"
        if let search = query["search"] {
            let digits = String(search.filter { $0.isASCII && $0.isNumber })
            let isNumber = digits.count >= 3 && !search.contains { $0.isLetter }
            if isNumber, !user.seesPhones {
                condition += " AND false"
            } else if isNumber {
                // `067…` is stored as `38067…`; the key holds digits alone.
                condition += " AND c.search LIKE \(SearchPattern.containing(digits))"
            } else if user.seesPhones {
                condition += " AND c.search LIKE search_key(\(SearchPattern.containing(search)))"
            } else {
                condition += """
                     AND search_key(c.first_name || ' ' || c.last_name || ' ' || c.first_name) LIKE \
                    search_key(\(SearchPattern.containing(search)))
                    """
            }
        }
        if let segment = query["segment"], segment != "all" {
            condition +=
                " AND c.id IN (SELECT c.id FROM \(self.source) WHERE c.salon_id = \(user.salonID) AND c.segment = \(segment))"
        }
        return condition
    }

    static func get(_ client: PostgresClient, user: CurrentUser, id: Int64) async throws -> PostgresJSON {
        let rows = try await client.query(
            """
            SELECT \(self.projection(phones: user.seesPhones)) AS body FROM \(self.source)
            WHERE c.salon_id = \(user.salonID) AND c.id = \(id) AND c.deleted_at IS NULL
            """
        )
        guard let row = rows.first else { throw APIError(.notFound) }
        return try row.get("body")
    }

    static func create(_ unit: UnitOfWork, user: CurrentUser, _ input: ClientInput) async throws -> Answer {
        let rows = try await unit.query(
            """
            INSERT INTO clients (salon_id, first_name, last_name, middle_name, phone, phone_key, email, birth_date, card_number,
                gender, source, notes, discount, bonus_balance)
            VALUES (\(user.salonID), \(input.firstName), \(input.lastName), \(input.middleName), \(input.phone), \(input.phoneKey),
                \(input.email), \(input.birthDate?.text)::text::date, \(input.cardNumber), \(input.gender), \(input.source),
                \(input.notes), \(input.discount), \(input.bonusBalance))
            ON CONFLICT (salon_id, phone_key) WHERE phone_key IS NOT NULL AND deleted_at IS NULL DO NOTHING
            RETURNING id
            """
        )
        guard let row = rows.first else {
            throw APIError(.phoneTaken, fields: ["phone": LocalizedText("is taken", "уже є в базі")])
        }
        let id: Int64 = try row.get("id")
        let body: PostgresJSON = try await unit.query(
            "SELECT \(self.projection(phones: true)) AS body FROM \(self.source) WHERE c.id = \(id)"
        ).only().get("body")
        try await unit.audit(
            AuditEntry(
                entity: "client",
                entityID: id,
                entityName: "\(input.firstName) \(input.lastName)".trimmed,
                action: .created
            ),
            by: user,
            salonID: user.salonID
        )
        unit.emit(Topic.salon(user.salonID, "clients"), "client:created", body)
        return .json(body, status: .created)
    }
}
