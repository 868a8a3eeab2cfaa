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
        response.writeStaticString("HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n")
        self.write("sec-websocket-accept", request.accept, to: &response)
        if let subprotocol {
            precondition(request.subprotocols.contains(subprotocol), "A subprotocol that the client did not offer")
            self.write("sec-websocket-protocol", subprotocol, to: &response)
        }
        if let deflate { self.write("sec-websocket-extensions", deflate.response, to: &response) }
        for (name, value) in headers {
            precondition(!(name + value).utf8.contains { $0 == 0x0D || $0 == 0x0A }, "A header with a line break")
            self.write(name, value, to: &response)
        }
        response.writeStaticString("\r\n")
        return response
    }

    private static func write(_ name: String, _ value: String, to response: inout ByteBuffer) {
        response.writeString(name)
        response.writeStaticString(": ")
        response.writeString(value)
        response.writeStaticString("\r\n")
    }
}
