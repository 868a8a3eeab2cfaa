import HTTPTypes
import Hummingbird
import NIOCore

/// What came of a request's body. It is taken off the connection before anything is answered: what is wrong with it must not
/// be met behind the answer, where it could only lead to a second one.
enum IncomingBody: Sendable {
    case whole(ByteBuffer)
    /// It came to its end and was thrown away: a request may follow it.
    case discarded
    /// The same, since too many large ones are being worked on.
    case refused
    /// The rest may still be to come, and is no use: the connection ends with the answer.
    case tooLarge
    /// Its chunks make no sense, or it ended before its length. No request can follow it.
    case broken

    /// How much of a body is read, in bytes.
    struct Limits: Sendable {
        /// Of a body that is kept.
        var kept: Int
        /// Of one that is read to be thrown away. A browser that is still sending hears no answer: a form with a file too large
        /// should be told so.
        var discarded: Int
        /// How long it may take to arrive.
        var timeout: TimeAmount

        /// Of what is no file.
        static let ordinary = Limits(kept: 1 << 20, discarded: 0, timeout: .seconds(30))
        /// Of a form with a file of ten megabytes, over a line that takes half a megabit a second.
        static let file = Limits(kept: MultipartForm.maximumFile + (16 << 10), discarded: 40 << 20, timeout: .seconds(180))
        /// Of a form with a file that nobody will look at.
        static let unwanted = Limits(kept: ordinary.kept, discarded: file.discarded, timeout: ordinary.timeout)
    }

    /// - Parameter arrived: all of it, if it has come
    static func take(
        _ request: Request,
        arrived: ByteBuffer?,
        from channel: any Channel,
        _ limits: Limits = .ordinary
    ) async -> IncomingBody {
        let patience = max(limits.kept, limits.discarded)
        if let length = request.headers.value(.contentLength).flatMap({ Int($0) }), length > patience { return .tooLarge }
        // A request that announces no body has none: its end has come with its head.
        if !request.headers.contains(.contentLength), !request.headers.contains(.transferEncoding) { return .whole(ByteBuffer()) }
        if let arrived {
            guard arrived.readableBytes <= patience else { return .tooLarge }
            return arrived.readableBytes <= limits.kept ? .whole(arrived) : .discarded
        }
        // A body that does not arrive in time ends the connection, as a head does.
        let deadline = channel.eventLoop.scheduleTask(in: limits.timeout) { channel.close(promise: nil) }
        defer { deadline.cancel() }
        var (bytes, count) = (ByteBuffer(), 0)
        do {
            for try await portion in request.body {
                count += portion.readableBytes
                guard count <= patience else { return .tooLarge }
                if count <= limits.kept {
                    bytes.writeImmutableBuffer(portion)
                } else {
                    bytes = ByteBuffer()
                }
            }
        } catch {
            return .broken
        }
        return count <= limits.kept ? .whole(bytes) : .discarded
    }

    /// Whether another request may follow it.
    var isWhole: Bool {
        switch self {
        case .whole, .discarded, .refused: true
        case .tooLarge, .broken: false
        }
    }

    /// - Throws: 413, 400 for one that is broken, or 503 for one that there was no place for
    func get() throws(APIError) -> ByteBuffer {
        switch self {
        case .whole(let bytes): return bytes
        case .discarded, .tooLarge: throw APIError(.payloadTooLarge)
        case .refused: throw APIError(.unavailable, retryAfter: 3)
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
