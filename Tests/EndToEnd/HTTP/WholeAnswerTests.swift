import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import adelante

@Suite("An answer in one piece, as a value")
struct WholeAnswerTests {
    private static func answer(_ status: HTTPResponse.Status, _ fields: HTTPFields, _ body: ByteBuffer? = nil) -> WholeAnswer? {
        WholeAnswer(status, fields, body: body, allocator: ByteBufferAllocator())
    }

    /// Without the date.
    private static func text(_ answer: WholeAnswer) -> String {
        String(buffer: answer.bytes).split(separator: "\r\n", omittingEmptySubsequences: false)
            .filter { !$0.hasPrefix("Date: ") }.joined(separator: "\r\n")
    }

    @Test("a small body leaves with its head, in one buffer")
    func small() throws {
        let fields: HTTPFields = [.contentType: "application/json", .contentLength: "2"]
        let answer = try #require(Self.answer(.ok, fields, ByteBuffer(string: "{}")))
        #expect(Self.text(answer) == "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
        #expect(String(buffer: answer.bytes).contains("\r\nDate: "))
        #expect(answer.rest == nil && answer.count == 2 && !answer.isLast)
    }

    @Test("a large one stays where it is")
    func large() throws {
        let body = ByteBuffer(repeating: UInt8(ascii: "a"), count: 100_000)
        let answer = try #require(Self.answer(.ok, [.contentLength: "100000"], body))
        #expect(Self.text(answer) == "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        #expect(answer.rest == body && answer.count == 100_000)
    }

    @Test("the answer to HEAD says how long the body would be")
    func head() throws {
        let answer = try #require(Self.answer(.ok, [.contentLength: "77"]))
        #expect(Self.text(answer) == "HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\n")
        #expect(answer.count == 0)
    }

    @Test("a status that has no body has none, nor a length", arguments: [HTTPResponse.Status.noContent, .notModified])
    func bodiless(status: HTTPResponse.Status) throws {
        let answer = try #require(Self.answer(status, [.contentLength: "4", .eTag: "\"1\""], ByteBuffer(string: "body")))
        #expect(Self.text(answer) == "HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\nETag: \"1\"\r\n\r\n")
    }

    @Test("whoever says that the connection ends is believed", arguments: ["close", "Close"])
    func last(word: String) throws {
        #expect(try #require(Self.answer(.ok, [.connection: word, .contentLength: "0"])).isLast)
    }

    @Test("an answer of unknown length is none in one piece")
    func unframed() {
        #expect(Self.answer(.ok, [:]) == nil)
        #expect(Self.answer(.ok, [.contentLength: "0", .transferEncoding: "chunked"]) == nil)
    }

    @Test("it says what NIO's encoder says")
    func asEncoded() throws {
        let fields: HTTPFields = [
            .contentType: "text/plain; charset=utf-8", .vary: "Origin", .accessControlAllowOrigin: "http://localhost:3000",
            .contentLength: "5", .retryAfter: "1",
        ]
        let named: [HTTPResponse.Status] = [.ok, .created, .notFound, .unprocessableContent, .serviceUnavailable, .noContent]
        for status in named + named.map({ HTTPResponse.Status(code: $0.code) }) {
            let body = status.code == 204 ? nil : ByteBuffer(string: "hello")
            let answer = try #require(Self.answer(status, fields, body))
            let (text, encoded) = (Self.text(answer), try Self.encoded(status, fields, body))
            #expect(text == encoded)
        }
    }

    private static func encoded(_ status: HTTPResponse.Status, _ fields: HTTPFields, _ body: ByteBuffer?) throws -> String {
        let channel = EmbeddedChannel(handler: HTTPResponseEncoder())
        let headers = HTTPHeaders(fields.map { ($0.name.rawName, $0.value) })
        let line = HTTPResponseStatus(statusCode: status.code, reasonPhrase: status.reasonPhrase)
        try channel.writeOutbound(
            HTTPServerResponsePart.head(HTTPResponseHead(version: .http1_1, status: line, headers: headers))
        )
        if let body { try channel.writeOutbound(HTTPServerResponsePart.body(.byteBuffer(body))) }
        try channel.writeOutbound(HTTPServerResponsePart.end(nil))
        var text = ""
        while case .byteBuffer(let buffer)? = try channel.readOutbound(as: IOData.self) { text += String(buffer: buffer) }
        _ = try channel.finish()
        return text
    }
}
