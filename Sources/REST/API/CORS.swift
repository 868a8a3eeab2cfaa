import HTTPTypes

/// Cross-origin answers, on every path, errors and preflights included.
struct CORS: Sendable {
    private static let depends = HTTPField(name: .vary, value: "Origin")
    private static let readable = HTTPField(
        name: .accessControlExposeHeaders,
        value: "X-Topic-Seq, X-Topic-Epoch, X-Total-Count, X-Request-Id, Retry-After, ETag, Content-Disposition"
    )
    /// What only the answer to a preflight says.
    private static let rights = [
        HTTPField(name: .accessControlAllowMethods, value: "GET, POST, PUT, PATCH, DELETE, OPTIONS"),
        HTTPField(
            name: .accessControlAllowHeaders,
            value: "Authorization, Content-Type, If-Match, Idempotency-Key, Last-Event-ID, X-Request-Id, Accept-Language"
        ),
        HTTPField(name: .accessControlMaxAge, value: "600"),
    ]

    private let origins: Set<String>
    private let allowsAll: Bool

    /// - Parameter origins: of browsers that may read answers; `*` is every one
    init(allowed origins: Set<String>) {
        self.origins = origins
        self.allowsAll = origins.contains("*")
    }

    /// Adds what an answer to a page of this origin says; to one that is not allowed, only that it depends on it.
    func add(to fields: inout HTTPFields, origin: String?, isPreflight: Bool = false) {
        fields.append(Self.depends)
        guard let origin, self.allowsAll || self.origins.contains(origin) else { return }
        fields.append(HTTPField(name: .accessControlAllowOrigin, value: origin))
        fields.append(Self.readable)
        if isPreflight { fields.append(contentsOf: Self.rights) }
    }
}
