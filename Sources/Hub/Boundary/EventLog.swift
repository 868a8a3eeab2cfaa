/// A stretch of a topic that somebody misses.
public struct LogRange: Sendable, Hashable {
    /// The topic as the database names it.
    public let topic: String
    /// The last position that is already known.
    public let after: Int64

    /// - Parameters:
    ///   - topic: the topic as the database names it
    ///   - after: the last position that is already known
    public init(topic: String, after: Int64) {
        self.topic = topic
        self.after = after
    }
}

/// What a look at everything that was committed since the last look found.
public struct LogChanges: Sendable {
    /// One topic's part of it.
    public struct Change: Sendable {
        /// The topic as the database names it.
        public let topic: String
        /// The highest committed position that the look saw.
        public let seq: Int64
        /// How long ago the newest of these events was written, in microseconds, by the database's clock.
        public let age: Int64

        /// - Parameters:
        ///   - topic: the topic as the database names it
        ///   - seq: the highest committed position
        ///   - age: microseconds since it was written
        public init(topic: String, seq: Int64, age: Int64) {
            self.topic = topic
            self.seq = seq
            self.age = age
        }
    }

    /// Where the next look starts.
    public let watermark: UInt64
    /// What changed, one entry a topic.
    public let changes: [Change]
    /// Names the history of all topics: it differs from the last look's if the epochs were renewed meanwhile.
    public let history: String?

    /// - Parameters:
    ///   - watermark: where the next look starts
    ///   - changes: one entry a topic
    ///   - history: names the history of all topics
    public init(watermark: UInt64, changes: [Change], history: String? = nil) {
        self.watermark = watermark
        self.changes = changes
        self.history = history
    }
}

/// The truth: what PostgreSQL committed, read in batches.
public protocol EventLog: Sendable {
    /// The heads of topics, in one query; a topic that does not exist is absent from the answer.
    func heads(of topics: [String]) async throws -> [String: TopicHead]

    /// For each range the events behind it, in order, at most `limit` of each, in one query.
    func read(_ ranges: [LogRange], limit: Int) async throws -> [LogRange: [CommittedEvent]]

    /// Everything committed since a watermark; `nil` asks for the present watermark alone.
    func changes(since watermark: UInt64?) async throws -> LogChanges
}
