import HTTPTypes
import Hummingbird

/// Cross-origin answers, on every path, errors and preflights included.
enum CORS {
    private static let methods = "GET, POST, PUT, PATCH, DELETE, OPTIONS"
    private static let allowed =
        "Authorization, Content-Type, If-Match, Idempotency-Key, Last-Event-ID, X-Request-Id, Accept-Language"
    private static let exposed =
        "X-Topic-Seq, X-Topic-Epoch, X-Total-Count, X-Request-Id, Retry-After, ETag, Content-Disposition"

    static func apply(to response: inout Response, origin: String?, allowed origins: Set<String>) {
        response.headers[values: .vary].append("Origin")
        guard let origin, origins.contains(origin) || origins.contains("*") else { return }
        response.headers[.accessControlAllowOrigin] = origin
        response.headers[.accessControlAllowMethods] = self.methods
        response.headers[.accessControlAllowHeaders] = self.allowed
        response.headers[.accessControlExposeHeaders] = self.exposed
        response.headers[.accessControlMaxAge] = "600"
    }
}
