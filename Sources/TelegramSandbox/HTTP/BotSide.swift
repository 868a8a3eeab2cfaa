import HTTPTypes
import Hummingbird
import JSON

/// `/bot<token>/<method>`: what a bot talks to.
struct BotSide: Sendable {
    /// The longest `getUpdates` waits, in seconds.
    private static let longestPoll: Int64 = 50

    let sandbox: Sandbox

    /// - Parameter path: what stands behind `/bot`.
    func respond(to request: Request, path: Substring) async throws -> Response {
        do throws(APIError) {
            let parts = path.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, Self.isToken(parts[0]) else { throw .notFound }
            guard parts[0] == self.sandbox.token else { throw .unauthorized }
            return try await self.answer(String(parts[1]), request)
        } catch {
            return Self.refusal(error)
        }
    }

    private func answer(_ method: String, _ request: Request) async throws(APIError) -> Response {
        let parameters = try await ParameterReader.read(request)
        do throws(APIError) {
            if let error = self.sandbox.change({ $0.takeFault(method) }) { throw error }
            let reply =
                method.lowercased() == "getupdates"
                ? try await self.getUpdates(parameters)
                : try self.sandbox.change { world throws(APIError) in try world.call(method, parameters, now: Sandbox.now) }
            self.sandbox.change { $0.record(method, parameters.values, status: 200) }
            return JSONAnswer.make(reply.json)
        } catch {
            self.sandbox.change { $0.record(method, parameters.values, status: error.code) }
            throw error
        }
    }

    private func getUpdates(_ parameters: Parameters) async throws(APIError) -> Reply {
        let limit = Int(min(max(parameters.int("limit") ?? 100, 1), 100))
        let seconds = min(max(parameters.int("timeout") ?? 0, 0), Self.longestPoll)
        let poll = try self.sandbox.change { world throws(APIError) in
            let poll = try world.beginPoll()
            try world.allow(parameters)
            world.updates.confirm(parameters.int("offset") ?? 0)
            return poll
        }
        let updates = try await self.sandbox.wait(.seconds(seconds)) { world throws(APIError) in
            try world.look(poll: poll, limit: limit)
        }
        return Reply(.array(updates ?? self.sandbox.change { $0.finish(poll: poll, limit: limit) }))
    }

    private static func isToken(_ text: Substring) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 2 && Int64(parts[0]) != nil && !parts[1].isEmpty
            && parts[1].utf8.allSatisfy(StartParameter.isAllowed)
    }

    private static func refusal(_ error: APIError) -> Response {
        var response = JSONAnswer.make(error.json, status: error.code)
        if let seconds = error.retryAfter { response.headers[.retryAfter] = "\(seconds)" }
        return response
    }
}
