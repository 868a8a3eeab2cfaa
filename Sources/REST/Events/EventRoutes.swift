import HTTPTypes
import Hub

extension RouteTable {
    /// The events of the socket's topics for those who cannot have a socket.
    mutating func addEvents() {
        self.add(.get, "/events", .signedIn, onlyReads: false) { call in
            let request = try StreamRequest(call)
            let reader: StreamReader
            switch await call.backend.hub.openStream(request, on: call.channel) {
            case .success(let opened): reader = opened
            case .failure(let refusal): throw APIError(refusal: refusal)
            }
            // A proxy that gathers an answer before it passes it on would pass on nothing.
            var answer = Answer(headers: [.contentType: "text/event-stream", .accelBuffering: "no"])
            if call.method == .head { reader.close() } else { answer.stream = reader }
            return answer
        }
    }
}

extension StreamRequest {
    /// - Throws: 401 without a token, 422 without topics or with an id that is none
    fileprivate init(_ call: Call) throws(APIError) {
        guard let token = Bearer.token(in: call.headers) else { throw APIError(.notAuthenticated) }
        var seen: Set<String> = []
        let topics = (call.query["topics"] ?? "").split(separator: ",").map { String($0).trimmed }
            .filter { !$0.isEmpty && seen.insert($0).inserted }
        guard !topics.isEmpty else {
            throw APIError.invalid(
                "topics",
                LocalizedText("must name topics, with commas between them", "має називати теми, через кому")
            )
        }
        var position = StreamPosition()
        if let id = call.headers[.lastEventID], !id.isEmpty {
            guard let known = StreamPosition(id) else {
                throw APIError.invalid(
                    "Last-Event-ID",
                    LocalizedText("must be the id of an event of such a stream", "має бути id події такого потоку")
                )
            }
            position = known
        }
        self.init(token: token, topics: topics, position: position, address: ClientAddress.network(of: call.address))
    }
}

extension APIError {
    /// Why a stream does not begin, in the contract's shape.
    fileprivate init(refusal: StreamRefusal) {
        switch refusal {
        case .unauthorized:
            self.init(.notAuthenticated)
        case .forbidden:
            self.init(.forbidden)
        case .unknownTopic(let name):
            let name = name.prefix(64)
            self = .invalid("topics", LocalizedText("there is no topic \(name)", "немає теми \(name)"))
        case .tooManyTopics:
            self = .invalid("topics", LocalizedText("are too many for one stream", "забагато тем для одного потоку"))
        case .tooMany:
            self.init(
                .rateLimited,
                message: LocalizedText("Too many sockets and streams are open", "Відкрито забагато з'єднань"),
                retryAfter: 1
            )
        case .draining:
            self.init(.shuttingDown, retryAfter: 1)
        case .unavailable:
            self.init(.unavailable, retryAfter: 1)
        }
    }
}
