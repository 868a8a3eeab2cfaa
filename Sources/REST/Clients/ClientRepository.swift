import Postgres

/// The rows of `clients`.
enum ClientRepository {
    /// Clients with what their completed visits and their operations add up to.
    static let source: SQL = """
        (SELECT k.*, visits.total_visits, visits.first_visit, visits.last_visit, takings.total_spent,
                CASE WHEN visits.last_visit < (now() AT TIME ZONE salon.timezone)::date - 90 THEN 'lost'
                     WHEN visits.total_visits >= 2 THEN 'repeat' ELSE 'new' END AS segment
         FROM clients k JOIN salons salon ON salon.id = k.salon_id
         CROSS JOIN LATERAL (
            SELECT count(*) AS total_visits, min(a.date) AS first_visit, max(a.date) AS last_visit
            FROM appointments a
            WHERE a.salon_id = k.salon_id AND a.client_id = k.id AND a.deleted_at IS NULL AND a.status = 'completed'
         ) AS visits
         CROSS JOIN LATERAL (
            SELECT coalesce(sum(t.amount), 0) AS total_spent FROM takings t
            WHERE t.salon_id = k.salon_id AND t.client_id = k.id
         ) AS takings) AS c
        """

    /// A client as everybody gets it.
    ///
    /// - Parameter phones: whether the reader's role sees clients' phones
    static func projection(phones: Bool) -> SQL { phones ? self.withPhones : self.withoutPhones }

    private static let withPhones: SQL = "(\(textWithPhones))::jsonb"
    private static let withoutPhones: SQL = "(\(textWithoutPhones))::jsonb"

    /// Its text, for lists: it goes out as it is, and need not become `jsonb`.
    static func text(phones: Bool) -> SQL { phones ? self.textWithPhones : self.textWithoutPhones }

    private static let textWithPhones = Self.text(phone: "c.phone")
    private static let textWithoutPhones = Self.text(phone: "''::text")

    private static func text(phone: SQL) -> SQL {
        SQL.objectText([
            "id": "c.id", "firstName": "c.first_name", "lastName": "c.last_name", "middleName": "c.middle_name", "phone": phone,
            "email": "c.email", "birthDate": "c.birth_date", "cardNumber": "c.card_number", "segment": "c.segment",
            "gender": "c.gender", "source": "c.source", "notes": "c.notes", "discount": "trim_scale(c.discount)",
            "bonusBalance": "trim_scale(c.bonus_balance)", "totalVisits": "c.total_visits",
            "totalSpent": "trim_scale(c.total_spent)", "firstVisit": "iso8601(c.first_visit::timestamp AT TIME ZONE 'UTC')",
            "lastVisit": "c.last_visit", "visits": "'[]'::json", "createdAt": "iso8601(c.created_at)",
            "updatedAt": "iso8601(c.updated_at)",
        ])
    }

    /// What one client has beside: `statistics`, and its last visits in place of none.
    ///
    /// - Parameter visits: whether the reader's role sees visits
    static func details(visits: Bool) -> SQL { visits ? "\(self.statistics) || \(self.lastVisits)" : self.statistics }

    private static let statistics: SQL = """
        jsonb_build_object('statistics', jsonb_strip_nulls(jsonb_build_object(
            'totalVisits', c.total_visits, 'totalSpent', trim_scale(c.total_spent),
            'averageCheck', CASE WHEN c.total_visits = 0 THEN 0 ELSE trim_scale(round(c.total_spent / c.total_visits, 2)) END,
            'lastVisit', c.last_visit, 'bonusBalance', trim_scale(c.bonus_balance), 'favoriteService', (
                SELECT coalesce(s.name, l.name) AS name
                FROM appointments a JOIN appointment_lines l ON l.appointment_id = a.id
                LEFT JOIN services s ON s.id = l.service_id
                WHERE \(completedVisit)
                GROUP BY coalesce(s.name, l.name) ORDER BY count(*) DESC, max(a.date) DESC, name LIMIT 1))))
        """

    private static let lastVisits: SQL = """
        jsonb_build_object('visits', (
            SELECT coalesce(jsonb_agg(jsonb_build_object(
                'id', v.id, 'clientId', v.client_id, 'appointmentId', v.id, 'date', v.date, 'serviceName', v.service_name,
                'staffId', v.staff_id, 'staffName', coalesce(trim(s.first_name || ' ' || s.last_name), ''),
                'notes', coalesce(v.notes, ''), 'photos', '[]'::jsonb, 'status', v.status)
                ORDER BY v.date DESC, v.start_time DESC, v.id DESC), '[]')
            FROM (SELECT a.* FROM appointments a WHERE \(completedVisit)
                  ORDER BY a.date DESC, a.start_time DESC, a.id DESC LIMIT 50) AS v
            LEFT JOIN staff s ON s.id = v.staff_id))
        """

    private static let completedVisit: SQL =
        "a.salon_id = c.salon_id AND a.client_id = c.id AND a.deleted_at IS NULL AND a.status = 'completed'"

    /// `search` looks into name, phone (as digits too) and e-mail; a role that sees no phones cannot search by them.
    static func filter(user: CurrentUser, _ query: QueryParameters) throws(APIError) -> SQL {
        var condition: SQL = "true"
        if let search = query["search"] {
            let figures = UInt8(ascii: "0")...UInt8(ascii: "9")
            let digits = String(decoding: search.utf8.filter { figures.contains($0) }, as: UTF8.self)
            let isNumber = digits.utf8.count >= 3 && !search.unicodeScalars.contains { $0.properties.isAlphabetic }
            if isNumber, !user.seesPhones {
                condition += " AND false"
            } else if isNumber {
                // `067…` is stored as `38067…`; the key holds digits alone.
                condition += " AND c.search LIKE \(SearchPattern.containing(digits))"
            } else if user.seesPhones {
                condition += " AND c.search LIKE search_key(\(SearchPattern.containing(search)))"
            } else {
                // The key has the names and more: its index narrows, the names decide.
                condition += """
                     AND c.search LIKE search_key(\(SearchPattern.containing(search)))
                     AND search_key(c.first_name || ' ' || c.last_name || ' ' || c.first_name) LIKE \
                    search_key(\(SearchPattern.containing(search)))
                    """
            }
        }
        return condition + (try self.segment(user: user, query))
    }

    /// Who has a segment is found by one look at all completed visits, and not by one for each client.
    private static func segment(user: CurrentUser, _ query: QueryParameters) throws(APIError) -> SQL {
        switch try query.word("segment", of: self.segments) {
        case "new": return " AND c.id NOT IN (\(self.clients(of: user, "count(*) >= 2 OR \(self.isLongAgo)")))"
        case "repeat": return " AND c.id IN (\(self.clients(of: user, "count(*) >= 2 AND NOT \(self.isLongAgo)")))"
        case "lost": return " AND c.id IN (\(self.clients(of: user, self.isLongAgo)))"
        // There are no subscriptions yet that could end.
        case "subscription-ending": return " AND false"
        default: return ""
        }
    }

    private static let segments = ["new", "repeat", "lost", "subscription-ending"]
    private static let isLongAgo: SQL = "max(a.date) < max((now() AT TIME ZONE salon.timezone)::date) - 90"

    private static func clients(of user: CurrentUser, _ condition: SQL) -> SQL {
        """
        SELECT a.client_id FROM appointments a JOIN salons salon ON salon.id = a.salon_id
        WHERE a.salon_id = \(user.salonID) AND a.client_id IS NOT NULL AND a.deleted_at IS NULL AND a.status = 'completed'
        GROUP BY a.client_id HAVING \(condition)
        """
    }
}
