import Postgres

/// The rows of `clients`.
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
    static func filter(user: CurrentUser, _ query: QueryParameters) throws(APIError) -> SQL {
        var condition: SQL = "true"
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
}
