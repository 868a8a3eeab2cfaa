import HTTPTypes
import Hummingbird
import NIOCore

/// Runs one route: who calls, may they, the body, the idempotency key, the handler.
struct EntryDesk: Sendable {
    private static let bodyTimeout = TimeAmount.seconds(30)

    let backend: Backend
    let entry: RouteTable.Entry

    func respond(to request: Request, _ context: APIContext) async throws -> Response {
        var language = context.acceptedLanguage
        do {
            let caller = try await self.caller(request)
            if language == nil { language = caller?.language }
            try self.authorize(caller)
            let call = Call(
                backend: self.backend,
                method: request.method,
                path: request.uri.path,
                route: self.route(context),
                honoursIdempotencyKey: self.entry.honoursIdempotencyKey,
                headers: request.headers,
                parameters: self.parameters(context),
                query: try QueryParameters(request.uri.query.map { Substring($0) }),
                bytes: try await self.body(request, context),
                address: context.address,
                acceptedLanguage: context.acceptedLanguage,
                logger: context.logger,
                caller: caller
            )
            let answer = try await self.entry.handler(call)
            var response = Response(status: answer.status, headers: answer.headers)
            if let body = answer.body { response.body = .init(byteBuffer: body) }
            return response
        } catch let error as APIError {
            return FrontDesk.response(error, language ?? .ukrainian)
        }
    }

    private func caller(_ request: Request) async throws -> CurrentUser? {
        if case .nobody = self.entry.requirement { return nil }
        return try await self.backend.sessions.user(bearer: Bearer.token(in: request.headers))
    }

    private func authorize(_ caller: CurrentUser?) throws(APIError) {
        switch self.entry.requirement {
        case .nobody, .signedIn: return
        case .admin: if caller?.role == .admin { return }
        case .permission(let module, let verb): if caller?.may(module, verb) == true { return }
        }
        throw APIError(.forbidden)
    }

    private func route(_ context: APIContext) -> String {
        var route = self.entry.path
        for (name, value) in self.parameters(context) { route = route.replacing("{\(name)}", with: value) }
        return route
    }

    private func parameters(_ context: APIContext) -> [String: String] {
        var parameters: [String: String] = [:]
        for (name, value) in context.parameters {
            parameters[String(name)] = QueryParameters.decode(value) ?? ""
        }
        return parameters
    }

    private func body(_ request: Request, _ context: APIContext) async throws -> ByteBuffer {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > FrontDesk.maximumBody {
            throw APIError(.payloadTooLarge)
        }
        let channel = context.channel
        // A body that does not arrive in time ends the connection, as a head does.
        let deadline = channel.eventLoop.scheduleTask(in: Self.bodyTimeout) { channel.close(promise: nil) }
        defer { deadline.cancel() }
        do {
            return try await request.body.collect(upTo: FrontDesk.maximumBody)
        } catch is NIOTooManyBytesError {
            throw APIError(.payloadTooLarge)
        }
    }
}

/// The `Authorization` header of RFC 6750.
enum Bearer {
    static func token(in headers: HTTPFields) -> String? {
        guard let header = headers[.authorization] else { return nil }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1]).trimmed
    }
}

extension RouteTable {
    /// Whether a path below `/api/v1` is known under some method.
    func hasPath(_ path: String) -> Bool {
        let parts = path.split(separator: "/")
        guard parts.count > 2, parts[0] == "api", parts[1] == "v1" else { return false }
        return self.entries.contains { entry in
            let pattern = entry.path.split(separator: "/")
            return pattern.count == parts.count - 2
                && zip(pattern, parts.dropFirst(2)).allSatisfy { $0 == $1 || $0.hasPrefix("{") }
        }
    }
}
