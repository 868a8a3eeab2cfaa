/// What a reader of server-sent events asks for.
public struct StreamRequest: Sendable {
    /// The access token.
    public var token: String
    /// As clients name them, each once.
    public var topics: [String]
    /// Where the reader stands, by its `Last-Event-ID`.
    public var position: StreamPosition
    /// Whom limits by address count as one.
    public var address: String

    /// - Parameters:
    ///   - token: the access token
    ///   - topics: as clients name them, each once
    ///   - position: where the reader stands
    ///   - address: whom limits by address count as one
    public init(token: String, topics: [String], position: StreamPosition, address: String) {
        self.token = token
        self.topics = topics
        self.position = position
        self.address = address
    }
}

/// Why a stream does not begin.
public enum StreamRefusal: Error, Sendable, Hashable {
    /// The token is expired or not good.
    case unauthorized
    /// The role may not read one of the topics.
    case forbidden
    /// There is no topic with a log of this name.
    case unknownTopic(String)
    /// More topics than one socket may have.
    case tooManyTopics
    /// Too many sockets and streams of this user or address, or too many at once.
    case tooMany
    /// The node is about to stop.
    case draining
    /// Nobody can say at present.
    case unavailable
}
