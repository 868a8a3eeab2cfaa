import HTTPTypes
import JSON

extension RouteTable {
    /// What the header's bell shows. Everybody has their own; another user's answers 404.
    mutating func addNotifications() {
        self.add(.get, "/notifications", .signedIn) { call in
            let read = try call.query.bool("read") ?? call.query.bool("unreadOnly").flatMap { $0 ? false : nil }
            let page = try Page(call.query)
            return try await NotificationRepository.list(call.backend.client, user: try call.user, read: read, page: page)
        }
        self.add(.patch, "/notifications/read-all", .signedIn) { call in
            let user = try call.user
            return try await call.write { unit in
                try await NotificationRepository.markRead(unit, user: user, id: nil)
                return .json(["message": "ok"])
            }
        }
        self.add(.patch, "/notifications/{id}/read", .signedIn) { call in
            let (user, id) = (try call.user, try call.id())
            return try await call.write { unit in
                try await NotificationRepository.markRead(unit, user: user, id: id)
                return .json(["message": "ok"])
            }
        }
        self.add(.delete, "/notifications/{id}", .signedIn) { call in
            let (user, id) = (try call.user, try call.id())
            return try await call.write { unit in
                try await NotificationRepository.delete(unit, user: user, id: id)
                return .noContent
            }
        }
    }
}

extension QueryParameters {
    /// `true` or `false`; `nil` if absent or empty.
    func bool(_ name: String) throws(APIError) -> Bool? {
        switch self[name] {
        case nil: return nil
        case "true", "1": return true
        case "false", "0": return false
        default: throw APIError.invalid(name, LocalizedText("must be true or false", "має бути true або false"))
        }
    }

    /// A word of a list; `nil` if absent or empty.
    func word(_ name: String, of allowed: [String]) throws(APIError) -> String? {
        guard let word = self[name] else { return nil }
        guard allowed.contains(word) else {
            let list = allowed.joined(separator: ", ")
            throw APIError.invalid(name, LocalizedText("must be one of: \(list)", "має бути одним із: \(list)"))
        }
        return word
    }

    /// A date; `nil` if absent or empty.
    func date(_ name: String) throws(APIError) -> LocalDate? {
        guard let text = self[name] else { return nil }
        guard let date = LocalDate(text) else {
            throw APIError.invalid(name, LocalizedText("must be a date: YYYY-MM-DD", "має бути датою: РРРР-ММ-ДД"))
        }
        return date
    }

    /// An id; `nil` if absent or empty.
    func id(_ name: String) throws(APIError) -> Int64? {
        guard let text = self[name] else { return nil }
        guard let id = Int64(text), id > 0 else {
            throw APIError.invalid(name, LocalizedText("must be an id", "має бути ідентифікатором"))
        }
        return id
    }
}
