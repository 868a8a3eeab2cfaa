import JSON
import REST
import Support
import Testing

/// A node whose limits and timings are so small that they can be reached.
@Suite("Sockets: limits", .inTurn)
struct SocketLimitTests {
    private static let deployment = Task {
        try await Deployment.start(
            nodes: 1,
            [
                "WS_MAX_TOPICS": "2", "WS_MAX_SOCKETS_PER_USER": "3", "WS_MAX_MESSAGE_BYTES": "1024", "WS_HANDSHAKE_SECONDS": "3",
                "WS_PING_SECONDS": "1", "WS_PONG_SECONDS": "2", "WS_MAX_FRAGMENTS": "3", "WS_MESSAGE_SECONDS": "2",
                "WS_MAX_SOCKETS_PER_ADDRESS": "20", "WS_HANDSHAKES_PER_SECOND": "20", "HTTP_MAX_HEADER_BYTES": "2048",
            ]
        )
    }

    @Test("a socket may follow so many topics and no more")
    func topics() async throws {
        let salon = try await Salon.make(on: try await Self.deployment.value)
        let socket = try await salon.login(.admin).socket("appointments", "notifications")
        socket.send(["type": "subscribe", "topic": "clients", "id": 1])
        #expect(try await socket.expectError("too_many_topics")["id"] == 1)
        // Another look at a followed one is not one more.
        try await socket.subscribe("appointments")
        try await socket.ask(["type": "unsubscribe", "topic": "appointments"], "unsubscribed")
        try await socket.subscribe("clients")
    }

    @Test("a user may have so many sockets and no more; one that ends makes room")
    func socketsOfAUser() async throws {
        let salon = try await Salon.make(on: try await Self.deployment.value)
        let (desk, other) = (try await salon.login(.admin), try await salon.login(.manager))
        var sockets: [SocketClient] = []
        for _ in 0..<3 { sockets.append(try await desk.socket()) }
        try await SocketClient.connect(desk.node.port, .query(desk.token)).expectClose(4429)
        let anonymous = try await SocketClient.connect(desk.node.port, SocketClient.Handshake())
        anonymous.send(["type": "auth", "token": .string(desk.token)])
        try await anonymous.expectClose(4429)
        _ = try await other.socket("appointments")
        sockets.removeLast().cut()
        try await poll("there is room again") {
            let socket = try await SocketClient.connect(desk.node.port, .header(desk.token))
            socket.send(["type": "ping"])
            if case .message = try await socket.next().0 { return () }
            return nil
        }
    }

    @Test("an anonymous socket that says nothing of use is closed with 4408")
    func anonymous() async throws {
        let node = try await Self.deployment.value.a
        let socket = try await SocketClient.connect(node.port, SocketClient.Handshake())
        socket.send(["type": "subscribe", "topic": "appointments"])
        try await socket.expectError("unauthorized")
        try await socket.expectClose(4408)
    }

    @Test("a socket that answers no ping is closed, one that does lives on")
    func liveness() async throws {
        let salon = try await Salon.make(on: try await Self.deployment.value)
        let desk = try await salon.login(.admin)
        let alive = try await desk.socket("appointments")
        let dead = try await SocketClient.connect(desk.node.port, .header(desk.token).with(\.answersPings, false))
        try await dead.expectClose(4408)
        #expect(try await alive.expectNothing()["heads"] == ["appointments": 0])
    }

    @Test("a message above the configured size closes with 1009")
    func messageSize() async throws {
        let salon = try await Salon.make(on: try await Self.deployment.value)
        let socket = try await salon.login(.admin).socket()
        let frame = #"{"type":"ping","filler":""}"#
        let fitting = frame.replacing(#""""#, with: "\"\(String(repeating: "x", count: 1_024 - frame.utf8.count))\"")
        socket.send(frame: ClientFrame.text(fitting))
        try await socket.expect("pong")
        socket.send(frame: ClientFrame.text(fitting + " "))
        try await socket.expectClose(1009)
    }

    @Test("a message in more fragments than configured closes with 1009")
    func fragments() async throws {
        let salon = try await Salon.make(on: try await Self.deployment.value)
        let socket = try await salon.login(.admin).socket()
        socket.send(frame: ClientFrame.bytes(0x01, Array(#"{"type""#.utf8)))
        socket.send(frame: ClientFrame.bytes(0x00, Array(#":"ping"#.utf8)))
        socket.send(frame: ClientFrame.bytes(0x80, Array(#""}"#.utf8)))
        try await socket.expect("pong")
        socket.send(frame: ClientFrame.bytes(0x01))
        for _ in 0..<3 { socket.send(frame: ClientFrame.bytes(0x00)) }
        try await socket.expectClose(1009)
    }

    @Test("a message that does not end in time closes with 4408, pongs notwithstanding")
    func messageTime() async throws {
        let salon = try await Salon.make(on: try await Self.deployment.value)
        let socket = try await salon.login(.admin).socket()
        socket.send(frame: ClientFrame.bytes(0x01, Array(#"{"type""#.utf8)))
        try await socket.expectClose(4408)
    }

    @Test("an address may have so many sockets and no more; others are not concerned")
    func socketsOfAnAddress() async throws {
        let node = try await Self.deployment.value.a
        // An IPv6 client has a whole network to itself.
        let network = Salon.freshAddress().split(separator: ":").prefix(4).joined(separator: ":")
        var sockets: [SocketClient] = []
        for number in 0..<20 {
            let crowded = SocketClient.Handshake().with("X-Forwarded-For", "\(network)::\(number + 1)")
            sockets.append(try await SocketClient.connect(node.port, crowded))
        }
        let crowded = SocketClient.Handshake().with("X-Forwarded-For", "\(network):a:b:c:d")
        try await SocketClient.connect(node.port, crowded).expectClose(4429)
        let other = try await SocketClient.connect(
            node.port,
            SocketClient.Handshake().with("X-Forwarded-For", Salon.freshAddress())
        )
        other.send(["type": "ping"])
        try await other.expect("pong")
    }

    @Test("an address may shake hands so often and no oftener: then 429 with Retry-After")
    func handshakeRate() async throws {
        let node = try await Self.deployment.value.a
        let hasty = SocketClient.Handshake().with("X-Forwarded-For", Salon.freshAddress())
        var refusal: HTTPAnswer?
        for _ in 0..<600 where refusal == nil {
            refusal = try? await SocketClient.refusal(node.port, hasty)
        }
        let answer = try #require(refusal)
        answer.expectError(429, "RATE_LIMITED")
        #expect(answer.header("retry-after") == "1")
    }

    @Test("a head that does not end in time is cut off, however it trickles")
    func slowHead() async throws {
        let node = try await Self.deployment.value.a
        let stream = try await ByteStream.connect(port: node.port)
        stream.write("GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        let trickle = Task {
            while !Task.isCancelled {
                stream.write("X-A: b\r\n")
                try await Task.sleep(for: .milliseconds(100))  // the trickle itself
            }
        }
        defer { trickle.cancel() }
        let start = ContinuousClock.now
        #expect(try await stream.read() == nil)
        #expect((.seconds(2)...(.seconds(8))).contains(ContinuousClock.now - start))
    }

    @Test("a head above the configured size is answered 431 in the error shape")
    func largeHead() async throws {
        let node = try await Self.deployment.value.a
        let filler = String(repeating: "x", count: 3_000)
        let refusal = try await SocketClient.refusal(node.port, SocketClient.Handshake().with("X-Filler", filler))
        refusal.expectError(431, "HEADERS_TOO_LARGE")
    }
}
