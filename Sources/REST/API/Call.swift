import HTTPTypes
import JSON
import Logging
import NIOCore

/// One request, as a handler sees it: already authenticated, allowed, and its body read. A class, since it goes from hand to hand:
/// to copy the value would retain every field of it.
final class Call: Sendable {
    let backend: Backend
    let method: HTTPRequest.Method
    let path: String
    /// The path of the route that it is for, with parameters in braces.
    let pattern: String
    let honoursIdempotencyKey: Bool
    let headers: HTTPFields
    let parameters: [String: String]
    let query: QueryParameters
    let bytes: ByteBuffer
    /// The connection's other end, without its port.
    let peer: String?
    /// The client's address, behind trusted proxies if there are any.
    let address: String
    /// The connection that the answer goes to.
    let channel: any Channel
    /// What `Accept-Language` asks for, if it asks for one of ours.
    let acceptedLanguage: Language?
    let requestID: String
    /// Who calls; `nil` only on routes that need nobody.
    let caller: CurrentUser?
    /// For what is only read: the request's first statement takes the look at the session along.
    let reader: any Reader

    init(
        backend: Backend,
        method: HTTPRequest.Method,
        path: String,
        pattern: String,
        honoursIdempotencyKey: Bool,
        headers: HTTPFields,
        parameters: [String: String],
        query: QueryParameters,
        bytes: ByteBuffer,
        peer: String?,
        address: String,
        channel: any Channel,
        acceptedLanguage: Language?,
        requestID: String,
        caller: CurrentUser?,
        reader: any Reader
    ) {
        self.backend = backend
        self.method = method
        self.path = path
        self.pattern = pattern
        self.honoursIdempotencyKey = honoursIdempotencyKey
        self.headers = headers
        self.parameters = parameters
        self.query = query
        self.bytes = bytes
        self.peer = peer
        self.address = address
        self.channel = channel
        self.acceptedLanguage = acceptedLanguage
        self.requestID = requestID
        self.caller = caller
        self.reader = reader
    }

    /// What it is for, however its path was spelt: the route with its parameters.
    var route: String {
        self.parameters.reduce(self.pattern) { route, parameter in
            route.replacing("{\(parameter.key)}", with: parameter.value)
        }
    }

    /// Whether the client is on this very machine.
    var isLocal: Bool {
        self.backend.addresses.isLocal(
            peer: self.peer,
            forwardedFor: self.headers[values: .forwardedFor],
            isForwarded: self.headers.contains(.forwarded) || self.headers.contains(.realIP)
        )
    }

    /// For what an operator should know of it.
    var logger: Logger {
        var logger = self.backend.logger
        logger[metadataKey: "request"] = "\(self.requestID)"
        return logger
    }

    /// The caller of a route that needs one.
    var user: CurrentUser {
        get throws(APIError) {
            guard let caller else { throw APIError(.notAuthenticated) }
            return caller
        }
    }

    var language: Language { self.acceptedLanguage ?? self.caller?.language ?? .ukrainian }

    /// The id in the path. Text that is no id is the id of nothing.
    func id(_ name: String = "id") throws(APIError) -> Int64 {
        guard let text = self.parameters[name], let id = Int64(text), id > 0, String(id) == text else {
            throw APIError(.notFound)
        }
        return id
    }

    /// The body as a JSON object.
    func object() throws(APIError) -> JSONObject {
        if let type = self.headers[.contentType], !type.lowercased().contains("json") { throw APIError(.unsupportedMediaType) }
        let value: JSONValue
        do {
            value = try unsafe self.bytes.withUnsafeReadableBytes { bytes throws(JSONError) in
                try unsafe JSONValue(parsing: bytes, limits: JSONLimits(maxDepth: 32))
            }
        } catch {
            throw APIError(.invalidJSON)
        }
        guard case .object(let object) = value else {
            throw APIError(
                .validation,
                message: LocalizedText("The body must be a JSON object", "Тіло запиту має бути об'єктом JSON")
            )
        }
        return object
    }
}
