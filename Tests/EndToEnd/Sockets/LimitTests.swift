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
                "WS_PING_SECONDS": "1", "WS_PONG_SECONDS": "2",
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
        try await socket.expectClose(4408, within: .seconds(12))
    }

    @Test("a socket that answers no ping is closed, one that does lives on")
    func liveness() async throws {
        let salon = try await Salon.make(on: try await Self.deployment.value)
        let desk = try await salon.login(.admin)
        let alive = try await desk.socket("appointments")
        let dead = try await SocketClient.connect(desk.node.port, .header(desk.token).with(\.answersPings, false))
        try await dead.expectClose(4408, within: .seconds(10))
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
}
