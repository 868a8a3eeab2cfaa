import Postgres

/// The statement that records a transaction's events.
struct RecordStatement: Sendable {
    /// Events of one origin.
    enum Part: Sendable {
        case events([UnitOfWork.PendingEvent])
        /// A query of `place` (the order), `topic`, `type` and `data`.
        case selected(SQL)
    }

    private static let columns: SQL = """
        r.topic, r.seq, r.epoch, r.type, r.data, r.created_at, (r.data ->> 'version')::int8 AS version
        """

    /// In the order in which they are recorded.
    private(set) var parts: [Part] = []

    mutating func add(_ part: Part) { self.parts.append(part) }

    var isEmpty: Bool {
        self.parts.allSatisfy { part in
            if case .events(let events) = part { events.isEmpty } else { false }
        }
    }

    var sql: SQL {
        var numbers: [Int64] = []
        var events: [UnitOfWork.PendingEvent] = []
        var selections: [(number: Int64, query: SQL)] = []
        for (number, part) in self.parts.enumerated() {
            switch part {
            case .events(let some):
                numbers += some.map { _ in Int64(number) }
                events += some
            case .selected(let query): selections.append((Int64(number), query))
            }
        }
        let (topics, types, payloads) = (events.map(\.topic), events.map(\.type), events.map(\.data.text))
        guard !selections.isEmpty else {
            return """
                SELECT \(Self.columns) FROM record_events(\(topics)::text[], \(types)::text[], \(payloads)::text[]::jsonb[]) AS r
                """
        }
        let selected: SQL = selections.map { selection in
            " UNION ALL SELECT \(selection.number)::int8, s.place, s.topic, s.type, s.data FROM (\(selection.query)) AS s" as SQL
        }.joined()
        return """
            SELECT \(Self.columns)
            FROM (
                SELECT coalesce(array_agg(e.topic ORDER BY e.part, e.place), '{}') AS topics,
                       coalesce(array_agg(e.type ORDER BY e.part, e.place), '{}') AS types,
                       coalesce(array_agg(e.data ORDER BY e.part, e.place), '{}') AS payloads
                FROM (
                    SELECT w.part, w.place, w.topic, w.type, w.data
                    FROM unnest(\(numbers)::int8[], \(topics)::text[], \(types)::text[], \(payloads)::text[]::jsonb[])
                        WITH ORDINALITY AS w (part, topic, type, data, place)\(selected)) AS e (part, place, topic, type, data)
            ) AS made, record_events(made.topics, made.types, made.payloads) AS r
            """
    }
}
