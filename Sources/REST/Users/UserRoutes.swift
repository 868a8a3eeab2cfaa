import HTTPTypes
import Logging
import Outbox
import Postgres
import Telegram

extension RouteTable {
    /// Accounts, as apart from staff cards.
    mutating func addUsers() {
        self.add(.get, "/users", .admin) { call in
            let user = try call.user
            return try await Listing.read(
                call.reader,
                topic: Topic.salon(user.salonID, Reports.user.topic),
                matching: """
                    SELECT u.id, row_number() OVER (ORDER BY u.first_name COLLATE ukrainian, u.last_name COLLATE ukrainian, u.id)
                        AS place
                    FROM users u WHERE \(try UserRepository.condition(salonID: user.salonID, call.query))
                    """,
                page: try Page(call.query),
                from: "users u",
                where: "u.salon_id = \(user.salonID)",
                projection: UserRepository.projection
            ).answer
        }
        self.add(.post, "/users", .admin, honoursIdempotencyKey: true) { call in
            let (user, input) = (try call.user, try UserInput(try call.object()))
            let hash = try await AuthDesk(call: call).hash(input.password)
            return try await call.write { unit in
                let account = try await UserCommands(unit: unit, author: user).create(input, hash: hash)
                // Hashing takes long: who makes accounts may have been switched off meanwhile.
                try await call.checkCaller(unit)
                return .json(account, status: .created)
            }
        }
        self.add(.patch, "/users/{id}", .admin) { call in
            let (user, id, change) = (try call.user, try call.id(), try UserChange(try call.object()))
            let answer = try await call.write { .json(try await UserCommands(unit: $0, author: user).change(id, change)) }
            if change.isActive == true { await call.completeLogin(of: id) }
            return answer
        }
    }
}

extension Call {
    /// Whoever has registered through Telegram may just be waiting for this. The account is switched on whether or not.
    fileprivate func completeLogin(of userID: Int64) async {
        do throws(TelegramError) {
            try await self.backend.telegram?.approved(userID: userID)
        } catch {
            self.logger.warning("a login that waits was not completed", metadata: ["error": "\(error)"])
        }
    }
}
