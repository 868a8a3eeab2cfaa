import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import REST

/// Connections of ordinary requests: each has a task for as long as it lives, which sockets have not.
struct HTTPSide: Sendable {
    private let desk: FrontDesk
    private let isSecure: Bool
    private let logger: Logger

    /// - Parameters:
    ///   - desk: answers
    ///   - isSecure: whether TLS ends here
    ///   - logger: for what handlers have to tell
    init(desk: FrontDesk, isSecure: Bool, logger: Logger) {
        self.desk = desk
        self.isSecure = isSecure
        self.logger = logger
    }

    /// Answers a connection's requests, one after the other, until it ends.
    func handle(_ connection: HTTPConnection) async {
        await withTaskCancellationHandler {
            do {
                try await self.answerAll(connection)
                // The client may still be reading.
                try await connection.finish()
            } catch {
                connection.channel.close(promise: nil)
            }
            // Fails never.
            try? await connection.channel.closeFuture.get()
        } onCancel: {
            // Whatever the task waits for ends with it.
            connection.channel.close(promise: nil)
        }
    }

    private func answerAll(_ connection: HTTPConnection) async throws {
        let peer = connection.channel.peerAddress
        while let arrived = try await connection.nextHead() {
            let head = try HTTPRequest(head: arrived, isSecure: self.isSecure)
            let whole = try await connection.wholeBody()
            let request = Request(head: head, body: whole.map { .init(buffer: $0) } ?? .init(asyncSequence: Portions(connection)))
            let context = APIContext(channel: connection.channel, peer: peer, arrived: whole, logger: self.logger)
            let response = try await self.desk.respond(to: request, context: context)
            try await self.write(response, to: connection)
            while try await connection.nextPortion() != nil {}
            // What a client sent behind the last request that is answered, it may send again elsewhere.
            guard arrived.isKeepAlive, !response.headers.endConnection else { return }
        }
    }

    private func write(_ response: Response, to connection: HTTPConnection) async throws {
        if response.body.contentLength != nil {
            try await response.body.write(AnswerWriter(connection, response))
        } else {
            // A stream's client wants to know that it has begun.
            try await connection.write(HTTPResponseHead(response), nil, isEnd: false)
            try await response.body.write(AnswerWriter(connection))
        }
    }
}

extension HTTPResponseHead {
    fileprivate init(_ response: Response) {
        var headers = HTTPHeaders()
        headers.reserveCapacity(response.headers.count + 1)
        for field in response.headers { headers.add(name: field.name.rawName, value: field.value) }
        headers.add(name: "Date", value: HTTPDate.now())
        let status = HTTPResponseStatus(statusCode: response.status.code, reasonPhrase: response.status.reasonPhrase)
        self.init(version: .http1_1, status: status, headers: headers)
    }
}

/// The body of a request that is still arriving.
private struct Portions: AsyncSequence, AsyncIteratorProtocol, Sendable {
    private let connection: HTTPConnection

    init(_ connection: HTTPConnection) {
        self.connection = connection
    }

    func makeAsyncIterator() -> Portions { self }

    func next() async throws -> ByteBuffer? { try await self.connection.nextPortion() }
}

/// Writes an answer's body. One that comes in one piece leaves together with its head and its end.
private struct AnswerWriter: ResponseBodyWriter {
    private let connection: HTTPConnection
    /// The answer, until its head has been written.
    private var kept: Response?
    /// Its body, if that has come in one piece.
    private var whole: ByteBuffer?

    init(_ connection: HTTPConnection, _ kept: Response? = nil) {
        self.connection = connection
        self.kept = kept
    }

    mutating func write(_ buffer: ByteBuffer) async throws {
        if let kept, self.whole == nil, buffer.readableBytes == kept.body.contentLength {
            self.whole = buffer
        } else {
            try await self.writeKept()
            try await self.connection.write(nil, buffer, isEnd: false)
        }
    }

    private mutating func writeKept() async throws {
        guard let kept else { return }
        try await self.connection.write(HTTPResponseHead(kept), self.whole, isEnd: false)
        (self.kept, self.whole) = (nil, nil)
    }

    consuming func finish(_ trailers: HTTPFields?) async throws {
        if let kept {
            let allocator = self.connection.channel.allocator
            if let answer = WholeAnswer(kept.status, kept.headers, body: self.whole, allocator: allocator) {
                return try await self.connection.write(answer)
            }
            try await self.writeKept()
        }
        try await self.connection.write(nil, nil, isEnd: true)
    }
}
