public import NIOCore

/// Who a socket speaks for.
public struct Principal: Sendable, Equatable {
    /// The user's id.
    public let userID: Int64
    /// The tenant.
    public let salonID: Int64
    /// The login session that issued the token.
    public let sessionID: Int64
    /// The role by which topics are granted and events shaped.
    public var role: String
    /// When the access token ends, in seconds since 1970 UTC.
    public var expiresAt: Int64

    /// - Parameters:
    ///   - userID: the user's id
    ///   - salonID: the tenant
    ///   - sessionID: the login session
    ///   - role: the user's role
    ///   - expiresAt: seconds since 1970 UTC
    public init(userID: Int64, salonID: Int64, sessionID: Int64, role: String, expiresAt: Int64) {
        self.userID = userID
        self.salonID = salonID
        self.sessionID = sessionID
        self.role = role
        self.expiresAt = expiresAt
    }
}

/// The answer to "who holds this token?".
public enum Authentication: Sendable, Equatable {
    /// A live session of an active user.
    case granted(Principal)
    /// Was good once: refresh it.
    case expired
    /// Malformed, foreign, of another type, or of an ended session or inactive user.
    case invalid
    /// Nobody can say at present (PostgreSQL is away).
    case unavailable
}

/// The answer to "may they read this topic?".
public enum Grant: Sendable, Equatable {
    /// A topic with a log, and how its events look to this reader.
    case durable(topic: String, shape: Shape)
    /// The reader's role may not.
    case forbidden
    /// There is no such topic.
    case unknown
}

/// What an event on a salon's `access` topic does to the sockets that are open.
public enum AccessChange: Sendable, Equatable {
    /// A login session ended: logout, password reset.
    case sessionEnded(Int64)
    /// All sessions of a user ended, this one the newest of them: deactivated, password reset. Session ids grow; a login that
    /// comes after is not concerned, however late the event is heard of.
    case userEnded(Int64, through: Int64)
    /// A user has another role from here on.
    case roleChanged(user: Int64, role: String)
    /// Not for sockets.
    case none
}

/// The Hub's question to whoever knows users, roles and fields.
public protocol Access: Sendable {
    /// Who holds this token, as of now? Called on the event loop on which the answer is to come, and never fails.
    func authenticate(_ token: String, on eventLoop: any EventLoop) -> EventLoopFuture<Authentication>
    /// Is this login still good, and with which role, as of now? Called as ``authenticate(_:on:)`` is; `expiresAt` stays as it is.
    func confirm(_ principal: Principal, on eventLoop: any EventLoop) -> EventLoopFuture<Authentication>
    /// May they read what they call `name`? Pure and quick: it is called on event loops.
    func grant(_ name: String, to principal: Principal) -> Grant
    /// Whether there is a topic of this name at all.
    func knows(_ name: String) -> Bool
    /// The topics that a socket is subscribed to unless it speaks `adelante.v1`.
    var defaultTopics: [String] { get }
    /// The internal topic on which a salon's changes of rights arrive.
    func accessTopic(ofSalon salonID: Int64) -> String
    /// What an event of that topic means.
    func change(in event: CommittedEvent) -> AccessChange
    /// An event's data as a role may see it.
    func reshape(_ data: ByteBuffer, of type: String, for shape: Shape) -> ByteBuffer
}
