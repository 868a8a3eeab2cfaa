import HTTPTypes
import Postgres

/// Which part of a list is wanted. Without any parameter: all of it.
struct Page: Sendable {
    static let maximumSize: Int64 = 1_000

    var limit: Int64?
    var offset: Int64 = 0
    /// From 1.
    var number: Int64 = 1

    /// Reads `page`, `perPage` or `limit`, `offset`.
    init(_ query: QueryParameters) throws(APIError) {
        let (perPage, other) = (
            try Self.number(query, "perPage", 1...Self.maximumSize), try Self.number(query, "limit", 1...Self.maximumSize)
        )
        let size = perPage ?? other
        let page = try Self.number(query, "page", 1...1_000_000)
        let limit = size ?? (page == nil ? nil : 50)
        self.limit = limit
        self.number = page ?? 1
        let offset = try Self.number(query, "offset", 0...100_000_000)
        self.offset = offset ?? (self.number - 1) * (self.limit ?? 0)
        // An offset goes before a page.
        if let offset, let limit { self.number = offset / limit + 1 }
    }

    private static func number(
        _ query: QueryParameters,
        _ name: String,
        _ range: ClosedRange<Int64>
    ) throws(APIError) -> Int64? {
        guard let text = query[name] else { return nil }
        guard let value = Int64(text), range.contains(value) else {
            let (low, high) = (range.lowerBound, range.upperBound)
            throw APIError.invalid(name, LocalizedText("must be between \(low) and \(high)", "має бути від \(low) до \(high)"))
        }
        return value
    }

    /// The same of a list that is never answered whole: at most the largest page.
    var bounded: Page {
        var page = self
        page.limit = self.limit ?? Self.maximumSize
        if self.limit == nil { page.number = self.offset / Self.maximumSize + 1 }
        return page
    }

    var clause: SQL {
        self.limit.map { "LIMIT \($0) OFFSET \(self.offset)" } ?? (self.offset > 0 ? "OFFSET \(self.offset)" : "")
    }

    /// Where this page is among all: `{page, perPage, total, totalPages}`.
    ///
    /// - Parameter total: how many rows there are in all
    func meta(total: SQL) -> SQL {
        """
        jsonb_build_object(
            'page', \(self.number)::int8, 'perPage', coalesce(\(self.limit)::int8, \(total)), 'total', \(total),
            'totalPages', CASE WHEN \(total) = 0 THEN 0
                               ELSE ceil(\(total)::numeric / coalesce(\(self.limit)::int8, \(total)))::int8 END)
        """
    }
}

/// A list as the API answers it: the rows' JSON, how many match in all, and where the topic stood when they were read.
struct Listing: Sendable {
    var items: RawJSON
    var total: Int64
    var seq: Int64
    var epoch: String

    /// Reads rows and their topic's head in one statement, so that no event falls between the two.
    ///
    /// - Parameters:
    ///   - matching: a query of `id` and `place` (the order) of every row that matches
    ///   - table: the rows' table, aliased as `alias` in `projection`
    ///   - condition: what all of its rows that can match have in common, so that it need not be read through
    ///   - projection: the JSON of one row, or its text
    static func read(
        _ reader: any Reader,
        topic: String,
        matching: SQL,
        page: Page,
        from table: SQL,
        where condition: SQL = "true",
        projection: SQL
    ) async throws -> Listing {
        let row = try await reader.query(
            """
            WITH matching AS (\(matching)), page AS (SELECT id, place FROM matching ORDER BY place \(page.clause))
            SELECT coalesce((SELECT '[' || string_agg((\(projection))::text, ',' ORDER BY page.place) || ']'
                             FROM page JOIN \(table) USING (id) WHERE \(condition)), '[]') AS items,
                   (SELECT count(*) FROM matching) AS total, h.seq, h.epoch
            FROM topic_heads h WHERE h.topic = \(topic)
            """
        ).only()
        return Listing(
            items: try row.get(0),
            total: try row.get(1),
            seq: try row.get(2),
            epoch: try row.get(3)
        )
    }

    var answer: Answer {
        var answer = Answer.json(self.items)
        let place: HTTPFields = [
            .totalCount: String(self.total), .topicSeq: String(self.seq), .topicEpoch: self.epoch,
        ]
        answer.headers.append(contentsOf: place)
        return answer
    }
}

extension SQL {
    /// A part of a row's JSON, without its `null` members.
    static func object(_ members: SQL) -> SQL { "jsonb_strip_nulls(jsonb_build_object(\(members)))" }

    /// The text of a JSON object, without its `null` members. As ``object(_:)`` for rows that go out by the hundred, at less than
    /// half the cost: that one looks every value's type up in each row and sorts the members, and what wraps it reads them all again.
    ///
    /// - Parameter members: names that need no escape, and values of a known type. A NULL is left out; JSON's own `null` stays, as
    ///   of `coalesce(to_json(id), 'null')`.
    static func objectText(_ members: KeyValuePairs<StaticString, SQL>) -> SQL {
        let values = members.map { name, value -> SQL in "'\"\(unescaped: name)\":' || to_json(\(value))" }
        let text: SQL = "'{' || concat_ws(',', \(values.joined(separator: ", "))) || '}'"
        // One piece is found again faster than many.
        return text.parameters.isEmpty ? SQL(unescaped: text.text) : text
    }
}

/// What a LIKE pattern must match literally.
enum SearchPattern {
    static func containing(_ text: String) -> String {
        var pattern = "%"
        for scalar in text.unicodeScalars {
            if scalar == "%" || scalar == "_" || scalar == "\\" { pattern.unicodeScalars.append("\\") }
            pattern.unicodeScalars.append(scalar)
        }
        return pattern + "%"
    }
}
