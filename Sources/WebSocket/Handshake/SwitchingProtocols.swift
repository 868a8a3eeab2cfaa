import NIOCore
import NIOHTTP1

/// The bytes of a 101 response (RFC 6455 4.2.2). Written by hand, so that they leave in one write with the first frames.
enum SwitchingProtocols {
    static func encode(
        _ request: WebSocketHandshake.Request,
        subprotocol: String?,
        deflate: PermessageDeflate?,
        headers: HTTPHeaders
    ) -> ByteBuffer {
        var response = ByteBuffer()
        response.reserveCapacity(384)
        response.writeStaticString(
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: "
        )
        response.writeString(request.accept)
        if let subprotocol {
            precondition(request.subprotocols.contains(subprotocol), "A subprotocol that the client did not offer")
            response.writeStaticString("\r\nsec-websocket-protocol: ")
            response.writeString(subprotocol)
        }
        if let deflate {
            response.writeStaticString("\r\nsec-websocket-extensions: ")
            response.writeString(deflate.response)
        }
        for (name, value) in headers {
            precondition(!(name + value).utf8.contains { $0 == 0x0D || $0 == 0x0A }, "A header with a line break")
            response.writeStaticString("\r\n")
            response.writeString(name)
            response.writeStaticString(": ")
            response.writeString(value)
        }
        response.writeStaticString("\r\n\r\n")
        return response
    }
}
