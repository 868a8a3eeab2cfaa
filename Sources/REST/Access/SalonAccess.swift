public import Hub
import JSON
public import NIOCore
public import Postgres

/// The Hub's ``Access``, by the same sessions, roles and shapes as REST.
public struct SalonAccess: Access {
    /// How a role that sees no clients' phones gets an event.
    private static let withoutPhones = Shape(rawValue: 1)

    private let signer: TokenSigner
    private let lookups: SessionLookups

    /// - Parameters:
    ///   - client: the node's pool
    ///   - signer: checks tokens
    public init(client: PostgresClient, signer: TokenSigner) {
        self.signer = signer
        self.lookups = SessionLookups(client: client)
    }

    /// Whose token is this?
    public func read(_ token: String) -> TokenReading {
        do throws(TokenError) {
            let claims = try self.signer.verify(token, type: .access, now: UnixTime.now())
            return .login(Login(userID: claims.userID, sessionID: claims.sessionID, expiresAt: claims.expiresAt))
        } catch {
            return error == .expired ? .expired : .invalid
        }
    }

    /// Does this login live?
    public func lookUp(_ login: Login, on eventLoop: any EventLoop) -> EventLoopFuture<Authentication> {
        self.lookups.lookUp(login, on: eventLoop)
    }

    /// The topics that clients may name, and the module whose `view` permission opens each.
    private static let modules: [String: Module] = [
        "appointments": .calendar, "clients": .clients, "staff": .staff, "services": .services,
        "inventory": .inventory, "finances": .finances, "settings": .settings,
    ]

    /// Whether there is a topic of this name.
    public func knows(_ name: String) -> Bool {
        name == "notifications" || name == "users" || Self.modules[name] != nil
    }

    /// A topic carries the principal's salon or user; what a client sends is only ever a name of the list.
    public func grant(_ name: String, to principal: Principal) -> Grant {
        if name == "notifications" { return .durable(topic: Topic.notifications(principal.userID), shape: .full) }
        guard let role = Role(rawValue: principal.role) else { return self.knows(name) ? .forbidden : .unknown }
        if name == "users" {
            return role == .admin ? .durable(topic: Topic.salon(principal.salonID, name), shape: .full) : .forbidden
        }
        guard let module = Self.modules[name] else { return .unknown }
        guard Permissions(bits: principal.rights).allows(module, .view) else { return .forbidden }
        let shape = RoleMatrix.seesPhones(role) ? Shape.full : Self.withoutPhones
        return .durable(topic: Topic.salon(principal.salonID, name), shape: shape)
    }

    /// What the existing frontend listens for.
    public var defaultTopics: [String] { ["appointments", "notifications"] }

    /// Where changes of rights are reported.
    public func accessTopic(ofSalon salonID: Int64) -> String {
        Topic.access(salonID)
    }

    /// Reads an event of the access topic.
    public func change(in event: CommittedEvent) -> AccessChange {
        guard let data = try? JSONValue(parsing: Array(event.data.readableBytesView)) else { return .none }
        switch event.type {
        case "session:ended": return data["sessionId"]?.int.map { .sessionEnded($0) } ?? .none
        case "user:ended":
            // The newest of the sessions that there were; without it, all.
            return data["userId"]?.int.map { .userEnded($0, through: data["sessionId"]?.int ?? .max) } ?? .none
        case "role:changed":
            guard let user = data["userId"]?.int, let (role, rights) = Self.rights(in: data) else { return .none }
            return .roleChanged(user: user, role: role, rights: rights)
        case "permissions:changed":
            guard let (role, rights) = Self.rights(in: data) else { return .none }
            return .rightsChanged(role: role, rights: rights)
        default: return .none
        }
    }

    private static func rights(in data: JSONValue) -> (role: String, rights: UInt64)? {
        guard let name = data["role"]?.string, let role = Role(rawValue: name) else { return nil }
        // A node of an older version says no words, and knows none but the matrix's.
        let words = data["permissions"]?.array?.compactMap(\.string)
        return (name, RoleRights.permissions(of: role, set: words).bits)
    }

    /// Takes clients' phones out of appointments, clients and what those have said.
    public func reshape(_ data: ByteBuffer, of type: String, for shape: Shape) -> ByteBuffer {
        guard shape == Self.withoutPhones else { return data }
        // What cannot be read cannot be shaped, and is not shown.
        guard case .object(let object)? = try? JSONValue(parsing: Array(data.readableBytesView)) else {
            return ByteBuffer(string: "{}")
        }
        let shaped =
            type.hasPrefix("appointment:")
            ? HiddenPhones.visit(object)
            : type.hasPrefix("client:") || type.hasPrefix("review:") ? HiddenPhones.client(object) : object
        return ByteBuffer(bytes: JSONValue.object(shaped).jsonBytes)
    }
}
