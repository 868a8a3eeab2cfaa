import JSON
import NIOCore

/// A WebSocket as a test sees it: commands out, messages in, in order. Pings are answered unless it is told to hang. A message
/// that is not as asyncapi.yaml says is none that a test could expect.
public final class SocketClient: Sendable {
    /// How the handshake is to look.
    public struct Handshake: Sendable {
        /// Path and query.
        public var target = "/ws"
        /// `Sec-WebSocket-Version`.
        public var version = "13"
        /// `Sec-WebSocket-Protocol` entries.
        public var subprotocols: [String] = []
        /// More headers.
        public var headers: [(String, String)] = []
        /// A request to send first on the same connection, and to read the answer of.
        public var precededBy: String?
        /// Whether pings are answered.
        public var answersPings = true

        /// An anonymous one.
        public init() {}

        /// With a token in the header, as programs do it.
        public static func header(_ token: String, version1: Bool = true) -> Handshake {
            var handshake = Handshake()
            handshake.headers = [("Authorization", "Bearer \(token)")]
            if version1 { handshake.subprotocols = ["adelante.v1"] }
            return handshake
        }

        /// With a token beside the subprotocol, as our pages do it.
        public static func subprotocol(_ token: String) -> Handshake {
            var handshake = Handshake()
            handshake.subprotocols = ["adelante.v1", "bearer.\(token)"]
            return handshake
        }

        /// With a token in the query, as the existing frontend does it; it knows no subprotocol.
        public static func query(_ token: String) -> Handshake {
            var handshake = Handshake()
            handshake.target = "/ws?token=\(token)"
            return handshake
        }

        /// With another header.
        public func with(_ name: String, _ value: String) -> Handshake {
            var handshake = self
            handshake.headers.append((name, value))
            return handshake
        }

        /// With another value of one of the properties.
        public func with<Value>(_ property: WritableKeyPath<Handshake, Value>, _ value: Value) -> Handshake {
            var handshake = self
            handshake[keyPath: property] = value
            return handshake
        }
    }

    /// What arrives.
    public enum Incoming: Sendable {
        /// A text message.
        case message(JSONValue)
        /// A close frame; the code is 1005 if it has none.
        case close(code: Int, reason: String)
        /// The connection ended.
        case end
    }

    /// What the server answered to the handshake; 101 if this is a socket.
    public let answer: HTTPAnswer
    private let stream: ByteStream
    private let inbox = Inbox<(Incoming, ContinuousClock.Instant)>()

    private init(stream: ByteStream, answer: HTTPAnswer) {
        self.stream = stream
        self.answer = answer
    }

    deinit {
        self.stream.close()
    }

    // MARK: Coming and going

    /// Shakes hands.
    ///
    /// - Throws: ``Unexpected`` when the server refuses
    public static func connect(_ port: Int, _ handshake: Handshake, file: String = #fileID, line: Int = #line) async throws
        -> SocketClient
    {
        let (stream, answer, rest) = try await self.shakeHands(port, handshake)
        guard answer.status == 101 else {
            stream.close()
            throw Unexpected("\(answer.status) instead of a socket: \(answer.text)", file: file, line: line)
        }
        guard answer.header("sec-websocket-accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" else {
            stream.close()
            throw Unexpected("a wrong Sec-WebSocket-Accept", file: file, line: line)
        }
        let client = SocketClient(stream: stream, answer: answer)
        let inbox = client.inbox
        // Ends with the connection, which the client's deinit closes.
        let isNode = !handshake.target.hasPrefix("/echo")
        Task { await Self.receive(stream, rest, inbox, isNode: isNode, answersPings: handshake.answersPings) }
        return client
    }

    /// Shakes hands with a server that refuses, and says how.
    public static func refusal(_ port: Int, _ handshake: Handshake, file: String = #fileID, line: Int = #line) async throws
        -> HTTPAnswer
    {
        let (stream, answer, _) = try await self.shakeHands(port, handshake)
        stream.close()
        guard answer.status != 101 else { throw Unexpected("a socket instead of a refusal", file: file, line: line) }
        return answer
    }

    private static func shakeHands(_ port: Int, _ handshake: Handshake) async throws -> (ByteStream, HTTPAnswer, [UInt8]) {
        let stream = try await ByteStream.connect(port: port)
        var reader = HTTPReader(stream)
        if let first = handshake.precededBy {
            stream.write("GET \(first) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n\r\n")
            try await reader.next().expect(200)
        }
        stream.write(self.request(port, handshake))
        let answer = try await reader.next()
        return (stream, answer, reader.rest)
    }

    /// The handshake's text, with the key of RFC 6455 section 1.3.
    public static func request(_ port: Int, _ handshake: Handshake) -> String {
        var lines = [
            "GET \(handshake.target) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: \(handshake.version)",
        ]
        if !handshake.subprotocols.isEmpty {
            lines.append("Sec-WebSocket-Protocol: \(handshake.subprotocols.joined(separator: ", "))")
        }
        lines += handshake.headers.map { "\($0): \($1)" }
        return lines.joined(separator: "\r\n") + "\r\n\r\n"
    }

    private static func receive(
        _ stream: ByteStream,
        _ rest: [UInt8],
        _ inbox: Inbox<(Incoming, ContinuousClock.Instant)>,
        isNode: Bool,
        answersPings: Bool
    ) async {
        var frames = ServerFrames(rest)
        do {
            while true {
                while let frame = try frames.next() {
                    switch frame.opcode {
                    case 0x1:
                        let message = try JSONValue(parsing: frame.payload)
                        if isNode, let problem = FrameChecker.problem(message) { throw Unexpected("\(problem)") }
                        inbox.append((.message(message), .now))
                    case 0x8:
                        let code = frame.payload.prefix(2).reduce(0) { $0 << 8 | Int($1) }
                        let reason = String(decoding: frame.payload.dropFirst(2), as: UTF8.self)
                        inbox.append((.close(code: frame.payload.count < 2 ? 1005 : code, reason: reason), .now))
                        stream.write(ClientFrame.bytes(0x88, Array(frame.payload.prefix(2))))
                    case 0x9:
                        if answersPings { stream.write(ClientFrame.pong(frame.payload)) }
                    default:
                        throw Unexpected("a frame that begins with \(frame.first)")
                    }
                }
                guard let more = try await stream.read(within: .seconds(600)) else { break }
                frames.append(more)
            }
        } catch {
            inbox.append((.message(["type": "not understood by the test", "error": .string("\(error)")]), .now))
        }
        inbox.append((.end, .now))
        inbox.finish()
    }

    /// Ends the connection without a word.
    public func cut() {
        self.stream.close()
    }

    // MARK: Saying

    /// Sends a command.
    public func send(_ command: JSONValue) {
        self.send(frame: ClientFrame.text(String(decoding: command.jsonBytes, as: UTF8.self)))
    }

    /// Sends whatever frame.
    public func send(frame: [UInt8]) {
        self.stream.write(frame)
    }

    /// Sends a command and expects its answer next.
    @discardableResult
    public func ask(_ command: JSONValue, _ type: String, file: String = #fileID, line: Int = #line) async throws -> JSONValue {
        self.send(command)
        return try await self.expect(type, file: file, line: line)
    }

    /// Subscribes and expects the acknowledgement next.
    @discardableResult
    public func subscribe(_ topic: String, since: Int64? = nil, file: String = #fileID, line: Int = #line) async throws
        -> JSONValue
    {
        var command: JSONObject = ["type": "subscribe", "topic": .string(topic)]
        if let since { command["since"] = JSONValue(since) }
        return try await self.ask(.object(command), "subscribed", file: file, line: line)
    }

    // MARK: Hearing

    /// Whatever comes next, and when it came.
    public func next(
        within limit: Duration = .seconds(20),
        file: String = #fileID,
        line: Int = #line
    ) async throws -> (Incoming, ContinuousClock.Instant) {
        switch await self.inbox.next(within: limit) {
        case .element(let element): element
        case .finished: (.end, .now)
        case .timedOut: throw Unexpected("nothing came within \(limit)", file: file, line: line)
        }
    }

    /// The next message, which has to be of this type.
    @discardableResult
    public func expect(
        _ type: String,
        within limit: Duration = .seconds(20),
        file: String = #fileID,
        line: Int = #line
    ) async throws -> JSONValue {
        switch try await self.next(within: limit, file: file, line: line).0 {
        case .message(let message) where message["type"]?.string == type: return message
        case let other: throw Unexpected("\(other) instead of \(type)", file: file, line: line)
        }
    }

    /// The next message, an `error` with this code.
    @discardableResult
    public func expectError(_ code: String, file: String = #fileID, line: Int = #line) async throws -> JSONValue {
        let message = try await self.expect("error", file: file, line: line)
        guard message["code"]?.string == code, message["message"]?.string?.isEmpty == false else {
            throw Unexpected("\(message) instead of \(code)", file: file, line: line)
        }
        return message
    }

    /// Nothing has been sent to this socket that was not read yet: the answer to a ping comes next, behind every event.
    ///
    /// - Returns: the pong
    @discardableResult
    public func expectNothing(file: String = #fileID, line: Int = #line) async throws -> JSONValue {
        try await self.ask(["type": "ping"], "pong", file: file, line: line)
    }

    /// Next comes a close frame with this code, and then the connection's end.
    ///
    /// - Returns: the close frame's reason
    @discardableResult
    public func expectClose(
        _ code: Int,
        within limit: Duration = .seconds(20),
        file: String = #fileID,
        line: Int = #line
    ) async throws -> String {
        let (incoming, _) = try await self.next(within: limit, file: file, line: line)
        guard case .close(code, let reason) = incoming else {
            throw Unexpected("\(incoming) instead of a close with \(code)", file: file, line: line)
        }
        guard case .end = try await self.next(within: limit, file: file, line: line).0 else {
            throw Unexpected("something behind a close frame", file: file, line: line)
        }
        return reason
    }
}
