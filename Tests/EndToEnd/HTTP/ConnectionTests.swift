import JSON
import Support
import Testing

@Suite("Connections of ordinary requests", .inTurn)
struct ConnectionTests {
    @Test("requests that are sent at once are answered in their order, each with its own body")
    func pipelining() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let desk = try await salon.login(.admin)
        let stream = try await ByteStream.connect(port: desk.node.port)
        let names = (0..<30).map { "Клієнт \($0)" }
        let bodies = names.map { JSONValue.object(["firstName": .string($0)]).text }
        let requests = bodies.map { body in
            self.head("POST", "/clients", desk.token, "Content-Type: application/json", "Content-Length: \(body.utf8.count)")
                + body
        }
        stream.write(requests.joined() + self.head("GET", "/auth/me", desk.token))
        var reader = HTTPReader(stream)
        for name in names {
            let answer = try await reader.next()
            #expect(answer.status == 201 && answer["firstName"] == .string(name))
        }
        try await reader.next().expect(200)
        #expect(reader.rest.isEmpty)
        stream.close()
    }

    @Test("an answer to HEAD has no body, whatever it says: the next one follows its head")
    func heads() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let desk = try await salon.login(.admin)
        let stream = try await ByteStream.connect(port: desk.node.port)
        var reader = HTTPReader(stream)
        let statuses = [
            ("/auth/me", desk.token, 200), ("/auth/me", "none", 401), ("/nothing", desk.token, 404),
            ("/clients/0", desk.token, 404),
        ]
        for (path, token, status) in statuses {
            stream.write(self.head("HEAD", path, token) + self.head("GET", "/auth/me", desk.token))
            let answer = try await reader.head()
            #expect(answer.status == status)
            #expect(answer.header("content-length").flatMap { Int($0) } ?? 0 > 0)
            try await reader.next().expect(200)
        }
        stream.close()
    }

    @Test("a body is read however it is cut, with a length and in chunks, and the next request follows it")
    func pieces() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let desk = try await salon.login(.admin)
        let stream = try await ByteStream.connect(port: desk.node.port)
        let note = String(repeating: "нотатка ", count: 20_000)
        let body = Array(JSONValue.object(["firstName": "Ольга", "notes": .string(note)]).text.utf8)
        var reader = HTTPReader(stream)
        for isChunked in [false, true, false] {
            let length = isChunked ? "Transfer-Encoding: chunked" : "Content-Length: \(body.count)"
            stream.write(self.head("POST", "/clients", desk.token, "Content-Type: application/json", length))
            for start in stride(from: 0, to: body.count, by: 5_000) {
                let piece = Array(body[start..<min(start + 5_000, body.count)])
                stream.write(isChunked ? Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + [13, 10] : piece)
            }
            if isChunked { stream.write("0\r\n\r\n") }
            // Too long a note: all of it has been read.
            try await reader.next().expectError(422, "VALIDATION_ERROR", fields: ["notes"])
            stream.write(self.head("GET", "/auth/me", desk.token))
            try await reader.next().expect(200)
        }
        stream.close()
    }

    @Test("a client that ends its side behind its requests gets all of the answers, and then the end")
    func halfClosure() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let desk = try await salon.login(.admin)
        let stream = try await ByteStream.connect(port: desk.node.port)
        stream.write(String(repeating: self.head("GET", "/auth/me", desk.token), count: 3))
        stream.endOutput()
        var reader = HTTPReader(stream)
        for _ in 0..<3 { try await reader.next().expect(200) }
        #expect(reader.rest.isEmpty)
        #expect(try await stream.read() == nil)
    }

    @Test("the answer to a request with Connection: close is the connection's last")
    func lastRequest() async throws {
        let node = try await Deployment.standard.value.a
        let stream = try await ByteStream.connect(port: node.port)
        stream.write("GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        var reader = HTTPReader(stream)
        try await reader.next().expect(200)
        stream.endOutput()
        #expect(reader.rest.isEmpty)
        #expect(try await stream.read() == nil)
    }

    @Test("a client that stops reading gets everything once it reads again")
    func slowReader() async throws {
        let node = try await Deployment.standard.value.a
        let once = try await node.http.request("GET", "/openapi.json").body
        let stream = try await ByteStream.connect(port: node.port)
        try await stream.stopReading()
        // Far more than a socket takes.
        let count = (24 << 20) / once.count
        stream.write(String(repeating: "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n", count: count))
        try await stream.readAgain()
        var reader = HTTPReader(stream)
        for _ in 0..<count { #expect(try await reader.next().body == once) }
        stream.close()
    }

    @Test("one that has ended its side reads all of its last answer, however large, and however late")
    func slowReaderThatHasEnded() async throws {
        let node = try await Deployment.standard.value.a
        let once = try await node.http.request("GET", "/openapi.json").body
        let stream = try await ByteStream.connect(port: node.port)
        try await stream.stopReading()
        let count = (24 << 20) / once.count
        stream.write(String(repeating: "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n", count: count))
        stream.endOutput()
        try await stream.readAgain()
        var reader = HTTPReader(stream)
        for _ in 0..<count { #expect(try await reader.next().body == once) }
        #expect(try await stream.read() == nil)
    }

    @Test("what says in any way that it is a connection's last request is answered, and the connection ends")
    func lastRequests() async throws {
        let node = try await Deployment.standard.value.a
        for request in ["GET /health HTTP/1.0\r\n\r\n", "GET /health HTTP/1.1\r\nHost: x\r\nConnection: TE, Close\r\n\r\n"] {
            let stream = try await ByteStream.connect(port: node.port)
            stream.write(request)
            var reader = HTTPReader(stream)
            try await reader.next().expect(200)
            #expect(reader.rest.isEmpty)
            #expect(try await stream.read() == nil)
        }
    }

    @Test("nothing is done that was sent behind a request whose answer ends the connection")
    func behindTheLast() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let desk = try await salon.login(.admin)
        let stream = try await ByteStream.connect(port: desk.node.port)
        let body = JSONValue.object(["firstName": "Behind"]).text
        let large = String(repeating: "x", count: (1 << 20) + 10_000)
        stream.write(
            self.head("POST", "/clients", desk.token, "Content-Type: application/json", "Transfer-Encoding: chunked")
                + "\(String(large.utf8.count, radix: 16))\r\n\(large)\r\n0\r\n\r\n"
                + self.head(
                    "POST",
                    "/clients",
                    desk.token,
                    "Content-Type: application/json",
                    "Content-Length: \(body.utf8.count)"
                )
                + body
        )
        var reader = HTTPReader(stream)
        try await reader.next().expectError(413, "PAYLOAD_TOO_LARGE")
        stream.endOutput()
        #expect(reader.rest.isEmpty)
        #expect(try await stream.read() == nil)
        #expect(try await desk.get("/clients?search=Behind").expect(200).json == [])
    }

    @Test("a target in absolute form is what its path and query are")
    func absoluteForm() async throws {
        let node = try await Deployment.standard.value.a
        let stream = try await ByteStream.connect(port: node.port)
        var reader = HTTPReader(stream)
        for target in ["http://x/health", "http://x:80/health?a=b", "/health?c=d"] {
            stream.write("GET \(target) HTTP/1.1\r\nHOST: x\r\n\r\n")
            #expect(try await reader.next().json == ["status": "healthy"])
        }
        stream.close()
    }

    private func head(_ method: String, _ path: String, _ token: String, _ more: String...) -> String {
        let lines = ["\(method) /api/v1\(path) HTTP/1.1", "Host: x", "Authorization: Bearer \(token)"] + more
        return lines.joined(separator: "\r\n") + "\r\n\r\n"
    }
}
