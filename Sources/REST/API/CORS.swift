import HTTPTypes

/// Cross-origin answers, on every path, errors and preflights included.
enum CORS {
    private static let methods = "GET, POST, PUT, PATCH, DELETE, OPTIONS"
    private static let allowed =
        "Authorization, Content-Type, If-Match, Idempotency-Key, Last-Event-ID, X-Request-Id, Accept-Language"
    private static let exposed =
        "X-Topic-Seq, X-Topic-Epoch, X-Total-Count, X-Request-Id, Retry-After, ETag, Content-Disposition"

    /// The headers of an answer to a page of this origin; of one that is not allowed, only that it depends on it.
    static func fields(origin: String?, allowed origins: Set<String>) -> HTTPFields {
        var fields: HTTPFields = [.vary: "Origin"]
        guard let origin, origins.contains(origin) || origins.contains("*") else { return fields }
        fields[.accessControlAllowOrigin] = origin
        fields[.accessControlAllowMethods] = self.methods
        fields[.accessControlAllowHeaders] = self.allowed
        fields[.accessControlExposeHeaders] = self.exposed
        fields[.accessControlMaxAge] = "600"
        return fields
    }
}
