import HTTPTypes
import JSON

extension RouteTable {
    /// What the header's bell shows. Everybody has their own; another user's answers 404.
    mutating func addNotifications() {
        self.add(.get, "/notifications", .signedIn) { call in
            let (isRead, unreadOnly) = (try call.query.bool("read"), try call.query.bool("unreadOnly"))
            let read = isRead ?? (unreadOnly == true ? false : nil)
            let page = try Page(call.query)
            return try await NotificationRepository.list(call.reader, user: try call.user, read: read, page: page)
        }
        self.add(.patch, "/notifications/read-all", .signedIn, writesOnce: true) { call in
            let user = try call.user
            return try await call.write { unit in
                try await NotificationRepository.markRead(unit, user: user, id: nil)
                return .json(["message": "ok"])
            }
        }
        self.add(.patch, "/notifications/{id}/read", .signedIn, writesOnce: true) { call in
            let (user, id) = (try call.user, try call.id())
            return try await call.write { unit in
                try await NotificationRepository.markRead(unit, user: user, id: id)
                return .json(["message": "ok"])
            }
        }
        self.add(.delete, "/notifications/{id}", .signedIn, writesOnce: true) { call in
            let (user, id) = (try call.user, try call.id())
            return try await call.write { unit in
                try await NotificationRepository.delete(unit, user: user, id: id)
                return .noContent
            }
        }
    }
}
