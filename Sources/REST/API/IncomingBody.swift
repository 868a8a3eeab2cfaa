import HTTPTypes
import Hummingbird
import NIOCore

/// What came of a request's body. It is taken off the connection before anything is answered: what is wrong with it must not
/// be met behind the answer, where it could only lead to a second one.
enum IncomingBody: Sendable {
    case whole(ByteBuffer)
    /// The rest may still be to come, and is no use: the connection ends with the answer.
    case tooLarge
    /// Its chunks make no sense, or it ended before its length. No request can follow it.
    case broken

    /// The largest body that is read, in bytes.
    private static let maximum = 1 * 1_024 * 1_024
    private static let timeout = TimeAmount.seconds(30)

    static func take(_ request: Request, from channel: any Channel) async -> IncomingBody {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > self.maximum { return .tooLarge }
        // A body that does not arrive in time ends the connection, as a head does.
        let deadline = channel.eventLoop.scheduleTask(in: self.timeout) { channel.close(promise: nil) }
        defer { deadline.cancel() }
        do {
            return .whole(try await request.body.collect(upTo: self.maximum))
        } catch is NIOTooManyBytesError {
            return .tooLarge
        } catch {
            return .broken
        }
    }

    /// Whether another request may follow it.
    var isWhole: Bool {
        if case .whole = self { true } else { false }
    }

    /// - Throws: 413, or 400 for one that is broken
    func get() throws(APIError) -> ByteBuffer {
        switch self {
        case .whole(let bytes): return bytes
        case .tooLarge: throw APIError(.payloadTooLarge)
        case .broken:
            throw APIError(
                .badRequest,
                message: LocalizedText(
                    "The body did not arrive as HTTP/1.1 has it",
                    "Тіло запиту надійшло не за правилами HTTP/1.1"
                )
            )
        }
    }
}
