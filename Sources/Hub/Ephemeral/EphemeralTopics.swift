public import JSON
public import NIOCore

/// Topics without a log: what they report is over when it has been said, so their events carry no seq and are not resumed.
/// The present state comes with the subscription instead.
///
/// The Hub's question to whoever keeps such states: logins, presence, held slots.
public protocol EphemeralTopics: Sendable {
    /// Whether a name is of this kind. Pure and quick: it is called on event loops, with whatever a client sends.
    func claims(_ name: String) -> Bool

    /// Whether somebody who follows a topic, or is in it, may go on with the rights that they have by now. Pure and quick: it is
    /// called on event loops.
    func mayFollow(_ name: String, by reader: EphemeralReader) -> Bool

    /// Begins to tell a socket of a topic: first the present state or why not, then every change, in order. Nothing may fall
    /// between: it listens first, and looks then.
    ///
    /// - Parameters:
    ///   - name: as the client said it
    ///   - reader: who asks
    ///   - tell: may be called on any thread, also before this returns; for one reader never twice at the same time
    func follow(
        _ name: String,
        by reader: EphemeralReader,
        _ tell: @escaping @Sendable (EphemeralNews) -> Void
    ) -> any EphemeralFollowing
}

/// Topics that sockets do not only follow but are in: rooms, each a topic of its own.
public protocol EphemeralRooms: EphemeralTopics {
    /// The topic of a room, as clients name both.
    func topic(ofRoom room: String) -> String

    /// As ``EphemeralTopics/follow(_:by:_:)``, for a socket that is in the room from now on until it is told no more. A socket that
    /// is in it already says something else of itself; then the earlier following is stopped afterwards.
    ///
    /// - Parameters:
    ///   - name: the topic
    ///   - reader: who enters
    ///   - state: what they say of themselves, a JSON object; nil for nothing
    ///   - tell: as in ``EphemeralTopics/follow(_:by:_:)``
    func enter(
        _ name: String,
        by reader: EphemeralReader,
        state: JSONObject?,
        _ tell: @escaping @Sendable (EphemeralNews) -> Void
    ) -> any EphemeralFollowing
}

/// Somebody is told of a topic.
public protocol EphemeralFollowing: Sendable {
    /// They are to be told no more. May be called more than once, and after the last news.
    func stop()

    /// Whether ``tellAgain()`` does something. Then a reader that does not read is told nothing meanwhile.
    var canTellAgain: Bool { get }

    /// Tells the whole present state again.
    func tellAgain()
}

extension EphemeralFollowing {
    /// Every single change has to be told.
    public var canTellAgain: Bool { false }

    /// Nothing.
    public func tellAgain() {}
}

/// The socket that follows a topic.
public struct EphemeralReader: Sendable {
    /// The client's address, behind trusted proxies if there are any.
    public let address: String
    /// Names the socket, among those of all nodes.
    public let connection: String
    /// Who it speaks for; `nil` for an anonymous one.
    public let principal: Principal?

    /// - Parameters:
    ///   - address: the client's address
    ///   - connection: names the socket
    ///   - principal: who it speaks for
    public init(address: String, connection: String, principal: Principal?) {
        self.address = address
        self.connection = connection
        self.principal = principal
    }
}

/// What the follower of an ephemeral topic is told.
public enum EphemeralNews: Sendable {
    /// The state, or a change of it; `data` is JSON.
    case event(type: String, data: ByteBuffer)
    /// The same, and nothing follows.
    case last(type: String, data: ByteBuffer)
    /// There is nothing to follow, or not now. Only ever first; nothing follows.
    case refused(EphemeralRefusal)
}

/// Why an ephemeral topic cannot be followed.
public enum EphemeralRefusal: Sendable, Hashable {
    /// Not without saying who you are.
    case unauthorized
    /// Not in this role.
    case forbidden
    /// There is no topic of this name after all.
    case unknown
    /// There are as many as there may be.
    case full
    /// Too often from this address; milliseconds to wait.
    case rateLimited(retryAfter: Int64)
    /// Nobody can say at present; milliseconds to wait.
    case unavailable(retryAfter: Int64)
}
