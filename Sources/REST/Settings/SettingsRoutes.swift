import HTTPTypes
import Outbox
import Postgres

extension RouteTable {
    /// The salon itself, what its roles may do, and the caller's own profile.
    mutating func addSettings() {
        self.add(.get, "/settings/salon", .permission(.settings, .view)) { call in
            try await SalonSettings.read(call.reader, salonID: try call.user.salonID)
        }
        self.add(.put, "/settings/salon", .permission(.settings, .edit), writesOnce: true) { call in
            let (user, input) = (try call.user, try SalonInput(try call.object()))
            return try await call.write { .json(try await SalonSettings.update($0, user: user, input)) }
        }
        self.add(.get, "/settings/roles", .permission(.settings, .view)) { call in
            try await RoleSettings.list(call.reader, salonID: try call.user.salonID)
        }
        self.add(.get, "/settings/roles/{role}", .permission(.settings, .view)) { call in
            try await RoleSettings.get(call.reader, salonID: try call.user.salonID, try call.role())
        }
        self.add(.put, "/settings/roles/{role}", .admin, writesOnce: true) { call in
            let (user, role) = (try call.user, try call.role())
            let words = try PermissionList.read(try call.object(), for: role)
            return try await call.write { .json(try await RoleSettings.update($0, user: user, role, words)) }
        }
        self.add(.get, "/settings/profile", .signedIn) { call in
            let user = try call.user
            return .json(try await Profile.read(call.reader, salonID: user.salonID, id: user.id))
        }
        self.add(.put, "/settings/profile", .signedIn, writesOnce: true) { call in
            let user = try call.user
            let present = ProfileName(first: user.firstName, last: user.lastName)
            let input = try ProfileInput(try call.object(), over: present)
            return try await call.profileWrite { .json(try await Profile.update($0, user: user, input)) }
        }
    }
}

extension Call {
    /// The role in the path. A word that is none is the role of nobody.
    fileprivate func role() throws(APIError) -> Role {
        guard let role = self.parameters["role"].flatMap(Role.init) else { throw APIError(.notFound) }
        return role
    }

    /// A write that may meet another account's e-mail.
    fileprivate func profileWrite(_ body: @Sendable (UnitOfWork) async throws -> Answer) async throws -> Answer {
        do {
            return try await self.write(body)
        } catch let error as PostgresError where error.constraint == "users_email_key" {
            throw APIError(.emailTaken)
        }
    }
}
