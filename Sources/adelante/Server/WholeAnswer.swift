import HTTPTypes
import NIOCore
import NIOHTTP1
import REST

/// An answer whose body is there with its head, as it goes out (RFC 9112 4 and 6).
///
/// NIO's encoder writes answers in parts. It is told the fields in a type of its own, looks through them for how the body is
/// framed, and each part is passed along the pipeline; of a whole answer all of that is known.
struct WholeAnswer: Sendable {
    /// Of more than this the body stays where it is, and the two are written beside each other.
    private static let joinedBytes = 4_096
    /// More than the status line and the fields of nearly every answer.
    private static let headBytes = 1_024

    /// The head, and the body if ``rest`` has none.
    let bytes: ByteBuffer
    let rest: ByteBuffer?
    /// Whether it says that the connection ends behind it.
    let isLast: Bool
    /// Of the body.
    let count: Int

    /// - Parameters:
    ///   - fields: with `Content-Length`, unless the status has no body
    ///   - body: `nil` for none, which is also the answer to HEAD
    /// - Returns: `nil` if the fields do not say how long the body is
    init?(_ status: HTTPResponse.Status, _ fields: HTTPFields, body: ByteBuffer?, allocator: ByteBufferAllocator) {
        let line = HTTPResponseStatus(statusCode: status.code, reasonPhrase: status.reasonPhrase)
        let hasNoBody = !line.mayHaveResponseBody
        let body = hasNoBody ? nil : body
        self.count = body?.readableBytes ?? 0
        let isJoined = self.count <= Self.joinedBytes
        var bytes = allocator.buffer(capacity: Self.headBytes + (isJoined ? self.count : 0))
        bytes.writeStaticString("HTTP/1.1 ")
        bytes.writeString(String(line.code))
        bytes.writeStaticString(" ")
        bytes.writeString(line.reasonPhrase)
        bytes.writeStaticString("\r\n")
        var isFramed = hasNoBody
        for field in fields {
            switch field.name {
            case .contentLength:
                if hasNoBody { continue }
                isFramed = true
            case .transferEncoding:
                return nil
            default:
                break
            }
            bytes.writeString(field.name.rawName)
            bytes.writeStaticString(": ")
            bytes.writeString(field.value)
            bytes.writeStaticString("\r\n")
        }
        guard isFramed else { return nil }
        bytes.writeStaticString("Date: ")
        bytes.writeString(HTTPDate.now())
        bytes.writeStaticString("\r\n\r\n")
        if let body, isJoined { bytes.writeImmutableBuffer(body) }
        self.bytes = bytes
        self.rest = isJoined ? nil : body
        self.isLast = fields.endConnection
    }
}
