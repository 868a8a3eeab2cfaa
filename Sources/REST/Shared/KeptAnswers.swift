import NIOCore
import Postgres
import Synchronization

/// Answers that are worked out of many rows of a salon (dashboards, reports), kept until something happens in it.
///
/// Whatever changes a salon moves the heads of its topics on, in the same transaction. So an answer is as good as new for as long as
/// the heads stand where they stood, and whether they do is read together with it, in one statement and one snapshot: what
/// was committed before a request is in its answer, on every node, as without this. When a day is committed and ten desks read
/// their dashboards again, one works it out.
///
/// Nobody is told of what somebody changes past the program, with SQL of their own: that shows a second later at most.
final class KeptAnswers: Sendable {
    private struct Kept {
        /// Where the salon stood, as the statement said.
        let mark: String
        let body: RawJSON
        let since: ContinuousClock.Instant
    }

    private struct State {
        var answers: [SQL: Kept] = [:]
        var bytes = 0
    }

    private static let maximumCount = 1_000
    /// Of all bodies together.
    private static let maximumBytes = 16 << 20

    /// Where what such answers are made of is told.
    private static let topics = ["appointments", "clients", "finances", "services", "settings", "staff"]

    private let longest: Duration
    private let state = Mutex(State())

    /// - Parameter longest: for how long an answer is believed at most
    init(longest: Duration = .seconds(1)) {
        self.longest = longest
    }

    /// The one column of a statement's one row.
    ///
    /// - Parameter statement: JSON that depends on nothing but its parameters, the salon's rows and the salon's date
    func body(of statement: SQL, salonID: Int64, _ reader: any Reader) async throws -> RawJSON {
        let now = ContinuousClock.now
        let kept = self.state.withLock { $0.answers[statement] }.flatMap { now - $0.since < self.longest ? $0 : nil }
        let row = try await reader.query(Self.unlessKept(statement, mark: kept?.mark, salonID: salonID)).only()
        if let fresh: RawJSON = try row.get("body") {
            self.keep(Kept(mark: try row.get("mark"), body: fresh, since: now), of: statement)
            return fresh
        }
        return try kept?.body ?? row.get("body")
    }

    /// A row of `mark` and `body`; the body is NULL, and nothing was done for it, if the mark is the one that is known.
    private static func unlessKept(_ statement: SQL, mark: String?, salonID: Int64) -> SQL {
        """
        WITH standing AS MATERIALIZED (
            SELECT concat_ws(' ', (now() AT TIME ZONE s.timezone)::date, (
                SELECT string_agg(h.epoch || ' ' || h.seq, ' ' ORDER BY h.topic) FROM topic_heads h
                WHERE h.topic = ANY(\(Self.topics.map { Topic.salon(salonID, $0) })::text[]))) AS mark
            FROM salons s WHERE s.id = \(salonID)
        )
        SELECT mark, CASE WHEN mark IS DISTINCT FROM \(mark)::text THEN (\(statement)) END AS body FROM standing
        """
    }

    private func keep(_ kept: Kept, of statement: SQL) {
        let size = kept.body.bytes.readableBytes
        self.state.withLock { state in
            // Not worth an order of its own: whatever is dropped is worked out once more.
            if state.answers.count >= Self.maximumCount || state.bytes + size > Self.maximumBytes {
                state = State()
            }
            if let former = state.answers.updateValue(kept, forKey: statement) { state.bytes -= former.body.bytes.readableBytes }
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
