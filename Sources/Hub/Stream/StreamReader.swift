public import NIOCore

/// The bytes of an open stream of server-sent events, for the task that writes the HTTP answer.
public struct StreamReader: Sendable {
    private let session: NIOLoopBound<SocketSession>
    private let eventLoop: any EventLoop

    init(_ session: SocketSession, eventLoop: any EventLoop) {
        self.session = NIOLoopBound(session, eventLoop: eventLoop)
        self.eventLoop = eventLoop
    }

    /// Waits for more to write. To be called again once the connection has taken what came: until then nothing is gathered.
    ///
    /// - Returns: whole events, or `nil` at the stream's end
    public func next() async -> ByteBuffer? {
        let question = self.eventLoop.makePromise(of: ByteBuffer?.self)
        self.eventLoop.execute { self.session.value.streamAsked(question) }
        return try? await question.futureResult.get()
    }

    /// Nothing will be written any more. It has to be called, whatever happened, and may be called again.
    public func close() {
        self.eventLoop.execute { self.session.value.streamIsOver() }
    }
}

extension RealtimeHub {
    /// Opens a stream of server-sent events: on the same logs and cursors as sockets, and within the same limits.
    ///
    /// - Parameters:
    ///   - request: who wants to read what
    ///   - channel: the connection that the answer goes to, accepted on one of the Hub's loops; with it the stream ends
    /// - Returns: once every topic is acknowledged, so that whatever commits from here on comes; or why not
    public func openStream(
        _ request: StreamRequest,
        on channel: any Channel
    ) async -> Result<StreamReader, StreamRefusal> {
        if self.isDraining { return .failure(.draining) }
        guard self.counts.mayShakeHands(request.address) else { return .failure(.tooMany) }
        let eventLoop = channel.eventLoop
        let promise = eventLoop.makePromise(of: Result<StreamReader, StreamRefusal>.self)
        let shard = self.shard(of: eventLoop)
        eventLoop.execute { shard.openStream(request, on: channel, promise) }
        return (try? await promise.futureResult.get()) ?? .failure(.unavailable)
    }
}

extension Shard {
    fileprivate func openStream(
        _ request: StreamRequest,
        on channel: any Channel,
        _ promise: EventLoopPromise<Result<StreamReader, StreamRefusal>>
    ) {
        guard channel.isActive else { return promise.succeed(.failure(.unavailable)) }
        guard self.counts.addSocket(from: request.address) else { return promise.succeed(.failure(.tooMany)) }
        let session = SocketSession(shard: self, address: request.address)
        let stream = EventStream(channel: channel, settings: self.settings)
        self.add(stream)
        session.open(stream, request) { refusal in
            let reader = StreamReader(session, eventLoop: self.eventLoop)
            promise.succeed(refusal.map { .failure($0) } ?? .success(reader))
        }
        // Not by the connection's close future: it may have many streams, one after the other, and would keep all that they leave.
        stream.whenGone { [weak session, weak stream] in
            session?.streamIsOver()
            guard let stream else { return }
            stream.finish()
            self.remove(stream)
        }
    }
}
