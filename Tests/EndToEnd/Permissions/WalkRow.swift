import JSON
import REST

/// A route as the walk asks for it, whom it answers, and with what: the expected table, a line each.
///
/// In path and body `{kind}` stands for the id of a row that ``WalkSide`` makes for each request; `{unique}` for a text that
/// nothing else has.
struct WalkRow: Sendable {
    let method: String
    let path: String
    /// Nil for a route that asks for nobody.
    let allowed: Set<Role>?
    let body: JSONValue?
    /// What those get who may, with ids of their own salon.
    let status: Int
    /// What they get with ids of another salon, where that is not 404 for the path's and 422 for the body's.
    var foreignStatus: Int?

    static let everyone: Set<Role> = [.admin, .manager, .receptionist, .master]
    static let desk: Set<Role> = [.admin, .manager, .receptionist]
    static let office: Set<Role> = [.admin, .manager]
    static let admin: Set<Role> = [.admin]

    static func get(_ path: String, _ allowed: Set<Role>, status: Int = 200) -> WalkRow {
        WalkRow(method: "GET", path: path, allowed: allowed, body: nil, status: status)
    }

    static func post(
        _ path: String,
        _ allowed: Set<Role>,
        _ body: JSONValue? = nil,
        status: Int = 201,
        foreign foreignStatus: Int? = nil
    ) -> WalkRow {
        WalkRow(method: "POST", path: path, allowed: allowed, body: body, status: status, foreignStatus: foreignStatus)
    }

    static func put(_ path: String, _ allowed: Set<Role>, _ body: JSONValue, status: Int = 200) -> WalkRow {
        WalkRow(method: "PUT", path: path, allowed: allowed, body: body, status: status)
    }

    static func patch(_ path: String, _ allowed: Set<Role>, _ body: JSONValue? = nil, status: Int = 200) -> WalkRow {
        WalkRow(method: "PATCH", path: path, allowed: allowed, body: body, status: status)
    }

    static func delete(_ path: String, _ allowed: Set<Role>, status: Int = 204) -> WalkRow {
        WalkRow(method: "DELETE", path: path, allowed: allowed, body: nil, status: status)
    }

    /// A route that looks at no token: the same for everybody.
    static func open(_ method: String, _ path: String, status: Int, _ body: JSONValue? = nil) -> WalkRow {
        WalkRow(method: method, path: path, allowed: nil, body: body, status: status)
    }

    /// Method and path with the parameters' names left out, to be compared with the router's.
    var shape: String { Self.shape(self.method, self.path.replacing("/roles/receptionist", with: "/roles/{role}")) }

    static func shape(_ method: String, _ path: String) -> String {
        let parts = path.split(separator: "?")[0].split(separator: "/")
        return method + " /" + parts.map { $0.hasPrefix("{") ? "{}" : String($0) }.joined(separator: "/")
    }

    /// What has to be answered.
    func expected(_ visitor: Visitor) -> Int? {
        guard let allowed else { return visitor.isForeign ? nil : self.status }
        switch visitor {
        case .nobody: return 401
        case .own(let role): return allowed.contains(role) ? self.status : 403
        case .foreign(let role):
            // What a body points to is a field that is wrong; what a path points to is not there.
            let body = self.body?.text.replacing("{unique}", with: "") ?? ""
            guard self.path.contains("{") || body.contains("\"{") else { return nil }
            guard allowed.contains(role) else { return 403 }
            return self.foreignStatus ?? (self.path.contains("{") ? 404 : 422)
        }
    }
}

/// Who comes, and with ids of which salon.
enum Visitor: Hashable {
    /// Without a token.
    case nobody
    case own(Role)
    case foreign(Role)

    static let roles: [Role] = [.admin, .manager, .receptionist, .master]

    var isForeign: Bool { if case .foreign = self { true } else { false } }

    var role: Role? {
        switch self {
        case .nobody: nil
        case .own(let role), .foreign(let role): role
        }
    }
}
