import NIOCore
import NIOHTTP1

/// A connection of ordinary requests, as its task sees it. The task runs on the connection's event loop: what it asks of the
/// ``RequestHandler`` is then a call, and elsewhere as right, by way of the loop.
struct HTTPConnection: Sendable {
    let channel: any Channel
    private let handler: NIOLoopBound<RequestHandler>

    /// To be called on the channel's event loop; adds the handler behind those that read HTTP.
    init(_ channel: any Channel) throws {
        let handler = RequestHandler()
        try channel.pipeline.syncOperations.addHandler(handler)
        self.channel = channel
        self.handler = NIOLoopBound(handler, eventLoop: channel.eventLoop)
    }

    /// The head of the next request, once it has come and the body of the one before is over.
    ///
    /// - Returns: `nil` if no other comes
    func nextHead() async throws -> HTTPRequestHead? {
        while true {
            switch try await self.next() {
            case .head(let head): return head
            case .body, .end: continue
            case nil: return nil
            }
        }
    }

    /// The body of the request whose head was taken last, if all of it is here.
    func wholeBody() async throws -> ByteBuffer? { try await self.onLoop { $0.takeBody() } }

    /// The next portion of a body.
    ///
    /// - Returns: `nil` at its end
    /// - Throws: `HTTPParserError` for a body that is broken, or ends too early
    func nextPortion() async throws -> ByteBuffer? {
        guard try await self.onLoop({ $0.hasBodyLeft }) else { return nil }
        switch try await self.next() {
        case .body(let portion): return portion
        case .end: return nil
        case .head, nil: throw HTTPParserError.invalidEOFState
        }
    }

    private func next() async throws -> HTTPServerRequestPart? {
        try await withCheckedThrowingContinuation { reader in
            if self.channel.eventLoop.inEventLoop {
                self.handler.value.next(reader)
            } else {
                self.channel.eventLoop.execute { self.handler.value.next(reader) }
            }
        }
    }

    /// Writes a part of an answer, all in one go, once the client has read enough of what went before.
    ///
    /// - Throws: `ChannelError` when the connection is gone
    func write(_ head: HTTPResponseHead?, _ body: ByteBuffer?, isEnd: Bool) async throws {
        while try await !self.onLoop({ try $0.write(head, body, isEnd: isEnd) }) { await self.becomeWritable() }
    }

    /// Writes a whole answer, once the client has read enough of those before.
    ///
    /// - Throws: `ChannelError` when the connection is gone
    func write(_ answer: WholeAnswer) async throws {
        while try await !self.onLoop({ try $0.write(answer) }) { await self.becomeWritable() }
    }

    private func becomeWritable() async {
        await withCheckedContinuation { writer in
            self.channel.eventLoop.execute { self.handler.value.whenWritable(writer) }
        }
    }

    /// Ends the output behind what has been written.
    func finish() async throws { try await self.onLoop { $0.finish() } }

    private func onLoop<Value: Sendable>(_ body: @escaping @Sendable (RequestHandler) throws -> Value) async throws -> Value {
        let eventLoop = self.channel.eventLoop
        guard !eventLoop.inEventLoop else { return try body(self.handler.value) }
        return try await eventLoop.submit { try body(self.handler.value) }.get()
    }
}
