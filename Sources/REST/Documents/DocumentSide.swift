import HTTPTypes
import Hummingbird
import NIOCore
import Secrets

/// `/docs`, and the descriptions that it shows: for everybody, the same as long as the node runs.
struct DocumentSide: Sendable {
    /// One of the answers.
    struct Document: Sendable {
        let path: String
        let type: String
        let bytes: ByteBuffer
        let tag: String

        init(_ path: String, _ type: String, _ bytes: [UInt8]) {
            self.path = path
            self.type = type
            self.bytes = ByteBuffer(bytes: bytes)
            self.tag = "\"" + Base64URL.encode(Array(Crypto.sha256(bytes).prefix(12))) + "\""
        }

        init(_ path: String, _ type: String, _ text: String) {
            self.init(path, type, Array(text.utf8))
        }
    }

    /// What stands at which path.
    static let documents = [
        Document("/docs", "text/html; charset=utf-8", PackageResources.docs_html),
        Document("/docs/realtime", "text/html; charset=utf-8", PackageResources.docs_html),
        Document("/docs/docs.css", "text/css; charset=utf-8", PackageResources.docs_css),
        Document("/docs/docs.js", "text/javascript; charset=utf-8", PackageResources.docs_js),
        Document("/docs/schema.js", "text/javascript; charset=utf-8", PackageResources.schema_js),
        Document("/openapi.json", "application/json", BundledDocuments.openapiJSON),
        Document("/openapi.yaml", "application/yaml", BundledDocuments.openapiYAML),
        Document("/asyncapi.json", "application/json", BundledDocuments.asyncapiJSON),
        Document("/asyncapi.yaml", "application/yaml", BundledDocuments.asyncapiYAML),
    ]

    /// Nothing from elsewhere, nothing written into the page.
    private static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; form-action 'none'; "
        + "base-uri 'none'; frame-ancestors 'none'"

    static func mount(on router: Router<APIContext>) {
        for document in self.documents {
            router.get(RouterPath(document.path)) { request, _ in self.answer(document, request) }
        }
    }

    private static func answer(_ document: Document, _ request: Request) -> Response {
        // Asked for again each time: another node, or this one tomorrow, may be of another version.
        var headers: HTTPFields = [.eTag: document.tag, .cacheControl: "no-cache"]
        if document.type.hasPrefix("text/html") { headers[.contentSecurityPolicy] = self.policy }
        if self.isKnown(document.tag, request.headers[.ifNoneMatch]) { return Response(status: .notModified, headers: headers) }
        headers[.contentType] = document.type
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: document.bytes))
    }

    /// `If-None-Match` of RFC 9110 section 13.1.2.
    static func isKnown(_ tag: String, _ header: String?) -> Bool {
        guard let header else { return false }
        return header.split(separator: ",").contains { part in
            let known = String(part).trimmed
            return known == "*" || known == tag || known == "W/" + tag
        }
    }
}
