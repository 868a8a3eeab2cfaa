public import HTTPTypes

/// All routes of the REST side, as data: method, path, what it asks of the caller, and the handler.
public struct RouteTable: Sendable {
    typealias Handler = @Sendable (Call) async throws -> Answer

    /// One route.
    public struct Entry: Sendable {
        /// GET, POST, PUT, PATCH or DELETE.
        public let method: HTTPRequest.Method
        /// Below `/api/v1`, with parameters in braces: `/appointments/{id}`.
        public let path: String
        /// What it asks of the caller.
        public let requirement: Requirement
        /// Whether `Idempotency-Key` is honoured.
        public let honoursIdempotencyKey: Bool
        /// Whether its body is a form with a file, which may be larger than others.
        let takesFile: Bool
        /// Whether its caller may be guessed until its first statement (``GuardedReader``): of what only reads, and of what writes by
        /// nothing but one ``Call/write(_:)``, which makes sure before it commits.
        let guessesCaller: Bool
        let handler: Handler
    }

    /// In the order of registration.
    public private(set) var entries: [Entry] = []

    mutating func add(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ requirement: Requirement,
        honoursIdempotencyKey: Bool = false,
        takesFile: Bool = false,
        onlyReads: Bool? = nil,
        writesOnce: Bool = false,
        _ handler: @escaping Handler
    ) {
        self.entries.append(
            Entry(
                method: method,
                path: path,
                requirement: requirement,
                honoursIdempotencyKey: honoursIdempotencyKey,
                takesFile: takesFile,
                guessesCaller: writesOnce || onlyReads ?? (method == .get),
                handler: handler
            )
        )
    }
}
