public import Hub
import NIOCore
public import Postgres

/// The ``EventLog`` over PostgreSQL: every question is one statement, however many topics it is about.
public struct PostgresEventLog: EventLog {
    /// A head without events, whose epoch names the history of all topics. There is none before the first renewal.
    private static let marker = "instance"

    private let client: PostgresClient

    /// - Parameter client: the node's pool
    public init(client: PostgresClient) {
        self.client = client
    }

    /// The heads of topics.
    public func heads(of topics: [String]) async throws -> [String: TopicHead] {
        let rows = try await self.client.query("SELECT topic, seq, epoch FROM topic_heads WHERE topic = ANY(\(topics)::text[])")
        var heads: [String: TopicHead] = [:]
        for row in rows {
            heads[try row.get("topic")] = TopicHead(seq: try row.get("seq"), epoch: try row.get("epoch"))
        }
        return heads
    }

    /// The events behind each range's position, in order, at most `limit` each.
    public func read(_ ranges: [LogRange], limit: Int) async throws -> [LogRange: [CommittedEvent]] {
        let (topics, positions) = (ranges.map(\.topic), ranges.map(\.after))
        let rows = try await self.client.query(
            """
            SELECT wanted.position AS after, e.topic, e.seq, h.epoch, e.type, e.data, e.created_at,
                   (e.data ->> 'version')::int8 AS version
            FROM unnest(\(topics)::text[], \(positions)::int8[]) AS wanted (topic, position)
            JOIN topic_heads h ON h.topic = wanted.topic
            CROSS JOIN LATERAL (
                SELECT * FROM events e
                WHERE e.topic = wanted.topic AND e.seq > wanted.position ORDER BY e.seq LIMIT \(Int64(limit))
            ) AS e
            ORDER BY e.topic, e.seq
            """
        )
        var found: [LogRange: [CommittedEvent]] = [:]
        for row in rows {
            let event = try CommittedEvent(row)
            found[LogRange(topic: event.topic, after: try row.get("after")), default: []].append(event)
        }
        return found
    }

    /// Everything committed since a watermark. The next watermark is the oldest transaction that this look could not see the
    /// end of, so nothing committed later is ever missed; what is seen twice is dropped by its seq.
    public func changes(since watermark: UInt64?) async throws -> LogChanges {
        let rows = try await self.client.query(
            """
            WITH changed AS (
                SELECT topic, max(seq) AS seq FROM events
                WHERE xid >= \(watermark.map(String.init))::text::xid8 GROUP BY topic
            )
            SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS watermark, c.topic, c.seq,
                   (SELECT epoch FROM topic_heads WHERE topic = \(Self.marker)) AS history,
                   (extract(epoch FROM clock_timestamp() - e.created_at) * 1000000)::int8 AS age
            FROM (VALUES (1)) AS one (row)
            LEFT JOIN changed c ON true
            LEFT JOIN events e ON e.topic = c.topic AND e.seq = c.seq
            """
        )
        var next: UInt64 = 0
        var changes: [LogChanges.Change] = []
        var history: String?
        for row in rows {
            history = try row.get("history", as: String?.self)
            next = UInt64(try row.get("watermark", as: String.self)) ?? 0
            guard let topic = try row.get("topic", as: String?.self), let seq = try row.get("seq", as: Int64?.self) else {
                continue
            }
            changes.append(.init(topic: topic, seq: seq, age: try row.get("age", as: Int64?.self) ?? 0))
        }
        return LogChanges(watermark: next, changes: changes, history: history)
    }

    /// Changes every topic's epoch: clients that resume reload, those that are connected as soon as their node has looked.
    ///
    /// - Returns: how many topics there are
    public func renewEpochs() async throws -> Int {
        // A dump brings another cluster's numbers along: of transactions that are still to come here, so that each look would find these
        // events anew. By itself, since it may take long, and the heads are locked for no longer than they have to be.
        _ = try await self.client.query("UPDATE events SET xid = '0' WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())")
        return try await self.client.transaction { connection in
            let rows = try await connection.query(
                "UPDATE topic_heads SET epoch = replace(gen_random_uuid()::text, '-', '') WHERE topic <> \(Self.marker)"
            )
            _ = try await connection.query(
                """
                INSERT INTO topic_heads (topic) VALUES (\(Self.marker))
                ON CONFLICT (topic) DO UPDATE SET epoch = excluded.epoch
                """
            )
            return rows.affected
        }
    }
}

extension CommittedEvent {
    /// From columns `topic, seq, epoch, type, data, created_at, version`.
    init(_ row: PostgresRow) throws(PostgresError) {
        let data: PostgresJSON = try row.get("data")
        let createdAt: PostgresTimestamp = try row.get("created_at")
        self.init(
            topic: try row.get("topic"),
            seq: try row.get("seq"),
            epoch: try row.get("epoch"),
            type: try row.get("type"),
            version: try row.get("version", as: Int64?.self),
            at: createdAt.microseconds,
            data: ByteBuffer(string: data.text)
        )
    }
}
