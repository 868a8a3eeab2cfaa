import NIOCore
import NIOHTTP1

/// The HTTP answer to a handshake that is not accepted.
enum RefusedHandshake {
    /// Its headers and body. The connection ends with it.
    static func answer(
        _ status: HTTPResponseStatus,
        _ more: HTTPHeaders,
        _ reason: String,
        _ head: HTTPRequestHead?,
        _ describe: RefusalDescription
    ) -> (headers: HTTPHeaders, body: String) {
        var (headers, body) = describe(status, reason, head)
        headers.add(contentsOf: more)
        headers.replaceOrAdd(name: "content-length", value: "\(body.utf8.count)")
        headers.replaceOrAdd(name: "connection", value: status == .upgradeRequired ? "upgrade, close" : "close")
        return (headers, body)
    }

    /// The bytes of all of it (RFC 9112).
    static func encode(_ status: HTTPResponseStatus, _ headers: HTTPHeaders, _ body: String) -> ByteBuffer {
        var response = ByteBuffer()
        response.writeString("HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n")
        for (name, value) in headers {
            precondition(!(name + value).utf8.contains { $0 == 0x0D || $0 == 0x0A }, "A header with a line break")
            response.writeString("\(name): \(value)\r\n")
        }
        response.writeString("\r\n\(body)")
        return response
    }
}
