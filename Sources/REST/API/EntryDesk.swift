import HTTPTypes
import Hub
import Hummingbird
import NIOCore
import Postgres
import Spreadsheet

/// A request failed, and its caller reads this language, as far as that was known by then.
struct FailedCall: Error {
    let cause: any Error
    let language: Language?
    /// Whether the request may be sent again, whatever became of it: it has an `Idempotency-Key`, and its route heeds that.
    var isRepeatable = false
}

/// Runs one route: who calls, may they, the body, the idempotency key, the handler.
struct EntryDesk: Sendable {
    private let backend: Backend
    private let entry: RouteTable.Entry
    /// What the caller must be allowed, if it is a permission.
    private let needed: Permissions

    init(backend: Backend, entry: RouteTable.Entry) {
        self.backend = backend
        self.entry = entry
        self.needed =
            if case .permission(let module, let verb) = entry.requirement { Permissions(module, verb) } else { .none }
    }

    func respond(to request: Request, _ context: APIContext) async throws -> Response {
        var language = context.acceptedLanguage
        do {
            guard let claims = try self.claims(request) else { return try await self.respond(request, context, nil) }
            let sessions = self.backend.sessions
            if self.entry.guessesCaller, let guess = sessions.guesses[claims] {
                do {
                    return try await self.respond(request, context, guess, GuardedReader(sessions, claims, guess: guess))
                } catch is GuardedReader.WrongGuess {}
            }
            let caller = try await sessions.user(claims)
            if language == nil { language = caller.language }
            return try await self.respond(request, context, caller)
        } catch let failure as FailedCall {
            throw failure
        } catch {
            throw FailedCall(cause: error, language: language)
        }
    }

    /// Answers somebody who is taken for this user until the reader has made sure.
    private func respond(
        _ request: Request,
        _ context: APIContext,
        _ guess: LoginGuess,
        _ reader: GuardedReader
    ) async throws -> Response {
        do {
            let response = try await self.respond(request, context, guess.user, reader: reader)
            try await reader.settle()
            return response
        } catch let failure as FailedCall {
            // Whom it is refused to, or fails for, is to be known too; unless PostgreSQL is not there to be asked.
            if let error = failure.cause as? PostgresError, error.sqlState == nil { throw failure }
            try await reader.settle()
            throw failure
        }
    }

    private func respond(
        _ request: Request,
        _ context: APIContext,
        _ caller: CurrentUser?,
        reader: (any Reader)? = nil
    ) async throws -> Response {
        do {
            try self.authorize(caller)
            let call = Call(
                backend: self.backend,
                method: request.method,
                path: context.path,
                pattern: self.entry.path,
                honoursIdempotencyKey: self.entry.honoursIdempotencyKey,
                headers: request.headers,
                parameters: self.parameters(context),
                query: try QueryParameters(request.uri.query),
                bytes: try context.body.get(),
                peer: context.peer,
                address: context.address,
                channel: context.channel,
                acceptedLanguage: context.acceptedLanguage,
                requestID: context.requestID,
                caller: caller,
                reader: reader ?? self.backend.client
            )
            let answer = try await self.entry.handler(call)
            let body = answer.body.map { ResponseBody(byteBuffer: $0) } ?? ResponseBody()
            var response = Response(status: answer.status, headers: answer.headers, body: body)
            if let stream = answer.stream { response.body = Self.body(of: stream) }
            if let download = answer.download { response.body = Self.body(of: download, on: context.channel) }
            return response
        } catch {
            let isRepeatable = self.entry.honoursIdempotencyKey && request.headers[.idempotencyKey] != nil
            let language = context.acceptedLanguage ?? caller?.language
            throw FailedCall(cause: error, language: language, isRepeatable: isRepeatable)
        }
    }

    /// Each portion is asked for when the connection has taken the one before.
    private static func body(of stream: StreamReader) -> ResponseBody {
        ResponseBody { writer in
            defer { stream.close() }
            while let portion = await stream.next() { try await writer.write(portion) }
            try await writer.finish(nil)
        }
    }

    /// A portion is read from the disk when the connection has taken the one before.
    private static func body(of download: Download, on channel: any Channel) -> ResponseBody {
        let size = download.file.size
        return ResponseBody(contentLength: size) { writer in
            let deadline = Download.deadline(for: size, on: channel)
            defer { deadline.cancel() }
            var sent = 0
            while sent < size {
                let offset = sent
                let portion = try await SheetDesk.blocking { try download.file.read(at: offset, count: 64 << 10) }
                // Short of what the head has announced: the next answer would be taken for the rest.
                guard !portion.isEmpty else { throw ChannelError.eof }
                sent += portion.count
                try await writer.write(ByteBuffer(bytes: portion))
            }
            try await writer.finish(nil)
        }
    }

    private func claims(_ request: Request) throws(APIError) -> TokenClaims? {
        if case .nobody = self.entry.requirement { return nil }
        return try self.backend.sessions.claims(bearer: Bearer.token(in: request.headers))
    }

    private func authorize(_ caller: CurrentUser?) throws(APIError) {
        switch self.entry.requirement {
        case .nobody, .signedIn: return
        case .admin: if caller?.role == .admin { return }
        case .permission: if let caller, self.needed.isSubset(of: caller.permissions) { return }
        }
        throw APIError(.forbidden)
    }

    private func parameters(_ context: APIContext) -> [String: String] {
        var parameters: [String: String] = [:]
        for (name, value) in context.parameters {
            parameters[String(name)] = QueryParameters.decode(value.utf8) ?? ""
        }
        return parameters
    }
}

/// The `Authorization` header of RFC 6750.
enum Bearer {
    static func token(in headers: HTTPFields) -> String? {
        guard let header = headers.value(.authorization) else { return nil }
        // As nearly everybody spells it.
        let token = header.utf8.dropFirst(7)
        let isPlain = !token.isEmpty && token.allSatisfy { (0x21...0x7E).contains($0) }
        if isPlain, header.utf8.starts(with: "Bearer ".utf8) { return String(token) }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1]).trimmed
    }
}

extension RouteTable {
    /// The methods under which a path is known: those of the route that the router takes it for, which is the one that
    /// spells out most of it.
    func methods(of path: String) -> [HTTPRequest.Method] {
        let parts = path.split(separator: "/")
        if FrontDesk.rootPaths.contains("/" + parts.joined(separator: "/")) { return [.get, .head] }
        guard parts.count > 2, parts[0] == "api", parts[1] == "v1" else { return [] }
        let fitting = self.entries.filter { entry in
            let pattern = entry.path.split(separator: "/")
            return pattern.count == parts.count - 2
                && zip(pattern, parts.dropFirst(2)).allSatisfy { $0 == $1 || $0.hasPrefix("{") }
        }
        let spelling = fitting.map { entry in entry.path.split(separator: "/").map { $0.hasPrefix("{") ? "{" : "a" }.joined() }
        let best = spelling.min()
        let methods = zip(fitting, spelling).filter { $1 == best }.map(\.0.method)
        // HEAD is answered wherever GET is.
        return methods.flatMap { $0 == .get ? [.get, .head] : [$0] }
    }
}
