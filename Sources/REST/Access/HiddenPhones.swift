import JSON
import Postgres

/// What a role gets that sees no clients' phones: the same on the socket and in answers to its own writes.
enum HiddenPhones {
    /// Of a visit: no phone at all.
    static func visit(_ object: JSONObject) -> JSONObject { object.removing("clientPhone") }

    /// Of a client, or of a review: an empty one, since their pages want a text.
    static func client(_ object: JSONObject) -> JSONObject {
        var object = object
        if object["phone"] != nil { object["phone"] = "" }
        return object
    }
}

extension PostgresJSON {
    /// This object as a user may see it.
    ///
    /// - Parameter hide: takes the phones out
    func shown(to user: CurrentUser, _ hide: (JSONObject) -> JSONObject) throws -> PostgresJSON {
        guard !user.seesPhones else { return self }
        return PostgresJSON(text: JSONValue.object(hide(try self.object())).text)
    }
}
