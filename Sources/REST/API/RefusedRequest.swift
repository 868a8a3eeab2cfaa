public import HTTPTypes
public import Logging

/// The contract's error shape for what never becomes a request of the router: refused handshakes of sockets, and bytes that
/// are no HTTP.
public struct RefusedRequest: Sendable {
    private let origins: CORS
    private let logger: Logger?

    /// - Parameters:
    ///   - settings: the origins that may read answers
    ///   - logger: gets a line for each, as for every other request
    public init(settings: APISettings, logger: Logger? = nil) {
        self.origins = CORS(allowed: settings.allowedOrigins)
        self.logger = logger
    }

    /// - Parameters:
    ///   - status: the answer's status
    ///   - reason: a sentence in English
    ///   - origin: the request's `Origin`, as far as it could be read
    ///   - acceptLanguage: its `Accept-Language`
    ///   - method: its method
    ///   - target: its path and query
    ///   - requestID: its `X-Request-Id`
    /// - Returns: headers, CORS and the body's type among them, and the body
    public func answer(
        status: Int,
        reason: String,
        origin: String?,
        acceptLanguage: String?,
        method: String?,
        target: String?,
        requestID: String?
    ) -> (headers: HTTPFields, body: String) {
        let code = Self.code(of: status)
        let language = Language(acceptLanguage: acceptLanguage) ?? .ukrainian
        let error = APIError(code, message: LocalizedText(reason, code.message(in: .ukrainian)))
        let requestID = FrontDesk.requestID(requestID)
        var headers = HTTPFields()
        self.origins.add(to: &headers, origin: origin)
        headers[.contentType] = "application/json"
        headers[.contentLanguage] = language.rawValue
        headers[.cacheControl] = "no-store"
        headers[.requestID] = requestID
        headers[.xContentTypeOptions] = "nosniff"
        // The path alone: a query may carry a token.
        let path = target?.prefix { $0 != "?" }.prefix(200) ?? ""
        self.logger?.info(
            "request",
            metadata: [
                "id": "\(requestID)", "method": "\(method ?? "")", "path": "\(path)", "status": "\(status)",
                "reason": "\(reason)",
            ]
        )
        return (headers, String(decoding: error.body(in: language), as: UTF8.self))
    }

    private static func code(of status: Int) -> ErrorCode {
        switch status {
        case 403: .originNotAllowed
        case 405: .methodNotAllowed
        case 426: .upgradeRequired
        case 429: .rateLimited
        case 431: .headersTooLarge
        case 503: .shuttingDown
        case 500...: .internalError
        default: .badRequest
        }
    }
}
