import JSON
import REST
import Support
import Testing

@Suite("Sockets: who may open one", .inTurn)
struct SocketHandshakeTests {
    @Test("a PostgreSQL that hangs holds no handshake: it ends with 1013 in its time, also one that comes while another waits")
    func hangingDatabase() async throws {
        // A database of its own: who waits in it is looked at.
        let deployment = try await Deployment.start(nodes: 1)
        let salon = try await Salon.make(on: deployment)
        let desk = try await salon.login(.admin)
        let port = deployment.a.port
        try await deployment.database.client.transaction { connection in
            _ = try await connection.query("LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE")
            let began = ContinuousClock.now
            let first = Task { try await SocketClient.connect(port, .query(desk.token)).expectClose(1013) }
            try await poll("its session is being looked up") {
                try await deployment.database.waitingForLocks() >= 1 ? () : nil
            }
            let second = Task { try await SocketClient.connect(port, .query(desk.token)).expectClose(1013) }
            _ = try await first.value
            _ = try await second.value
            let time = ContinuousClock.now - began
            #expect(time < .seconds(10))
        }
        _ = try await desk.socket("appointments")
        try await deployment.stop()
    }

    @Test("each way of telling who one is opens a socket that hears the salon", arguments: ["/ws", "/api/v1/ws"])
    func threeWays(path: String) async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let desk = try await salon.login(.admin)
        let handshakes: [SocketClient.Handshake] = [
            .header(desk.token), .subprotocol(desk.token), .query(desk.token),
            .header(desk.token).with("Sec-WebSocket-Extensions", "permessage-deflate"),
        ]
        for handshake in handshakes {
            let target = handshake.target.replacing("/ws", with: path)
            let socket = try await SocketClient.connect(desk.node.port, handshake.with(\.target, target))
            #expect(socket.answer.header("sec-websocket-protocol") == (handshake.subprotocols.isEmpty ? nil : "adelante.v1"))
            let offersDeflate = handshake.headers.contains { $0.0 == "Sec-WebSocket-Extensions" }
            #expect(
                socket.answer.header("sec-websocket-extensions")?.hasPrefix("permessage-deflate") == (offersDeflate ? true : nil)
            )
            if handshake.subprotocols.isEmpty {
                try await socket.expect("subscribed")
                try await socket.expect("subscribed")
            }
            let pong = try await socket.expectNothing()
            #expect(pong["heads"]?.object?.count == (handshake.subprotocols.isEmpty ? 2 : 0))
        }
    }

    @Test("the first way that is present counts")
    func precedence() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let desk = try await salon.login(.admin)
        let bad = SocketClient.Handshake.query(desk.token).with("Authorization", "Bearer nonsense")
        try await SocketClient.connect(desk.node.port, bad).expectClose(4500)
        let good = SocketClient.Handshake.header(desk.token).with(\.target, "/ws?token=nonsense")
        try await SocketClient.connect(desk.node.port, good).expectNothing()
    }

    @Test("an anonymous socket may authenticate in band, and subscribes to nothing by that")
    func inBand() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let desk = try await salon.login(.manager)
        let socket = try await SocketClient.connect(desk.node.port, SocketClient.Handshake())
        socket.send(["type": "subscribe", "topic": "appointments", "id": 1])
        #expect(try await socket.expectError("unauthorized")["id"] == 1)
        let reply = try await socket.ask(["type": "auth", "token": .string(desk.token), "id": "x"], "authenticated")
        #expect(reply["userId"]?.int == desk.userID)
        #expect(reply["id"] == "x")
        #expect(reply["expiresAt"]?.string?.hasSuffix("Z") == true)
        #expect(try await socket.expectNothing()["heads"] == .object([:]))
        try await socket.subscribe("appointments")
        let visit = try await desk.book(salon.visit(9))
        #expect(try await socket.expect("appointment:created")["data"] == visit)
    }

    @Test("a socket without adelante.v1 follows its appointments and notifications from the handshake on")
    func defaults() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let (desk, reader) = (try await salon.login(.admin), try await salon.login(.receptionist))
        let socket = try await SocketClient.connect(reader.node.port, .query(reader.token))
        // Whatever commits after the 101 arrives, be the acknowledgements read or not.
        let visit = try await desk.book(salon.visit(9))
        var topics: Set<String> = []
        for _ in 0..<2 {
            let reply = try await socket.expect("subscribed")
            #expect(reply["recovered"] == true)
            #expect(reply["epoch"]?.string?.isEmpty == false)
            #expect(reply["seq"] == 0)
            topics.insert(reply["topic"]?.string ?? "")
        }
        #expect(topics == ["appointments", "notifications"])
        var events: [String: JSONValue] = [:]
        for _ in 0..<2 {
            if case .message(let event) = try await socket.next().0 { events[event["type"]?.string ?? ""] = event["data"] }
        }
        #expect(events["appointment:created"] == visit)
        #expect(events["notification:new"]?["unreadCount"] == 1)
    }

    @Test("a socket with adelante.v1 follows nothing until it asks")
    func noDefaults() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let desk = try await salon.login(.admin)
        let socket = try await SocketClient.connect(desk.node.port, .subprotocol(desk.token))
        try await desk.book(salon.visit(9))
        #expect(try await socket.expectNothing()["heads"] == .object([:]))
    }

    @Test("tokens that say nothing good close the socket at once, with nothing sent before")
    func badTokens() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let desk = try await salon.login(.admin)
        let expired = try desk.token(expiringIn: -1)
        let foreign = TokenSigner(secret: "another installation's key, of thirty-two bytes").sign(
            TokenClaims(userID: desk.userID, sessionID: try desk.sessionID, type: .access, issuedAt: 0, expiresAt: 4_000_000_000)
        )
        for handshake in [SocketClient.Handshake.header(expired), .subprotocol(expired), .query(expired)] {
            try await SocketClient.connect(desk.node.port, handshake).expectClose(4401)
        }
        for token in ["nonsense", desk.refreshToken, foreign, desk.token + "x"] {
            try await SocketClient.connect(desk.node.port, .header(token, version1: false)).expectClose(4500)
        }
        try await deployment.database.client.query("UPDATE users SET is_active = false WHERE id = \(desk.userID)")
        try await SocketClient.connect(desk.node.port, .query(desk.token)).expectClose(4500)
    }

    @Test("a page of another origin is refused, one of a listed origin or of the server itself is not")
    func origins() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let desk = try await salon.login(.admin)
        let handshake = SocketClient.Handshake.header(desk.token)
        for origin in ["http://evil.example", "http://localhost:3001", "null", "https://127.0.0.1:\(desk.node.port + 1)"] {
            let refusal = try await SocketClient.refusal(desk.node.port, handshake.with("Origin", origin))
            refusal.expectError(403, "ORIGIN_NOT_ALLOWED")
        }
        for origin in ["http://localhost:3000", "http://127.0.0.1:\(desk.node.port)"] {
            try await SocketClient.connect(desk.node.port, handshake.with("Origin", origin)).expectNothing()
        }
        // Behind a trusted proxy the page's own host is what the proxy says.
        let proxied = handshake.with("Origin", "https://salon.example").with("X-Forwarded-Host", "salon.example")
        try await SocketClient.connect(desk.node.port, proxied).expectNothing()
    }

    @Test("another protocol version is answered 426 with ours, and a plain GET is no handshake")
    func versions() async throws {
        let node = try await Deployment.standard.value.a
        let refusal = try await SocketClient.refusal(node.port, SocketClient.Handshake().with(\.version, "8")).expect(426)
        #expect(refusal.header("sec-websocket-version") == "13")
        refusal.expectError(426, "UPGRADE_REQUIRED")
        let plain = try await node.http.request("GET", "/ws", headers: [("Origin", "http://localhost:3000")])
        plain.expectError(426, "UPGRADE_REQUIRED")
        #expect(plain.header("access-control-allow-origin") == "http://localhost:3000")
        let post = try await node.http.request("POST", "/ws", headers: [("Upgrade", "websocket")])
        post.expectError(405, "METHOD_NOT_ALLOWED")
        #expect(post.header("allow") == "GET")
    }

    @Test("/echo is there only where it was asked for, takes binary, and what is larger than a socket's messages may be")
    func echo() async throws {
        let standard = try await Deployment.standard.value.a
        let handshake = SocketClient.Handshake().with(\.target, "/echo?case=1")
        _ = try await SocketClient.refusal(standard.port, handshake).expect(404)
        let node = try await Deployment.start(nodes: 1, ["CONFORMANCE_ECHO": "on", "WS_MAX_MESSAGE_BYTES": "1024"]).a
        let stream = try await ByteStream.connect(port: node.port)
        stream.write(SocketClient.request(node.port, handshake))
        var reader = HTTPReader(stream)
        try await reader.next().expect(101)
        let payload = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
        stream.write(ClientFrame.binary(payload))
        var expected = [0x82, 127, 0, 0, 0, 0, 0, 1, 0x86, 0xA0] + payload
        #expect(reader.rest.isEmpty)
        while !expected.isEmpty {
            let bytes = try #require(try await stream.read())
            guard expected.starts(with: bytes) else {
                Issue.record("not what was sent, \(expected.count) bytes before the end")
                return
            }
            expected.removeFirst(bytes.count)
        }
    }

    @Test("an upgrade is taken as a connection's second request too")
    func laterUpgrade() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let desk = try await salon.login(.admin)
        let handshake = SocketClient.Handshake.subprotocol(desk.token).with(\.precededBy, "/health")
        let socket = try await SocketClient.connect(desk.node.port, handshake)
        try await socket.subscribe("appointments")
        let visit = try await desk.book(salon.visit(9))
        #expect(try await socket.expect("appointment:created")["data"] == visit)
    }
}
