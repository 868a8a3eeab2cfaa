import JSON
import NIOCore
import Testing

@testable import Hub

@Suite("What a socket may, and how a node ends", .timeLimit(.minutes(2)))
struct LimitTests {
    @Test("too many commands are refused with their id, the third time closes")
    func commands() async throws {
        let node = await TestNode {
            $0.limitsRates = true
            $0.commandsPerSecond = 0.01
            $0.commandBurst = 2
            $0.handshakesPerSecond = 50
        }
        let socket = try await node.open()
        for _ in 0..<2 { try await socket.send(#"{"type":"ping"}"#) }
        #expect(try await socket.take(2) == ["pong", "pong"])
        try await socket.send(#"{"type":"ping","id":1}"#)
        try await socket.send(#"{"type":"nonsense","id":2}"#)
        for id in 1...2 {
            let refused = try await socket.next()
            #expect(refused["code"] == "rate_limited" && refused["id"] == JSONValue(id))
            #expect(refused["retryAfter"]?.int ?? 0 > 90_000)
        }
        try await socket.send(#"{"type":"ping"}"#)
        #expect(try await socket.nextFrame() == .close(4429, "too many commands"))
    }

    @Test("what is no command is refused, and the socket stays", arguments: ["nonsense", "[]", #"{"type":"sing","id":4}"#, "7"])
    func badRequest(text: String) async throws {
        let node = await TestNode()
        let socket = try await node.open()
        try await socket.send(text)
        #expect(try await socket.next()["code"] == "bad_request")
        #expect(try await socket.fence().before.isEmpty)
    }

    @Test("a closing node spreads the closes over seven tenths of the window, each with its own delay")
    func drain() async throws {
        let node = await TestNode { $0.maximumSocketsPerUser = 100 }
        var sockets: [TestSocket] = []
        for _ in 0..<10 { sockets.append(try await node.open()) }
        node.hub.drain(within: .seconds(10))
        await node.run()
        #expect(try await node.sessions() == 9)
        await node.advance(.seconds(3))
        let left = try await node.sessions()
        #expect((5...6).contains(left))
        await node.advance(.seconds(4))
        #expect(try await node.sessions() == 0)
        for socket in sockets {
            guard case .close(1012, let delay) = try await socket.nextFrame() else {
                Issue.record("Closed with 1012")
                return
            }
            #expect((0...5_000).contains(Int(delay) ?? -1))
        }
        #expect(try await node.dial().status() == "503")
    }

    @Test("what has not closed by the end of the window is cut")
    func cut() async throws {
        let node = await TestNode { $0.webSocket.closeTimeout = .seconds(60) }
        let socket = try await node.open()
        node.hub.drain(within: .seconds(10))
        await node.advance(.seconds(9))
        #expect(socket.channel.isActive)
        await node.advance(.seconds(1))
        #expect(!socket.channel.isActive)
    }

    @Test("who was leaving before, and whose handshake is decided behind the end of the window, is cut too")
    func cutAll() async throws {
        let node = await TestNode { $0.webSocket.closeTimeout = .seconds(60) }
        let leaving = try await node.open()
        node.publish(TestNode.rights, type: "session:ended", data: "100")
        #expect(try await leaving.nextFrame() == .close(4500, "session ended"))
        node.access.hold()
        let late = try await node.dial()
        try await node.eventually("the token is being looked up") { node.access.heldCount == 1 }
        node.hub.drain(within: .seconds(10))
        await node.advance(.seconds(9))
        #expect(leaving.channel.isActive)
        await node.advance(.seconds(1))
        #expect(!leaving.channel.isActive)
        #expect(late.channel.isActive)
        node.access.release()
        try await node.eventually("the handshake is over") { !late.channel.isActive }
        await node.hub.drained()
    }

    @Test("a handshake that was under way when the node began to close is told to come back")
    func drainDuringHandshake() async throws {
        let node = await TestNode()
        node.access.hold()
        let socket = try await node.dial()
        try await node.eventually("the token is being looked up") { node.access.heldCount == 1 }
        node.hub.drain(within: .seconds(10))
        await node.run()
        node.access.release()
        try await socket.waitForUpgrade()
        guard case .close(1012, _) = try await socket.nextFrame() else {
            Issue.record("Closed with 1012")
            return
        }
        #expect(await node.hub.socketCount() == 0)
    }

    @Test("closed sockets leave no session, count or subscription behind")
    func nothingIsLeft() async throws {
        let node = await TestNode()
        weak var leaked: SocketSession?
        do {
            let socket = try await node.open()
            try await socket.subscribe("appointments")
            try await socket.subscribe("clients")
            let box = try await node.onShard { shard in Weak(shard.sessions.values.first) }
            leaked = box.session
            #expect(leaked != nil)
            try await socket.close()
        }
        await node.advance(.milliseconds(100))
        #expect(try await node.sessions() == 0)
        #expect(leaked == nil)
    }

    /// Carries a reference out of its loop without using it there.
    private struct Weak: @unchecked Sendable {
        weak var session: SocketSession?
        init(_ session: SocketSession?) { self.session = session }
    }
}
