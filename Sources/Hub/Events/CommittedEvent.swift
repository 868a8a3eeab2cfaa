public import NIOCore

/// A change that PostgreSQL has committed: one row of `events`.
///
/// Within a topic `seq` starts at 1 and has no holes, and its order is the order of the commits.
public struct CommittedEvent: Sendable, Equatable {
    /// The topic as the database names it, for example `salon/7/appointments`.
    public let topic: String
    /// The position in the topic, from 1.
    public let seq: Int64
    /// The topic's epoch at the time of the commit.
    public let epoch: String
    /// What happened, for example `appointment:updated`.
    public let type: String
    /// The changed row's own version, where it has one.
    public let version: Int64?
    /// When it was written, in microseconds since 1970 UTC, read under the head's lock.
    public let at: Int64
    /// The JSON value that clients get as `data`, as a role that sees everything gets it.
    public let data: ByteBuffer

    /// - Parameters:
    ///   - topic: the topic as the database names it
    ///   - seq: the position in the topic, from 1
    ///   - epoch: the topic's epoch
    ///   - type: what happened
    ///   - version: the changed row's version, where it has one
    ///   - at: microseconds since 1970 UTC
    ///   - data: a JSON value
    public init(
        topic: String,
        seq: Int64,
        epoch: String,
        type: String,
        version: Int64?,
        at: Int64,
        data: ByteBuffer
    ) {
        self.topic = topic
        self.seq = seq
        self.epoch = epoch
        self.type = type
        self.version = version
        self.at = at
        self.data = data
    }
}

/// Where a topic stands in PostgreSQL: one row of `topic_heads`.
public struct TopicHead: Sendable, Equatable {
    /// The last committed position; 0 for an untouched topic.
    public let seq: Int64
    /// Names this history: it changes when a backup is restored.
    public let epoch: String

    /// - Parameters:
    ///   - seq: the last committed position
    ///   - epoch: the name of this history
    public init(seq: Int64, epoch: String) {
        self.seq = seq
        self.epoch = epoch
    }
}
