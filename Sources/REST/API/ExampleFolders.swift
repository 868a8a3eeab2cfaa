import HTTPTypes
import Hummingbird

/// Sees to it that the pages under `/examples/` are asked for by the addresses that their relative links need.
///
/// To be put before the `FileMiddleware`, which takes `/examples` for `/examples/`, and redirects other folders to addresses
/// that lack its base path.
struct ExampleFolders: RouterMiddleware {
    typealias Context = APIContext

    @concurrent
    func handle(
        _ request: Request,
        context: APIContext,
        next: @concurrent (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        if context.path == "/examples" {
            return Response(status: .found, headers: [.location: "/examples/" + (request.uri.query.map { "?\($0)" } ?? "")])
        }
        let response = try await next(request, context)
        if context.path.hasPrefix("/examples/"), response.headers[.location] != nil { throw HTTPError(.notFound) }
        return response
    }
}
