import NIOHTTP1
import Testing

@testable import WebSocket

@Suite("Opening handshake")
struct HandshakeTests {
    static let valid: [(String, String)] = [
        ("Host", "salon.example"), ("Upgrade", "websocket"), ("Connection", "Upgrade"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), ("Sec-WebSocket-Version", "13"),
    ]

    static func head(
        _ changes: [String: String?] = [:],
        adding: [(String, String)] = [],
        method: HTTPMethod = .GET,
        version: HTTPVersion = .http1_1
    ) -> HTTPRequestHead {
        var headers = HTTPHeaders(self.valid)
        for (name, value) in changes {
            headers.remove(name: name)
            if let value { headers.add(name: name, value: value) }
        }
        headers.add(contentsOf: adding)
        return HTTPRequestHead(version: version, method: method, uri: "/ws", headers: headers)
    }

    static func status(_ head: HTTPRequestHead) -> UInt? {
        switch WebSocketHandshake.Request.validate(head) {
        case .accept: nil
        case .refuse(let refusal): refusal.status.code
        }
    }

    @Test("the RFC's key gives the RFC's answer")
    func rfcExample() throws {
        guard case .accept(let request) = WebSocketHandshake.Request.validate(Self.head()) else {
            Issue.record("refused")
            return
        }
        #expect(request.accept == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        #expect(request.subprotocols == [])
        #expect(request.extensions == [])
    }

    @Test(
        "variants that are right",
        arguments: [
            head(["Upgrade": "WebSocket"]), head(["Connection": "keep-alive, Upgrade"]), head(["Connection": "UPGRADE"]),
            head(adding: [("Content-Length", "0")]), head(["Upgrade": "h2c, websocket"]),
            head(adding: [("Connection", "keep-alive")]),
        ]
    )
    func accepts(_ head: HTTPRequestHead) {
        #expect(Self.status(head) == nil)
    }

    static let refused: [(UInt, HTTPRequestHead)] = [
        (405, head(method: .POST)), (405, head(method: .HEAD)), (400, head(version: .http1_0)),
        (426, head(["Upgrade": nil])), (426, head(["Upgrade": "h2c"])), (400, head(["Connection": nil])),
        (400, head(["Connection": "keep-alive"])), (400, head(["Sec-WebSocket-Version": nil])),
        (426, head(["Sec-WebSocket-Version": "8"])), (426, head(["Sec-WebSocket-Version": "14"])),
        (426, head(["Sec-WebSocket-Version": ""])), (426, head(adding: [("Sec-WebSocket-Version", "13")])),
        (400, head(["Host": nil])), (400, head(adding: [("Host", "other")])),
        (400, head(["Sec-WebSocket-Key": nil])), (400, head(["Sec-WebSocket-Key": ""])),
        (400, head(["Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ="])),
        (400, head(["Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQAA"])),
        (400, head(["Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZ!=="])),
        (400, head(adding: [("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")])),
        (400, head(adding: [("Content-Length", "5")])), (400, head(adding: [("Transfer-Encoding", "chunked")])),
        (400, head(adding: [("Sec-WebSocket-Extensions", "a;")])), (400, head(adding: [("Sec-WebSocket-Protocol", "a b")])),
    ]

    @Test("variants that are refused, with their status", arguments: refused)
    func refuses(_ line: (UInt, HTTPRequestHead)) {
        #expect(Self.status(line.1) == line.0)
    }

    @Test("426 tells the version that is spoken")
    func tellsVersion() {
        guard case .refuse(let refusal) = WebSocketHandshake.Request.validate(Self.head(["Sec-WebSocket-Version": "7"])) else {
            Issue.record("accepted")
            return
        }
        #expect(refusal.headers["sec-websocket-version"] == ["13"])
        #expect(refusal.headers["upgrade"] == ["websocket"])
    }

    @Test("subprotocols and extensions of several lines are one list, in order")
    func lists() throws {
        let head = Self.head(adding: [
            ("Sec-WebSocket-Protocol", "adelante.v1, bearer.aaa.bbb-c_d"), ("Sec-WebSocket-Protocol", "x"),
            ("Sec-WebSocket-Extensions", "one; a=1"), ("Sec-WebSocket-Extensions", "two"),
        ])
        guard case .accept(let request) = WebSocketHandshake.Request.validate(head) else {
            Issue.record("refused")
            return
        }
        #expect(request.subprotocols == ["adelante.v1", "bearer.aaa.bbb-c_d", "x"])
        #expect(request.extensions == [ExtensionOffer("one", [.init("a", "1")]), ExtensionOffer("two")])
    }
}
