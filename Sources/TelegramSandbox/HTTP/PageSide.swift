import HTTPTypes
import Hummingbird
import NIOCore

/// The telephone in the browser: `/`, and `/<bot>?start=…`, which is where the sandbox's deep links lead.
struct PageSide: Sendable {
    /// Nothing from elsewhere, nothing written into the page.
    private static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        + "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"

    let username: String

    /// - Returns: nil if there is no such page.
    func respond(to request: Request, path: Substring) -> Response? {
        guard request.method == .get || request.method == .head else { return nil }
        switch path {
        case "", Substring(self.username): return self.answer(PackageResources.page_html, "text/html; charset=utf-8")
        case "assets/page.css": return self.answer(PackageResources.page_css, "text/css; charset=utf-8")
        case "assets/page.js": return self.answer(PackageResources.page_js, "text/javascript; charset=utf-8")
        case "assets/texts.js": return self.answer(PackageResources.texts_js, "text/javascript; charset=utf-8")
        case "assets/messages.js": return self.answer(PackageResources.messages_js, "text/javascript; charset=utf-8")
        default: return nil
        }
    }

    private func answer(_ bytes: [UInt8], _ type: String) -> Response {
        var headers: HTTPFields = [.contentType: type, .cacheControl: "no-cache", .xContentTypeOptions: "nosniff"]
        headers[.contentSecurityPolicy] = Self.policy
        // The address of a deep link holds its code.
        if let name = HTTPField.Name("Referrer-Policy") { headers[name] = "no-referrer" }
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
