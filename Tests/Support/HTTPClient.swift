import JSON
import Synchronization

/// A small HTTP/1.1 client for one port of 127.0.0.1. Connections are kept and used again.
public final class HTTPClient: Sendable {
    /// The server's port.
    public let port: Int
    /// What the server has logged, if it is a node of ours.
    private let log: (@Sendable () -> String)?
    private let idle = Mutex<[ByteStream]>([])

    /// - Parameters:
    ///   - port: the server's port
    ///   - log: what it has logged, if it is a node of ours: then an answer that is not as openapi.yaml says is an error
    public init(port: Int, log: (@Sendable () -> String)? = nil) {
        self.port = port
        self.log = log
    }

    deinit {
        for stream in self.idle.withLock({ $0 }) { stream.close() }
    }

    /// Asks with a JSON body.
    public func request(
        _ method: String,
        _ path: String,
        headers: [(String, String)] = [],
        json: JSONValue?
    ) async throws -> HTTPAnswer {
        guard let json else { return try await self.request(method, path, headers: headers) }
        let isTyped = headers.contains { $0.0.lowercased() == "content-type" }
        let headers = isTyped ? headers : headers + [("Content-Type", "application/json")]
        return try await self.request(method, path, headers: headers, body: json.jsonBytes)
    }

    /// Asks with whatever bytes.
    public func request(
        _ method: String,
        _ path: String,
        headers: [(String, String)] = [],
        body: [UInt8]? = nil
    ) async throws -> HTTPAnswer {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(self.port)\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if let body { head += "Content-Length: \(body.count)\r\n" }
        let bytes = Array((head + "\r\n").utf8) + (body ?? [])
        let answer = try await self.exchange(bytes, on: try await self.connection())
        if let log, let problem = AnswerChecker.problem(method, path, answer) {
            let errors = answer.status < 500 ? [] : log().split(separator: "\n").filter { $0.contains("error") }.suffix(3)
            throw Unexpected(([problem] + errors.map(String.init)).joined(separator: "\n"))
        }
        return answer
    }

    /// Nothing is ever sent twice: of the kept connections only one that the server has not closed will do.
    private func connection() async throws -> ByteStream {
        while let kept = self.idle.withLock({ $0.popLast() }) {
            if kept.isOpen { return kept }
        }
        return try await ByteStream.connect(port: self.port)
    }

    private func exchange(_ bytes: [UInt8], on stream: ByteStream) async throws -> HTTPAnswer {
        stream.write(bytes)
        var reader = HTTPReader(stream)
        do {
            let answer = try await reader.next()
            if answer.header("connection")?.lowercased().hasSuffix("close") == true || !reader.rest.isEmpty {
                stream.close()
            } else {
                self.idle.withLock { $0.append(stream) }
            }
            return answer
        } catch {
            stream.close()
            throw error
        }
    }
}
