import Curl
import Support
import Testing

@Suite struct FailureTests {
    private static let secret = "/bot123:SECRET/getMe"

    @Test(arguments: [
        "ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/", "127.0.0.1", "", "http://127.0.0.1/a b",
        "http://127.0.0.1/\r\nX: 1", "http://127.0.0.1/\u{0}", "http://127.0.0.1/ї", "http://[::1", "https://",
    ])
    func `a URL that is not plain HTTP is refused`(url: String) async throws {
        try await withCurl { curl in
            #expect(await curl.failure(CurlRequest(.get, url))?.code == .invalidRequest)
        }
    }

    @Test(arguments: [
        ("A", "b\r\nC: d"), ("A", "b\nC: d"), ("A", "\u{0}"), ("", "b"), ("A:", "b"), ("A B", "b"), ("A\r\nB", "b"),
    ])
    func `a header cannot smuggle another one in`(name: String, value: String) async throws {
        try await withCurl { curl in
            let request = CurlRequest(.get, "http://127.0.0.1:9/", headers: [(name, value)])
            #expect(await curl.failure(request)?.code == .invalidRequest)
        }
    }

    @Test func `nobody listens, or nobody has that name`() async throws {
        let server = try await ByteServer.start()
        try await server.stop()
        try await withCurl { curl in
            #expect(await curl.failure(CurlRequest(.get, server.url()))?.code == .connectFailed)
            #expect(await curl.failure(CurlRequest(.get, "http://nobody.invalid/"))?.code == .connectFailed)
        }
    }

    @Test(arguments: [
        "", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfi",
    ])
    func `a connection that breaks is told from an answer`(answer: String) async throws {
        let server = try await ByteServer.start()
        try await withCurl { curl in
            async let failure = curl.failure(CurlRequest(.get, server.url()))
            let stream = try await server.accept()
            _ = try await stream.readText()
            stream.write(answer)
            stream.close()
            #expect(await failure?.code == .connectionLost)
        }
    }

    @Test func `what is no HTTP is told from an answer`() async throws {
        let server = try await ByteServer.start()
        try await withCurl { curl in
            async let failure = curl.failure(CurlRequest(.get, server.url()))
            let stream = try await server.accept()
            _ = try await stream.readText()
            stream.write("220 mail.example ESMTP\r\n")
            stream.close()
            #expect(await failure?.code == .protocolError)
        }
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "a", count: 1001),
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + String(repeating: "a", count: 1001),
        "HTTP/1.1 200 OK\r\nX-A: " + String(repeating: "a", count: 1001) + "\r\n",
    ])
    func `an answer that is too long is not read to its end`(answer: String) async throws {
        let server = try await ByteServer.start()
        try await withCurl { curl in
            async let failure = curl.failure(CurlRequest(.get, server.url(), maxAnswerBytes: 1000))
            let stream = try await server.accept()
            _ = try await stream.readText()
            stream.write(answer)
            #expect(await failure?.code == .answerTooLarge)
            #expect(try await stream.read() == nil, "the connection is closed")
        }
    }

    @Test func `an answer of just that length is fine`() async throws {
        let server = try await ByteServer.start()
        try await withCurl { curl in
            async let answer = curl.send(CurlRequest(.get, server.url(), maxAnswerBytes: 1000))
            let stream = try await server.accept()
            _ = try await stream.readText()
            stream.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + String(repeating: "a", count: 1000))
            #expect(try await answer.body.count == 1000)
        }
    }

    @Test func `an answer that does not come is not waited for`() async throws {
        let server = try await ByteServer.start()
        try await withCurl { curl in
            let begin = ContinuousClock.now
            async let failure = curl.failure(CurlRequest(.get, server.url(), timeout: .milliseconds(300)))
            let stream = try await server.accept()
            _ = try await stream.readText()
            stream.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nth")
            #expect(await failure?.code == .timeout)
            #expect(ContinuousClock.now - begin >= .milliseconds(250))
            #expect(try await stream.read() == nil, "the connection is closed")
        }
    }

    @Test func `a server that does not greet is not waited for as long as an answer`() async throws {
        let server = try await ByteServer.start()
        try await withCurl { curl in
            let request = CurlRequest(
                .get,
                server.url(scheme: "https"),
                connectTimeout: .milliseconds(300),
                timeout: .seconds(600)
            )
            #expect(await curl.failure(request)?.code == .timeout)
        }
    }

    @Test func `neither a request nor an error shows a secret`() async throws {
        let server = try await ByteServer.start()
        try await server.stop()
        let request = CurlRequest(.post, server.url(Self.secret), headers: [("X-Key", "SECRET")], body: Array("SECRET".utf8))
        var dumped = ""
        dump(request, to: &dumped)
        for text in ["\(request)", String(reflecting: request), dumped] { #expect(!text.contains("SECRET")) }
        try await withCurl { curl in
            for url in [
                server.url(Self.secret), "http://nobody.invalid\(Self.secret)", "ftp://a\(Self.secret)", "http://[\(Self.secret)",
            ] {
                let failure = try #require(await curl.failure(CurlRequest(.get, url)))
                #expect(!"\(failure) \(String(reflecting: failure))".contains("SECRET"))
            }
        }
    }
}
