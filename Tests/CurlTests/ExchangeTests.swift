import Curl
import Support
import Testing

/// Requests and answers, byte by byte.
@Suite struct ExchangeTests {
    @Test func `a GET has no body and says nothing that was not asked`() async throws {
        let server = try await ByteServer.start()
        try await withCurl { curl in
            async let answer = curl.send(CurlRequest(.get, server.url("/a?b=c")))
            let stream = try await server.accept()
            let head = try await stream.readText()
            #expect(
                head == "GET /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\nUser-Agent: adelante\r\nAccept: */*\r\n\r\n"
            )
            stream.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
            #expect(try await answer == CurlResponse(status: 200, body: Array("hi".utf8)))
        }
    }

    @Test func `a POST carries its headers and its body, whatever is in it`() async throws {
        let server = try await ByteServer.start()
        let body: [UInt8] = [0, 0xFF, 0x0D, 0x0A] + [UInt8](repeating: 0x61, count: 4096)
        try await withCurl { curl in
            async let answer = curl.send(
                CurlRequest(.post, server.url(), headers: [("Content-Type", "application/json"), ("X-A", "1")], body: body)
            )
            let stream = try await server.accept()
            var bytes: [UInt8] = []
            while bytes.suffix(body.count) != body[...] { bytes += try #require(try await stream.read()) }
            let head = String(decoding: bytes.dropLast(body.count), as: UTF8.self)
            #expect(head.hasPrefix("POST / HTTP/1.1\r\n"))
            #expect(head.contains("\r\nContent-Type: application/json\r\nX-A: 1\r\nContent-Length: 4100\r\n"))
            #expect(!head.contains("Expect"))
            stream.write("HTTP/1.1 429 Too Many\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n")
            #expect(try await answer == CurlResponse(status: 429, body: [], retryAfter: .seconds(7)))
        }
    }

    @Test func `a POST may be empty`() async throws {
        let server = try await ByteServer.start()
        try await withCurl { curl in
            async let answer = curl.send(CurlRequest(.post, server.url()))
            let stream = try await server.accept()
            #expect(try await stream.readText().contains("\r\nContent-Length: 0\r\n"))
            stream.write("HTTP/1.1 204 No Content\r\n\r\n")
            #expect(try await answer.status == 204)
        }
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nthree",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nth\r\n3\r\nree\r\n0\r\n\r\n",
        "HTTP/1.0 200 OK\r\n\r\nthree",
    ])
    func `a body ends by its length, its last chunk or the connection`(answer: String) async throws {
        let server = try await ByteServer.start()
        try await withCurl { curl in
            async let response = curl.send(CurlRequest(.get, server.url()))
            let stream = try await server.accept()
            _ = try await stream.readText()
            stream.write(answer)
            if answer.hasPrefix("HTTP/1.0") { stream.close() }
            #expect(try await response.body == Array("three".utf8))
        }
    }

    @Test func `a connection is used again`() async throws {
        let server = try await ByteServer.start()
        try await withCurl { curl in
            async let first = curl.send(CurlRequest(.get, server.url("/1")))
            let stream = try await server.accept()
            _ = try await stream.readText()
            stream.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            _ = try await first
            async let second = curl.send(CurlRequest(.get, server.url("/2")))
            #expect(try await stream.readText().hasPrefix("GET /2 "))
            stream.write("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
            #expect(try await second.status == 201)
        }
    }

    @Test func `a redirection is an answer, and is not followed`() async throws {
        let (server, other) = (try await ByteServer.start(), try await ByteServer.start())
        try await withCurl { curl in
            async let answer = curl.send(CurlRequest(.get, server.url("/secret")))
            let stream = try await server.accept()
            _ = try await stream.readText()
            stream.write("HTTP/1.1 302 Found\r\nLocation: \(other.url("/secret"))\r\nContent-Length: 0\r\n\r\n")
            #expect(try await answer.status == 302)
        }
        #expect(await other.isUnvisited())
    }

    @Test func `many at a time get each its own answer`() async throws {
        let server = try await ByteServer.start()
        try await withCurl { curl in
            try await withThrowingTaskGroup(of: (Int, String).self) { group in
                for number in 0..<100 {
                    group.addTask {
                        let answer = try await curl.send(CurlRequest(.post, server.url(), body: Array("<\(number)>".utf8)))
                        return (number, String(decoding: answer.body, as: UTF8.self))
                    }
                }
                for _ in 0..<100 {
                    let stream = try await server.accept()
                    let request = try await stream.readText(through: ">")
                    let body = request[(request.lastIndex(of: "<") ?? request.startIndex)...]
                    stream.write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
                }
                for try await (number, body) in group { #expect(body == "<\(number)>") }
            }
        }
    }
}
