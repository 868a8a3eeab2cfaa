import NIOCore

/// A session that writes server-sent events. It authenticates, subscribes, is fed and ends as a socket's does; it takes no
/// commands, and its answer begins only once every topic is acknowledged.
extension SocketSession {
    /// Checks the token and starts the subscriptions; `completion` is told why not, or `nil`. Nothing is left of one that is
    /// refused.
    func open(_ stream: EventStream, _ request: StreamRequest, _ completion: @escaping (StreamRefusal?) -> Void) {
        self.stream = stream
        self.admit(token: request.token, withDefaults: false) {
            if self.shard.isDraining { self.restart() }
            if let refusal = self.refusal { return self.refuse(refusal, completion) }
            self.follow(request) { refusal in
                if let refusal { return self.refuse(refusal, completion) }
                completion(nil)
            }
        }
    }

    private func follow(_ request: StreamRequest, _ completion: @escaping (StreamRefusal?) -> Void) {
        guard let principal else { return completion(.unauthorized) }
        guard request.topics.count <= self.shard.settings.maximumTopics else { return completion(.tooManyTopics) }
        for name in request.topics {
            switch self.shard.access.grant(name, to: principal) {
            case .durable: continue
            case .forbidden: return completion(.forbidden)
            case .unknown: return completion(.unknownTopic(name))
            }
        }
        for name in request.topics {
            let place = request.position.places[name]
            self.subscribe(name, SubscribeRequest(since: place?.seq, epoch: place?.epoch))
        }
        self.whenSettled = { isLive in
            completion(isLive ? nil : self.refusal ?? .unavailable)
        }
        self.settleIfDone()
    }

    private func refuse(_ refusal: StreamRefusal, _ completion: (StreamRefusal?) -> Void) {
        self.leave()
        self.streamIsOver()
        completion(refusal)
    }

    /// What a socket would be told by a close code as soon as it is there.
    private var refusal: StreamRefusal? {
        switch self.closeOnArrival?.code {
        case nil: nil
        case .tokenExpired, .badToken: .unauthorized
        case .tooFast: .tooMany
        case .forbidden: .forbidden
        case .restart: .draining
        case .overloaded, .timeout: .unavailable
        }
    }

    // MARK: Output

    /// Whoever comes back with this misses nothing of what has not been written yet, and gets nothing twice.
    private var position: String {
        var id = ""
        for subscription in self.subscriptions {
            let topic = subscription.topic
            switch subscription.phase {
            case .live, .refilling:
                StreamPosition.append(topic.clientName, subscription.cursor, topic.epoch, to: &id)
            case .joining(let request), .locating(let request):
                guard let since = request.since, let epoch = request.epoch else { continue }
                StreamPosition.append(topic.clientName, since, epoch, to: &id)
            }
        }
        return id
    }

    func write(_ frame: ByteBuffer, to stream: EventStream) {
        stream.write(id: self.position, StreamText.event(frame))
        self.shard.touch(self)
    }

    func write(_ note: Note, to stream: EventStream) {
        stream.write(id: self.position, note.streamed)
        self.shard.touch(self)
    }

    /// Writes as many events as fill the reader's portion, one by one: each carries the position in all topics.
    ///
    /// - Parameter page: read from the log for this reader
    /// - Returns: false if what follows has to be read from the log
    func write(_ page: [LogEntry], of subscription: Subscription, to stream: EventStream) -> Bool {
        let topic = subscription.topic
        // A page that was read for it is not read again: it goes out whole.
        for entry in page where entry.seq == subscription.cursor + 1 { self.write(entry, of: subscription, to: stream) }
        while subscription.cursor < topic.last, stream.isWritable {
            guard let entry = topic.ring[subscription.cursor + 1] else { return false }
            self.write(entry, of: subscription, to: stream)
        }
        return true
    }

    private func write(_ entry: LogEntry, of subscription: Subscription, to stream: EventStream) {
        subscription.cursor = entry.seq
        stream.write(id: self.position, entry.frame(subscription.variant))
        self.shard.touch(self)
    }

    // MARK: The reader

    /// The connection has taken what it was given, and wants more.
    func streamAsked(_ question: EventLoopPromise<ByteBuffer?>) {
        guard let stream else { return question.succeed(nil) }
        stream.ask(question)
        for subscription in self.subscriptions {
            self.shard.feed(subscription)
            self.shard.tellMissedNotes(subscription)
        }
        self.shard.touch(self)
    }

    /// The answer has ended, or its connection.
    func streamIsOver() {
        self.leave()
        guard let stream else { return }
        stream.finish()
        self.shard.remove(stream)
    }
}
