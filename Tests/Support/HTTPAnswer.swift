import JSON

/// What a server answered to one request.
public struct HTTPAnswer: Sendable {
    /// The status.
    public let status: Int
    /// The headers in their order, names in lower case.
    public let headers: [(name: String, value: String)]
    /// The body's bytes.
    public let body: [UInt8]

    /// The body as text.
    public var text: String { String(decoding: self.body, as: UTF8.self) }

    /// The first header of a name, whatever its case.
    public func header(_ name: String) -> String? {
        self.headers.first { $0.name == name.lowercased() }?.value
    }

    /// The body as JSON; null if there is none.
    public var json: JSONValue {
        get throws { self.body.isEmpty ? .null : try JSONValue(parsing: self.body) }
    }

    /// A member of the body; null if there is none.
    public subscript(name: String) -> JSONValue {
        (try? self.json[name]) ?? .null
    }

    /// The answer itself, if it has this status.
    ///
    /// - Throws: ``Unexpected`` with the body otherwise
    @discardableResult
    public func expect(_ status: Int, file: String = #fileID, line: Int = #line) throws -> HTTPAnswer {
        guard self.status == status else {
            throw Unexpected("\(self.status) instead of \(status): \(self.text)", file: file, line: line)
        }
        return self
    }
}

/// Reads answers off a connection: HTTP/1.1 with a length, chunks, or the connection's end (RFC 9112 section 6.3).
public struct HTTPReader {
    private let stream: ByteStream
    /// What was read beyond the last answer.
    public private(set) var rest: [UInt8]

    /// - Parameters:
    ///   - stream: where to read
    ///   - rest: what was read already
    public init(_ stream: ByteStream, rest: [UInt8] = []) {
        self.stream = stream
        self.rest = rest
    }

    /// The next answer without its body, which is still to come.
    public mutating func head() async throws -> HTTPAnswer {
        let head = String(decoding: try await self.take(through: Array("\r\n\r\n".utf8)), as: UTF8.self)
        var lines = head.split(separator: "\r\n")[...]
        guard let status = lines.popFirst()?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw Unexpected("no status line: \(head)")
        }
        let headers = lines.map { line -> (name: String, value: String) in
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            return (parts[0].lowercased(), parts.count == 2 ? String(parts[1].drop { $0 == " " }) : "")
        }
        return HTTPAnswer(status: status, headers: headers, body: [])
    }

    /// The next answer. A 101 has no body.
    public mutating func next() async throws -> HTTPAnswer {
        let head = try await self.head()
        var body: [UInt8] = []
        if head.status == 101 || head.status == 204 || head.status == 304 {
        } else if let length = head.header("content-length").flatMap({ Int($0) }) {
            body = try await self.take(count: length)
        } else if head.header("transfer-encoding") == "chunked" {
            while let chunk = try await self.chunk() { body += chunk }
        } else {
            while let more = try await self.stream.read() { self.rest += more }
            (body, self.rest) = (self.rest, [])
        }
        return HTTPAnswer(status: head.status, headers: head.headers, body: body)
    }

    /// The next chunk of a body; nil at its end.
    ///
    /// - Parameter limit: how long each read may take
    public mutating func chunk(within limit: Duration = .seconds(20)) async throws -> [UInt8]? {
        let line = String(decoding: try await self.take(through: [0x0D, 0x0A], within: limit).dropLast(2), as: UTF8.self)
        guard let size = Int(line.prefix { $0 != ";" }, radix: 16) else { throw Unexpected("no chunk size: \(line)") }
        let chunk = try await self.take(count: size)
        _ = try await self.take(through: [0x0D, 0x0A])
        return size > 0 ? chunk : nil
    }

    private mutating func take(count: Int) async throws -> [UInt8] {
        while self.rest.count < count { try await self.readMore() }
        defer { self.rest.removeFirst(count) }
        return Array(self.rest.prefix(count))
    }

    private mutating func take(through end: [UInt8], within limit: Duration = .seconds(20)) async throws -> [UInt8] {
        while true {
            if let range = self.rest.firstRange(of: end) {
                defer { self.rest.removeSubrange(..<range.upperBound) }
                return Array(self.rest[..<range.upperBound])
            }
            try await self.readMore(within: limit)
        }
    }

    private mutating func readMore(within limit: Duration = .seconds(20)) async throws {
        guard let more = try await self.stream.read(within: limit) else {
            throw Unexpected("the connection ended in the middle of an answer: \(String(decoding: self.rest, as: UTF8.self))")
        }
        self.rest += more
    }
}
