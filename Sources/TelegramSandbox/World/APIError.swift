import JSON

/// How the Bot API refuses, in its own words.
struct APIError: Error, Sendable, Hashable {
    /// The `error_code`, which is the HTTP status too.
    var code: Int
    var description: String
    /// Seconds.
    var retryAfter: Int?

    init(_ code: Int, _ description: String, retryAfter: Int? = nil) {
        self.code = code
        self.description = description
        self.retryAfter = retryAfter
    }

    static func badRequest(_ what: String) -> APIError { APIError(400, "Bad Request: \(what)") }

    static let unauthorized = APIError(401, "Unauthorized")
    static let blocked = APIError(403, "Forbidden: bot was blocked by the user")
    static let notStarted = APIError(403, "Forbidden: bot can't initiate conversation with a user")
    static let notFound = APIError(404, "Not Found")
    static let methodNotFound = APIError(404, "Not Found: method not found")
    static let otherPoll = APIError(
        409,
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    )
    static let webhookSet = APIError(409, "Conflict: terminated by setWebhook request")
    static let webhookActive = APIError(
        409,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
    )
    static let tooLarge = APIError(413, "Request Entity Too Large")
    static let chatNotFound = APIError.badRequest("chat not found")
    static let textEmpty = APIError.badRequest("message text is empty")
    static let textTooLong = APIError.badRequest("message is too long")
    static let editTooLong = APIError.badRequest("MESSAGE_TOO_LONG")
    static let editNotFound = APIError.badRequest("message to edit not found")
    static let notEditable = APIError.badRequest("message can't be edited")
    static let notModified = APIError.badRequest(
        "message is not modified: specified new message content and reply markup are exactly the same as a current content "
            + "and reply markup of the message"
    )
    static let queryTooOld = APIError.badRequest("query is too old and response timeout expired or query ID is invalid")

    static func flood(_ seconds: Int) -> APIError {
        APIError(429, "Too Many Requests: retry after \(seconds)", retryAfter: seconds)
    }

    /// The body of the answer.
    var json: JSONObject {
        var json: JSONObject = ["ok": false, "error_code": JSONValue(self.code), "description": .string(self.description)]
        json["parameters"] = self.retryAfter.map { ["retry_after": JSONValue($0)] }
        return json
    }
}
