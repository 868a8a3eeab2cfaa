import NIOCore
import Postgres
import Synchronization

/// Answers that are worked out of many rows of a salon (dashboards, reports), kept for a second at most, and never longer than until
/// something happens in the salon.
///
/// Whoever changes a salon moves the heads of its topics on, in the same transaction. So an answer is as good as new for as long as
/// the heads stand where they stood, and whether they do is read in each request, in the statement that would work it out anew and
/// by its snapshot: what was committed before a request is in its answer, on every node, as if nothing were kept.
///
/// The second is for what moves no head: `adelante demo`, migrations, and people with SQL of their own.
final class KeptAnswers: Sendable {
    private struct Kept {
        /// Where the salon stood, as the statement said.
        let mark: String
        let body: RawJSON
        let askedAt: ContinuousClock.Instant
    }

    /// Those of about a second, and those of the one before.
    private struct State {
        var recent: [SQL: Kept] = [:]
        var former: [SQL: Kept] = [:]
        /// Of the recent ones' bodies.
        var bytes = 0
        var recentSince = ContinuousClock.now
    }

    // The former ones may be as many again.
    private static let maximumCount = 500
    private static let maximumBytes = 8 << 20
    private static let maximumBodyBytes = 1 << 20

    /// Where what such answers are made of is told.
    private static let topics = ["appointments", "clients", "finances", "services", "settings", "staff"]

    private let maximumAge: Duration
    private let state = Mutex(State())

    /// - Parameter maximumAge: for how long an answer is believed at most
    init(maximumAge: Duration = .seconds(1)) {
        self.maximumAge = maximumAge
    }

    /// The one column of a statement's one row.
    ///
    /// - Parameter statement: JSON that depends on nothing but its parameters, the salon's rows and the salon's date. None of the
    ///   parameters is people's text, of which Swift takes two spellings to be equal that PostgreSQL tells apart.
    func body(of statement: SQL, salonID: Int64, _ reader: any Reader) async throws -> RawJSON {
        let now = ContinuousClock.now
        let kept = self.state.withLock { $0.recent[statement] ?? $0.former[statement] }
            .flatMap { now - $0.askedAt < self.maximumAge ? $0 : nil }
        let row = try await reader.query(Self.unlessKept(statement, mark: kept?.mark, salonID: salonID)).only()
        let mark: String? = try row.get("mark")
        if mark == nil, let kept { return kept.body }
        let fresh = Kept(mark: try mark ?? row.get("mark"), body: try row.get("body"), askedAt: now)
        self.keep(fresh, of: statement)
        return fresh.body
    }

    /// A row of `mark` and `body`; both are NULL, and the statement is not carried out, if the mark is the one that is known.
    private static func unlessKept(_ statement: SQL, mark: String?, salonID: Int64) -> SQL {
        """
        WITH standing AS MATERIALIZED (
            SELECT concat_ws(' ', (now() AT TIME ZONE s.timezone)::date, (
                SELECT string_agg(h.epoch || ' ' || h.seq, ' ' ORDER BY h.topic) FROM topic_heads h
                WHERE h.topic = ANY(\(Self.topics.map { Topic.salon(salonID, $0) })::text[]))) AS place
            FROM salons s WHERE s.id = \(salonID)
        )
        SELECT nullif(place, \(mark)::text) AS mark, CASE WHEN place IS DISTINCT FROM \(mark)::text THEN (\(statement)) END AS body
        FROM standing
        """
    }

    private func keep(_ kept: Kept, of statement: SQL) {
        let size = kept.body.bytes.readableBytes
        guard size <= Self.maximumBodyBytes else { return }
        self.state.withLock { state in
            if kept.askedAt - state.recentSince >= self.maximumAge || state.recent.count >= Self.maximumCount
                || state.bytes + size > Self.maximumBytes
            {
                state = State(former: state.recent, recentSince: kept.askedAt)
            }
            if let former = state.recent.updateValue(kept, forKey: statement) { state.bytes -= former.body.bytes.readableBytes }
            state.bytes += size
        }
    }
}

extension Call {
    /// What a statement makes of the salon's rows, as ``KeptAnswers`` has it.
    func kept(_ statement: SQL) async throws -> Answer {
        .json(try await self.backend.keptAnswers.body(of: statement, salonID: self.user.salonID, self.reader))
    }
}
