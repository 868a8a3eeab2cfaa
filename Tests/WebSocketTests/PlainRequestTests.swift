import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import WebSocket

@Suite("Opening handshakes, read straight from their bytes")
struct PlainRequestTests {
    static let limits = PlainRequest.Limits(maximumBytes: 16_384, maximumFields: 100)
    static let browser =
        "GET /ws?token=a.b.c HTTP/1.1\r\nHost: localhost:8000\r\nConnection: keep-alive, Upgrade\r\nPragma: no-cache\r\n"
        + "User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nUpgrade: websocket\r\nOrigin: http://localhost:3000\r\n"
        + "Sec-WebSocket-Version: 13\r\nAccept-Language: uk,en;q=0.9\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        + "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"

    static func read(_ text: String, limits: PlainRequest.Limits = Self.limits) -> (head: HTTPRequestHead, rest: String)? {
        var buffer = ByteBuffer(string: text)
        let head = PlainRequest.read(&buffer, limits: limits)?.head
        if head == nil { #expect(buffer == ByteBuffer(string: text), "what is not read is not touched") }
        return head.map { ($0, String(buffer: buffer)) }
    }

    /// What NIO's parser makes of the same bytes; nil if it refuses them, or would wait for more.
    static func readByNIO(_ bytes: ByteBuffer) -> HTTPRequestHead? {
        let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes))
        let channel = EmbeddedChannel(handler: decoder)
        defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
        _ = try? channel.writeInbound(bytes)
        guard case .head(let head)? = try? channel.readInbound(as: HTTPServerRequestPart.self) else { return nil }
        return head
    }

    @Test("a browser's handshake is read as NIO reads it, and what stands behind it is left")
    func asABrowserWritesIt() throws {
        let (head, rest) = try #require(Self.read(Self.browser + "rest"))
        #expect(rest == "rest")
        #expect(head == Self.readByNIO(ByteBuffer(string: Self.browser)))
        #expect(head.uri == "/ws?token=a.b.c")
        #expect(head.headers["connection"] == ["keep-alive, Upgrade"])
    }

    static let left: [(String, String)] = [
        ("not all of it", String(browser.dropLast())),
        ("another method", browser.replacing("GET", with: "PUT")),
        ("another version", browser.replacing("HTTP/1.1", with: "HTTP/1.0")),
        ("no upgrade", browser.replacing("\r\nUpgrade:", with: "\r\nX:")),
        ("a body", browser.dropLast() + "Content-Length: 0\r\n\r\n"),
        ("a chunked body", browser.dropLast() + "transfer-encoding: chunked\r\n\r\n"),
        ("an expectation", browser.dropLast() + "EXPECT: 100-continue\r\n\r\n"),
        ("an absolute target", browser.replacing("GET /ws", with: "GET http://x/ws")),
        ("a bare line feed", browser.replacing("\r\nHost", with: "\nHost")),
        ("a folded line", browser.dropLast() + "X: a\r\n b\r\n\r\n"),
        ("a space before the colon", browser.dropLast() + "X : a\r\n\r\n"),
        ("a name with a bracket", browser.dropLast() + "X(: a\r\n\r\n"),
        ("an empty value", browser.dropLast() + "X:\r\n\r\n"),
        ("a value that ends with a space", browser.dropLast() + "X: a \r\n\r\n"),
        ("a tab", browser.dropLast() + "X: a\tb\r\n\r\n"),
        ("a letter beyond ASCII", browser.dropLast() + "X: ї\r\n\r\n"),
        ("a control character", browser.dropLast() + "X: \u{1}\r\n\r\n"),
        ("a space too many", browser.replacing("GET ", with: "GET  ")),
        ("nothing", ""),
    ]

    @Test("anything else is left to the general parser", arguments: left)
    func others(_ line: (String, String)) {
        #expect(Self.read(line.1) == nil)
    }

    @Test("a head is read up to its limits and not beyond them")
    func limits() {
        let bytes = Self.browser.utf8.count
        #expect(Self.read(Self.browser, limits: .init(maximumBytes: bytes, maximumFields: 10)) != nil)
        #expect(Self.read(Self.browser, limits: .init(maximumBytes: bytes - 1, maximumFields: 10)) == nil)
        #expect(Self.read(Self.browser, limits: .init(maximumBytes: bytes, maximumFields: 9)) == nil)
    }

    @Test("whatever is done to a handshake: if it is read here, NIO reads the same", arguments: 0..<8)
    func asNIO(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let alphabet = Array("\r\n :,;=/?\t%aZ0\"(){}".utf8) + [0, 0x7F, 0x80, 0xFF]
        var (read, refused) = (0, 0)
        for _ in 0..<2_000 {
            var bytes = Array(Self.browser.utf8)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0...3, using: &random) {
                case 0: bytes[place] = alphabet.randomElement(using: &random) ?? 0
                case 1: bytes.insert(alphabet.randomElement(using: &random) ?? 0, at: place)
                case 2: bytes.remove(at: place)
                default: bytes[place] ^= UInt8(1 << Int.random(in: 0...7, using: &random))
                }
            }
            var buffer = ByteBuffer(bytes: bytes)
            guard let head = PlainRequest.read(&buffer, limits: Self.limits)?.head else {
                refused += 1
                continue
            }
            read += 1
            #expect(head == Self.readByNIO(ByteBuffer(bytes: bytes)), "\(String(decoding: bytes, as: UTF8.self))")
        }
        // Of both kinds there are many, or this shows nothing.
        #expect(read > 200 && refused > 200)
    }
}
