import JSON
import REST
import Support
import Testing

@Suite("Sockets: how they end")
struct SocketEndingTests {
    @Test("logout closes every socket of the login on both nodes within a second, and no other", .alone)
    func logout() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let (otherLogin, other) = (try await salon.login(.admin), try await salon.login(.manager))
        var staying: [SocketClient] = []
        for node in deployment.nodes {
            staying.append(try await otherLogin.at(node).socket("appointments"))
            staying.append(try await other.at(node).socket("appointments"))
        }
        try await Promptly.within(.seconds(1)) {
            let desk = try await salon.login(.admin)
            var ending: [SocketClient] = []
            for node in deployment.nodes {
                ending.append(try await desk.at(node).socket("appointments"))
                ending.append(try await desk.at(node).socket())
            }
            let start = ContinuousClock.now
            try await desk.post("/auth/logout").expect(204)
            for socket in ending { try await socket.expectClose(4500) }
            let taken = ContinuousClock.now - start
            for node in deployment.nodes {
                try await desk.at(node).get("/auth/me").expect(401)
                try await SocketClient.connect(node.port, .header(desk.token)).expectClose(4500)
            }
            return taken
        }
        for socket in staying { try await socket.expectNothing() }
        try await otherLogin.get("/auth/me").expect(200)
    }

    @Test("a token refreshed in band keeps the socket; one that is not ends it with 4401 ten seconds after its time")
    func expiry() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let (desk, actor) = (try await salon.login(.manager), try await salon.login(.admin))
        let short = try desk.token(expiringIn: 6)
        let refreshed = try await SocketClient.connect(desk.node.port, .header(short))
        let forgotten = try await SocketClient.connect(desk.node.port, .header(short))
        try await refreshed.subscribe("appointments")
        let reply = try await refreshed.ask(["type": "auth", "token": .string(desk.token), "id": 1], "authenticated")
        #expect(reply["userId"]?.int == desk.userID)
        let start = ContinuousClock.now
        try await forgotten.expectClose(4401, within: .seconds(30))
        #expect(ContinuousClock.now - start > .seconds(10))
        let visit = try await actor.book(salon.visit(9))
        #expect(try await refreshed.expect("appointment:created")["data"] == visit)
    }

    @Test("in-band tokens that are bad, expired or another user's end the socket", .inTurn)
    func badInBandTokens() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let (desk, other) = (try await salon.login(.admin), try await salon.login(.manager))
        let cases: [(token: String, code: Int)] = [
            ("nonsense", 4500), (desk.refreshToken, 4500), (other.token, 4500), (try desk.token(expiringIn: -5), 4401),
        ]
        for (token, code) in cases {
            let socket = try await desk.socket("appointments")
            socket.send(["type": "auth", "token": .string(token), "id": 9])
            #expect(try await socket.expectError("unauthorized")["id"] == 9)
            try await socket.expectClose(code)
        }
    }

    @Test("a login that ends while its socket is being opened never hears anything", .inTurn)
    func revokedMeanwhile() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let (actor, desk) = (try await salon.login(.admin), try await salon.login(.manager))
        try await desk.post("/auth/logout").expect(204)
        let visits = try await withThrowingTaskGroup(of: Int.self) { group in
            for node in deployment.nodes {
                for _ in 0..<4 {
                    group.addTask {
                        let socket = try await SocketClient.connect(node.port, .query(desk.token))
                        try await socket.expectClose(4500)
                        return 0
                    }
                }
            }
            group.addTask {
                for hour in 8..<14 { try await actor.book(salon.visit(hour)) }
                return 6
            }
            return try await group.reduce(0, +)
        }
        #expect(visits == 6)
    }

    @Test("what does not close by itself is cut with the drain's end: /echo, and who was leaving and never hangs up", .alone)
    func cut() async throws {
        let deployment = try await Deployment.start(nodes: 1, ["DRAIN_SECONDS": "1", "CONFORMANCE_ECHO": "on"])
        let (salon, node) = (try await Salon.make(on: deployment), deployment.a)
        let desk = try await salon.login(.admin)
        func open(_ handshake: SocketClient.Handshake) async throws -> ByteStream {
            let stream = try await ByteStream.connect(port: node.port)
            stream.write(SocketClient.request(node.port, handshake))
            var reader = HTTPReader(stream)
            try await reader.next().expect(101)
            return stream
        }
        let echo = try await open(SocketClient.Handshake().with(\.target, "/echo"))
        let leaving = try await open(.header(desk.token))
        // It never sees our end of TCP, and so never ends its own.
        try await leaving.stopReading()
        leaving.write(ClientFrame.close(1000))
        node.terminate()
        // Without the cut it would wait for the client, for as long as that likes.
        #expect(try await node.exit(within: .seconds(10)) == .status(0), "\(node.log)")
        #expect(!node.log.contains("stopped before everything"))
        echo.close()
        leaving.close()
    }

    @Test(
        "a node that is told to stop closes its sockets with 1012 and a delay each, refuses new ones, and is gone in time",
        .alone
    )
    func drain() async throws {
        let deployment = try await Deployment.start(nodes: 1, ["DRAIN_SECONDS": "2"])
        let salon = try await Salon.make(on: deployment)
        let desk = try await salon.login(.admin)
        let node = deployment.a
        var sockets: [SocketClient] = []
        for _ in 0..<15 { sockets.append(try await desk.socket("appointments")) }
        // It will answer the close frame, but never hang up.
        let lazy = try await ByteStream.connect(port: node.port)
        lazy.write(SocketClient.request(node.port, .subprotocol(desk.token)))
        var lazyReader = HTTPReader(lazy)
        try await lazyReader.next().expect(101)
        // This connection is open before the stop; its upgrade comes after.
        let late = try await ByteStream.connect(port: node.port)
        late.write("GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        var reader = HTTPReader(late)
        try await reader.next().expect(200)
        let start = ContinuousClock.now
        node.terminate()
        try await poll("the node takes no connections") {
            guard let stream = try? await ByteStream.connect(port: node.port) else { return () }
            stream.close()
            return nil
        }
        late.write(SocketClient.request(node.port, .subprotocol(desk.token)))
        let answer = try? await reader.next()
        #expect(answer == nil || answer?.status == 503)
        let farewell = try #require(try await lazy.read())
        try await lazy.stopReading()
        lazy.write(ClientFrame.close(UInt16(farewell[2]) << 8 | UInt16(farewell[3])))
        var times: [Duration] = []
        for socket in sockets {
            guard case (.close(let code, let reason), let moment) = try await socket.next() else {
                throw Unexpected("no close frame")
            }
            #expect(code == 1012)
            #expect(reason.allSatisfy { $0.isASCII && $0.isNumber } && !reason.isEmpty)
            times.append(moment - start)
        }
        #expect(try await node.exit(within: .seconds(10)) == .status(0), "\(node.log)")
        // Spread over the window, not all at once.
        #expect((times.max() ?? .zero) - (times.min() ?? .zero) > .milliseconds(300))
        lazy.close()
    }

    @Test("a node that ends waits for no client that does not read", .alone)
    func stuckReaderAtTheEnd() async throws {
        let deployment = try await Deployment.start(nodes: 1, ["DRAIN_SECONDS": "1"])
        let node = deployment.a
        let stream = try await ByteStream.connect(port: node.port)
        try await stream.stopReading()
        stream.write(String(repeating: "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n", count: 500))
        // The node has begun to answer: what comes behind waits for the client.
        try await poll("the requests are taken") { node.log.contains("path=/openapi.json") ? () : nil }
        node.terminate()
        #expect(try await node.exit(within: .seconds(20)) == .status(0), "\(node.log)")
        stream.close()
    }
}
