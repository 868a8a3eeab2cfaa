import HTTPTypes
import Hummingbird
import JSON

/// Which side a request is for.
struct FrontDoor: HTTPResponder {
    let bot: BotSide
    let control: ControlSide
    let page: PageSide

    func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
        let path = request.uri.path.dropFirst()
        if path.hasPrefix("bot"), path.contains("/") {
            return try await self.bot.respond(to: request, path: path.dropFirst(3))
        }
        if path.hasPrefix("sandbox/") {
            guard Self.isOwnOrigin(request) else { return JSONAnswer.make(ControlError(403, "another site may not do this")) }
            return await self.control.respond(to: request, path: path.dropFirst("sandbox/".count))
        }
        return self.page.respond(to: request, path: path) ?? JSONAnswer.make(APIError.notFound.json, status: 404)
    }

    /// No page of another site may act here: browsers say where a request comes from.
    private static func isOwnOrigin(_ request: Request) -> Bool {
        guard let origin = request.headers[.origin] else { return true }
        guard let host = request.head.authority else { return false }
        return origin == "http://\(host)" || origin == "https://\(host)"
    }
}
