import HTTPTypes
import NIOHTTP1
import NIOHTTPTypesHTTP1

extension HTTPRequest {
    /// The request of a head, as swift-nio-extras makes it: that asks Foundation to read every target as a URL, though only one that
    /// does not begin with a slash can be more than a path and a query.
    init(head: HTTPRequestHead, isSecure: Bool) throws {
        guard head.uri.utf8.first == UInt8(ascii: "/") else {
            self = try HTTPRequest(head, secure: isSecure, splitCookie: false)
            return
        }
        var authority: String?
        var fields = HTTPFields()
        fields.reserveCapacity(head.headers.count)
        for (text, value) in head.headers {
            guard let name = KnownFields.names[text] ?? HTTPField.Name(text) else { continue }
            if name.canonicalName == "host", authority == nil {
                authority = value
            } else {
                fields.append(HTTPField(name: name, value: value))
            }
        }
        self.init(
            method: try Method(head.method),
            scheme: isSecure ? "https" : "http",
            authority: authority,
            path: head.uri,
            headerFields: fields
        )
    }
}

/// Names that browsers and proxies send with every request, as they spell them: checked and made small letters once.
private enum KnownFields {
    static let names: [String: HTTPField.Name] = {
        let spellings = [
            "Host", "Connection", "Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Cache-Control", "Cookie",
            "Content-Length", "Content-Type", "If-Match", "If-None-Match", "Idempotency-Key", "Last-Event-ID", "Origin", "Pragma",
            "Referer", "User-Agent", "Sec-Fetch-Dest", "Sec-Fetch-Mode", "Sec-Fetch-Site", "sec-ch-ua", "sec-ch-ua-mobile",
            "sec-ch-ua-platform", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "X-Request-Id",
        ]
        let all = Set(spellings + spellings.map { $0.lowercased() })
        return Dictionary(uniqueKeysWithValues: all.compactMap { text in HTTPField.Name(text).map { (text, $0) } })
    }()
}
