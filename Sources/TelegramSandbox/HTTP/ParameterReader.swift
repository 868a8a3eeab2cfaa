import HTTPTypes
import Hummingbird
import JSON
import NIOCore

/// Reads a call's parameters off a request (Bot API, "Making requests").
enum ParameterReader {
    private static let longestBody = 1 << 20

    static func read(_ request: Request) async throws(APIError) -> Parameters {
        var parameters = Parameters()
        if let query = request.uri.query {
            guard let values = FormText.parse(query) else { throw .badRequest("can't parse the URL's query") }
            parameters.add(values)
        }
        guard request.method == .post else {
            guard request.method == .get else { throw APIError(405, "Method Not Allowed") }
            return parameters
        }
        let body = try await self.body(request)
        guard !body.isEmpty else { return parameters }
        parameters.add(try self.values(body, contentType: request.headers[.contentType] ?? ""))
        return parameters
    }

    static func body(_ request: Request) async throws(APIError) -> [UInt8] {
        do {
            return Array(try await request.body.collect(upTo: self.longestBody).readableBytesView)
        } catch {
            throw .tooLarge
        }
    }

    private static func values(_ body: [UInt8], contentType: String) throws(APIError) -> JSONObject {
        let type = contentType.prefix { $0 != ";" && $0 != " " }.lowercased()
        switch type {
        case "application/json":
            guard let object = (try? JSONValue(parsing: body))?.object else {
                throw .badRequest("can't parse the body as a JSON object")
            }
            return object
        case "multipart/form-data":
            guard let boundary = Multipart.boundary(contentType), let values = Multipart.parse(body, boundary: boundary) else {
                throw .badRequest("can't parse the multipart body")
            }
            return values
        case "application/x-www-form-urlencoded", "":
            guard let values = FormText.parse(String(decoding: body, as: UTF8.self)) else {
                throw .badRequest("can't parse the form")
            }
            return values
        default:
            throw .badRequest("unsupported Content-Type")
        }
    }
}
