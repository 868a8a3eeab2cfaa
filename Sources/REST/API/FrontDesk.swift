import HTTPTypes
public import Hummingbird
import Logging
import NIOCore
import Postgres
import Redis
import Synchronization
import Telegram

/// Where every request arrives: request id, CORS, permission, idempotency and the shape of errors are its business, in this
/// one place, so that handlers know only their own matter.
public struct FrontDesk: HTTPResponder {
    /// What belongs to one request.
    public typealias Context = APIContext

    private let backend: Backend
    private let table: RouteTable
    private let router: any HTTPResponder<APIContext>
    /// Paths of forms with a file.
    private let uploads: Set<String>
    /// For large bodies, each of which is held until its request ends.
    private let uploadPlaces = Places(8)
    private let origins: CORS
    private let logger: Logger
    /// How many fields every answer gets here, and some more.
    private static let usualFields = 9

    /// - Parameters:
    ///   - backend: what handlers work with
    ///   - table: the routes below `/api/v1`
    ///   - readiness: answers `/ready`
    public init(backend: Backend, table: RouteTable, readiness: @escaping @Sendable () async -> Readiness) {
        self.backend = backend
        self.table = table
        self.uploads = Set(table.entries.filter(\.takesFile).map { "/api/v1" + $0.path })
        self.origins = CORS(allowed: backend.settings.allowedOrigins)
        self.logger = backend.logger
        let router = Router(context: APIContext.self, options: .autoGenerateHeadEndpoints)
        Self.mountRoot(on: router, settings: backend.settings, readiness: readiness)
        for entry in table.entries {
            let route = RouterPath("/api/v1" + entry.path)
            let desk = EntryDesk(backend: backend, entry: entry)
            router.on(route, method: entry.method) { request, context in
                try await desk.respond(to: request, context)
            }
        }
        if backend.settings.servesExamples {
            router.addMiddleware {
                ExampleFolders()
                FileMiddleware<APIContext, LocalFileSystem>(
                    "examples",
                    urlBasePath: "/examples",
                    cacheControl: .init([(MediaType(type: .any), [.noCache])]),
                    searchForIndexHtml: true
                )
            }
        }
        self.router = router.buildResponder()
    }

    /// Answers; never throws but for what the connection itself is to blame for.
    public func respond(to request: Request, context: APIContext) async throws -> Response {
        var context = context
        let started = ContinuousClock.now
        let requestID = Self.requestID(request.headers.value(.requestID))
        context.requestID = requestID
        context.path = request.uri.path
        context.address = self.backend.addresses.resolve(
            peer: context.peer,
            forwardedFor: request.headers.contains(.forwardedFor) ? request.headers[values: .forwardedFor] : []
        )
        context.acceptedLanguage = Language(acceptLanguage: request.headers.value(.acceptLanguage))
        let limits = self.limits(request, context.path)
        let isLarge = limits.kept > IncomingBody.Limits.ordinary.kept && Self.isLarge(request)
        let hasPlace = isLarge && self.uploadPlaces.take()
        defer { if hasPlace { self.uploadPlaces.giveBack() } }
        context.body = await IncomingBody.take(
            request,
            arrived: context.arrived,
            from: context.channel,
            isLarge && !hasPlace ? .unwanted : limits
        )
        if isLarge, !hasPlace, case .discarded = context.body { context.body = .refused }
        let origin = request.headers.value(.origin)
        let isPreflight = request.method == .options && origin != nil
        var response: Response
        if isPreflight {
            response = Response(status: .noContent)
        } else {
            response = await self.answer(request, context)
        }
        // The router leaves the body away of what its handlers return; an error has come past it.
        if request.method == .head, response.body.contentLength != 0 { response = response.createHeadResponse() }
        response.headers.reserveCapacity(response.headers.count + Self.usualFields)
        self.origins.add(to: &response.headers, origin: origin, isPreflight: isPreflight)
        if !context.body.isWhole { response.headers.set(.connection, "close") }
        response.headers.set(.requestID, requestID)
        response.headers.set(.xContentTypeOptions, "nosniff")
        if context.path.hasPrefix("/api/") { response.headers.set(.cacheControl, "no-store") }
        // The path alone: a query may carry a token.
        self.logger.info(
            "request",
            metadata: [
                "id": "\(requestID)", "method": "\(request.method.rawValue)", "path": "\(Self.loggedPath(context.path))",
                "status": "\(response.status.code)", "ms": "\((ContinuousClock.now - started).milliseconds)",
            ]
        )
        return response
    }

    /// A large body is kept only for somebody who has a token of ours: whether it still holds is asked later.
    private func limits(_ request: Request, _ path: String) -> IncomingBody.Limits {
        guard request.method == .post, self.uploads.contains(path) else { return .ordinary }
        let token = Bearer.token(in: request.headers)
        let isSigned = token.map { (try? self.backend.signer.verify($0, type: .access, now: UnixTime.now())) != nil } ?? false
        return isSigned ? .file : .unwanted
    }

    /// Whether a body is larger than others may be, or does not say.
    private static func isLarge(_ request: Request) -> Bool {
        guard let length = request.headers.value(.contentLength).flatMap({ Int($0) }) else { return true }
        return length > IncomingBody.Limits.ordinary.kept
    }

    /// A path without what may be a code or a token: nothing else in our paths is that long.
    static func loggedPath(_ path: String) -> String {
        path.prefix(200).split(separator: "/", omittingEmptySubsequences: false)
            .map { $0.utf8.count > 40 ? "…" : String($0) }.joined(separator: "/")
    }

    private func answer(_ request: Request, _ context: APIContext) async -> Response {
        do {
            let response = try await self.router.respond(to: request, context: context)
            // The router's own refusals have no body: give them the contract's shape.
            guard response.status.kind == .clientError, response.headers[.contentType] == nil else { return response }
            throw HTTPError(response.status)
        } catch {
            let failure = error as? FailedCall ?? FailedCall(cause: error, language: context.acceptedLanguage)
            let error = self.describe(failure, context)
            var response = Self.response(error, failure.language ?? .ukrainian)
            if error.code == .methodNotAllowed {
                response.headers[.allow] = self.table.methods(of: context.path).map(\.rawValue).joined(separator: ", ")
            }
            return response
        }
    }

    /// What a failure means to the client; what it means to the operator is logged.
    private func describe(_ failure: FailedCall, _ context: APIContext) -> APIError {
        let cause = failure.cause
        switch cause {
        case let error as APIError:
            return error
        case let error as CallerChanged:
            return error.refusal
        case let error as HTTPError:
            return self.translate(error, context.path)
        case _ where cause is ClientLeft || !context.channel.isActive:
            self.logger.info("the client left before its answer", metadata: ["id": "\(context.requestID)"])
            return APIError(.badRequest)
        case let error as PostgresError where error.code == .commitUnknown:
            self.logger.error("the answer to a COMMIT was lost", metadata: ["error": "\(error)", "id": "\(context.requestID)"])
            // With its key the request may simply be sent again; without one it might happen twice.
            return failure.isRepeatable ? APIError(.unavailable, retryAfter: 1) : APIError(.outcomeUnknown)
        case let error as PostgresError where error.sqlState == .lockNotAvailable || error.code == .statementTimeout:
            self.logger.warning("waited too long", metadata: ["error": "\(error)", "id": "\(context.requestID)"])
            return APIError(.unavailable, retryAfter: 1)
        case let error as PostgresError where error.isUnavailable:
            self.logger.error("PostgreSQL is away", metadata: ["error": "\(error)", "id": "\(context.requestID)"])
            return APIError(.unavailable, retryAfter: 1)
        case is RedisError:
            self.logger.error("Redis is away", metadata: ["error": "\(cause)", "id": "\(context.requestID)"])
            return APIError(.unavailable, retryAfter: 1)
        case let error as TelegramError:
            self.logger.error("\(error.code.words)", metadata: ["error": "\(error)", "id": "\(context.requestID)"])
            return APIError(.unavailable, retryAfter: 1)
        case let error as BotError where error.isTransient:
            self.logger.warning("Telegram is away", metadata: ["error": "\(error)", "id": "\(context.requestID)"])
            return APIError(.unavailable, retryAfter: 1)
        default:
            self.logger.error("a request failed", metadata: ["error": "\(cause)", "id": "\(context.requestID)"])
            return APIError(.internalError)
        }
    }

    /// What the router says of paths that it does not know.
    private func translate(_ error: HTTPError, _ path: String) -> APIError {
        switch error.status {
        case .notFound where !self.table.methods(of: path).isEmpty: APIError(.methodNotAllowed)
        case .notFound: APIError(.notFound)
        case .contentTooLarge: APIError(.payloadTooLarge)
        case let status where status.kind == .clientError: APIError(.badRequest)
        default: APIError(.internalError)
        }
    }

    static func response(_ error: APIError, _ language: Language) -> Response {
        var response = Response(
            status: .init(code: error.code.status),
            headers: [.contentType: "application/json", .contentLanguage: language.rawValue],
            body: .init(byteBuffer: ByteBuffer(bytes: error.body(in: language)))
        )
        if let seconds = error.retryAfter { response.headers[.retryAfter] = String(seconds) }
        if error.code.status == 401 { response.headers[.wwwAuthenticate] = "Bearer" }
        return response
    }

    /// The client's own, if it is harmless, else a new one.
    static func requestID(_ given: String?) -> String {
        let isHarmless = given.map { id in (1...64).contains(id.utf8.count) && id.utf8.allSatisfy(Self.isHarmless) }
        if let given, isHarmless == true { return given }
        return "\(self.firstID)-\(String(self.ids.wrappingAdd(1, ordering: .relaxed).newValue, radix: 36))"
    }

    private static func isHarmless(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// No other node's, and none of an earlier run.
    private static let firstID = String(UInt64.random(in: .min ... .max), radix: 36)
    private static let ids = Atomic<UInt64>(0)

    // MARK: Outside /api/v1

    /// What is answered there, to GET and HEAD.
    public static let rootPaths = ["/", "/health", "/ready"] + DocumentSide.documents.map(\.path)

    private static func mountRoot(
        on router: Router<APIContext>,
        settings: APISettings,
        readiness: @escaping @Sendable () async -> Readiness
    ) {
        router.get("/") { request, _ in
            let accepted = request.headers[.accept] ?? ""
            if settings.servesExamples, accepted.hasPrefix("text/html") {
                return Response(status: .found, headers: [.location: "/examples/"])
            }
            return Self.json(#"{"message":"Adelante CRM API","version":"\#(settings.version)"}"#)
        }
        DocumentSide.mount(on: router)
        router.get("/health") { _, _ in Self.json(#"{"status":"healthy"}"#) }
        router.get("/ready") { _, _ in
            let readiness = await readiness()
            return Self.json(readiness.json, status: readiness.isReady ? .ok : .serviceUnavailable)
        }
    }

    private static func json(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(status: status, headers: [.contentType: "application/json"], body: .init(byteBuffer: ByteBuffer(string: text)))
    }
}

/// Whether a node should get traffic.
public struct Readiness: Sendable {
    /// PostgreSQL answers.
    public var postgres: Bool
    /// Redis is heard; without it the node works on, slower to hear of others' changes.
    public var redis: Bool
    /// The node is about to stop.
    public var isDraining: Bool

    /// - Parameters:
    ///   - postgres: PostgreSQL answers
    ///   - redis: Redis is heard
    ///   - isDraining: the node is about to stop
    public init(postgres: Bool, redis: Bool, isDraining: Bool) {
        self.postgres = postgres
        self.redis = redis
        self.isDraining = isDraining
    }

    /// Ready, with or without Redis.
    public var isReady: Bool { self.postgres && !self.isDraining }

    var json: String {
        let status = self.isDraining ? "draining" : !self.postgres ? "unavailable" : self.redis ? "ready" : "degraded"
        return #"{"status":"\#(status)","postgres":\#(self.postgres),"redis":\#(self.redis)}"#
    }
}

extension Duration {
    /// Whole milliseconds.
    var milliseconds: Int64 {
        self.components.seconds * 1_000 + self.components.attoseconds / 1_000_000_000_000_000
    }
}
