import JSON

/// Server-sent events as a test sees them: off the chunks of an answer that does not end, in order.
public final class StreamClient: Sendable {
    /// One event.
    public struct Event: Sendable {
        /// What to come back with as `Last-Event-ID`.
        public let id: String?
        /// Its `event` field.
        public let type: String
        /// Its `data`, as JSON.
        public let data: JSONValue
        /// How long a reader is asked to wait before it comes back, in milliseconds.
        public let retry: Int?
    }

    /// What arrives.
    public enum Incoming: Sendable {
        /// An event.
        case event(Event)
        /// A line that says nothing.
        case comment
        /// The answer has ended as HTTP wants it.
        case end
        /// The connection has, before the answer.
        case cut
    }

    /// The answer's status and headers.
    public let answer: HTTPAnswer
    private let stream: ByteStream
    private let inbox = Inbox<Incoming>()

    private init(stream: ByteStream, answer: HTTPAnswer) {
        self.stream = stream
        self.answer = answer
    }

    deinit {
        self.stream.close()
    }

    /// Asks for a stream.
    ///
    /// - Parameters:
    ///   - port: the node
    ///   - token: an access token
    ///   - topics: with commas between them
    ///   - id: the last event's, on coming back
    ///   - headers: more headers
    /// - Throws: ``Unexpected`` when the server refuses
    public static func open(
        _ port: Int,
        token: String,
        topics: String,
        after id: String? = nil,
        headers: [(String, String)] = [],
        file: String = #fileID,
        line: Int = #line
    ) async throws -> StreamClient {
        let stream = try await ByteStream.connect(port: port)
        var lines = [
            "GET /api/v1/events?topics=\(topics) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Authorization: Bearer \(token)",
        ]
        if let id { lines.append("Last-Event-ID: \(id)") }
        lines += headers.map { "\($0): \($1)" }
        stream.write(lines.joined(separator: "\r\n") + "\r\n\r\n")
        var reader = HTTPReader(stream)
        let answer = try await reader.head()
        guard answer.status == 200 else {
            stream.close()
            throw Unexpected("\(answer.status) instead of a stream", file: file, line: line)
        }
        if let problem = AnswerChecker.problem("GET", "/api/v1/events", answer) {
            stream.close()
            throw Unexpected(problem, file: file, line: line)
        }
        let client = StreamClient(stream: stream, answer: answer)
        // Ends with the connection, which the client's deinit closes.
        Task { [inbox = client.inbox, reader] in await Self.receive(reader, inbox) }
        return client
    }

    private static func receive(_ reader: HTTPReader, _ inbox: Inbox<Incoming>) async {
        var (reader, text) = (reader, [UInt8]())
        do {
            while let chunk = try await reader.chunk(within: .seconds(600)) {
                text += chunk
                while let end = text.firstRange(of: Array("\n\n".utf8)) {
                    let block = String(decoding: text[..<end.lowerBound], as: UTF8.self)
                    text.removeSubrange(..<end.upperBound)
                    inbox.append(try self.parse(block))
                }
            }
            inbox.append(.end)
        } catch {
            inbox.append(.cut)
        }
        inbox.finish()
    }

    private static func parse(_ block: String) throws -> Incoming {
        if block == ":" { return .comment }
        var fields: [String: String] = [:]
        for line in block.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { throw Unexpected("no field: \(line)") }
            let value = String(parts[1].hasPrefix(" ") ? parts[1].dropFirst() : parts[1])
            let name = String(parts[0])
            // More lines of data are lines of one text.
            fields[name] = fields[name].map { $0 + "\n" + value } ?? value
        }
        let data = try JSONValue(parsing: Array((fields["data"] ?? "null").utf8))
        if let problem = FrameChecker.problem(data) { throw Unexpected("\(problem)") }
        return .event(
            Event(
                id: fields["id"],
                type: fields["event"] ?? "message",
                data: data,
                retry: fields["retry"].flatMap { Int($0) }
            )
        )
    }

    /// Ends the connection without a word.
    public func cut() {
        self.stream.close()
    }

    /// Takes nothing more from the kernel, as a client that hangs does.
    public func stopReading() async throws {
        try await self.stream.stopReading()
    }

    /// Takes everything again.
    public func readAgain() async throws {
        try await self.stream.readAgain()
    }

    // MARK: Hearing

    /// Whatever comes next.
    public func next(
        within limit: Duration = .seconds(20),
        file: String = #fileID,
        line: Int = #line
    ) async throws -> Incoming {
        switch await self.inbox.next(within: limit) {
        case .element(let element): element
        case .finished: .cut
        case .timedOut: throw Unexpected("nothing came within \(limit)", file: file, line: line)
        }
    }

    /// The next event, which has to be of this type; comments are passed over.
    @discardableResult
    public func expect(
        _ type: String,
        within limit: Duration = .seconds(20),
        file: String = #fileID,
        line: Int = #line
    ) async throws -> Event {
        while true {
            switch try await self.next(within: limit, file: file, line: line) {
            case .comment: continue
            case .event(let event) where event.type == type && event.data["type"]?.string == type: return event
            case let other: throw Unexpected("\(other) instead of \(type)", file: file, line: line)
            }
        }
    }

    /// Next comes the last event, with this code, and then the answer's end.
    @discardableResult
    public func expectClosed(
        _ code: Int,
        within limit: Duration = .seconds(20),
        file: String = #fileID,
        line: Int = #line
    ) async throws -> Event {
        let event = try await self.expect("closed", within: limit, file: file, line: line)
        guard event.data["code"]?.int == Int64(code) else {
            throw Unexpected("\(event.data) instead of \(code)", file: file, line: line)
        }
        guard case .end = try await self.next(within: limit, file: file, line: line) else {
            throw Unexpected("something behind the last event", file: file, line: line)
        }
        return event
    }
}
