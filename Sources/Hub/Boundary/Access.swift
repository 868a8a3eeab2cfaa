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
    /// What the role may do, as ``Access`` has it; nobody else reads it.
    public var rights: UInt64
    /// When the access token ends, in seconds since 1970 UTC.
    public var expiresAt: Int64

    /// The login that this is.
    public var login: Login {
        Login(userID: self.userID, sessionID: self.sessionID, expiresAt: self.expiresAt)
    }

    /// - Parameters:
    ///   - userID: the user's id
    ///   - salonID: the tenant
    ///   - sessionID: the login session
    ///   - role: the user's role
    ///   - rights: what it may do, as ``Access`` has it
    ///   - expiresAt: seconds since 1970 UTC
    public init(userID: Int64, salonID: Int64, sessionID: Int64, role: String, rights: UInt64 = 0, expiresAt: Int64) {
        self.userID = userID
        self.salonID = salonID
        self.sessionID = sessionID
        self.role = role
        self.rights = rights
        self.expiresAt = expiresAt
    }
}

/// A login as its token names it, before anybody was asked whether it still lives.
public struct Login: Sendable, Hashable {
    /// The user's id.
    public let userID: Int64
    /// The login session that issued the token.
    public let sessionID: Int64
    /// When the token ends, in seconds since 1970 UTC.
    public let expiresAt: Int64

    /// - Parameters:
    ///   - userID: the user's id
    ///   - sessionID: the login session
    ///   - expiresAt: seconds since 1970 UTC
    public init(userID: Int64, sessionID: Int64, expiresAt: Int64) {
        self.userID = userID
        self.sessionID = sessionID
        self.expiresAt = expiresAt
    }
}

/// What a token says by itself.
public enum TokenReading: Sendable, Equatable {
    /// Signed by us, and still good.
    case login(Login)
    /// Was good once: refresh it.
    case expired
    /// Malformed, foreign, or of another type.
    case invalid
}

/// The answer to "does this login live?".
public enum Authentication: Sendable, Equatable {
    /// A live session of an active user.
    case granted(Principal)
    /// The token was good once: refresh it.
    case expired
    /// A bad token, an ended session or an inactive user.
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
    /// A user has another role from here on, which may do this.
    case roleChanged(user: Int64, role: String, rights: UInt64)
    /// A role of this salon may do something else from here on.
    case rightsChanged(role: String, rights: UInt64)
    /// Not for sockets.
    case none
}

/// The Hub's question to whoever knows users, roles and fields.
public protocol Access: Sendable {
    /// Whose token is this? Pure and quick: it is called on event loops, with whatever a client sends.
    func read(_ token: String) -> TokenReading
    /// Does this login live, and with which role, as of now? Called on the event loop on which the answer is to come, and never
    /// fails; `expiresAt` stays as it is.
    func lookUp(_ login: Login, on eventLoop: any EventLoop) -> EventLoopFuture<Authentication>
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
