import JSON
import NIOCore
import Synchronization
import Testing

@testable import Hub

@Suite("Streams of server-sent events begin and end as sockets do", .timeLimit(.minutes(2)))
struct StreamEndTests {
    @Test("the end of a login ends its streams and says so")
    func revoked() async throws {
        let node = await TestNode()
        node.access.issue("other", session: 101)
        let stream = try await TestStream.open(node, "appointments")
        let other = try await TestStream.open(node, "appointments", token: "other")
        for stream in [stream, other] { _ = try await stream.take(1) }
        node.publish(TestNode.rights, type: "session:ended", data: "100")
        #expect(try await stream.next() == TestStream.closed(4500, "session ended"))
        try await stream.expectEnd()
        node.publish(TestNode.appointments)
        #expect(try await other.take(1) == ["appointments=1@E1"])
        #expect(try await node.sessions() == 1)
    }

    @Test("a role that may no longer read one of the topics ends the stream; a change that leaves them all reshapes it")
    func roleChanged() async throws {
        let node = await TestNode()
        let both = try await TestStream.open(node, "appointments", "clients")
        let one = try await TestStream.open(node, "appointments")
        _ = try await both.take(2)
        _ = try await one.take(1)
        node.publish(TestNode.rights, type: "role:changed", data: #""1 master""#)
        #expect(
            try await both.next()
                == .event(
                    id: "appointments=0@E1",
                    type: "unsubscribed",
                    data: ["type": "unsubscribed", "topic": "clients", "code": "forbidden"]
                )
        )
        #expect(try await both.next() == TestStream.closed(4503, "the role may not"))
        try await both.expectEnd()
        node.publish(TestNode.appointments)
        guard case .event(_, _, let data) = try await one.next() else { return }
        #expect(data["data"] == ["shape": 1])
    }

    @Test("a token's end ends the stream without grace: it could not bring another")
    func expiry() async throws {
        let node = await TestNode()
        node.access.issue("short", expiresAt: Timestamp.now() / 1_000_000 + 4)
        let stream = try await TestStream.open(node, "appointments", token: "short")
        _ = try await stream.take(1)
        var item = TestStream.Item.comment
        while item == .comment {
            await node.advance(.seconds(1))
            item = try await stream.next()
        }
        #expect(item == TestStream.closed(4401, "token expired"))
        try await stream.expectEnd()
    }

    @Test("a node that stops tells its streams when to come back; one that does not listen is cut with the window")
    func drain() async throws {
        let node = await TestNode()
        let (stream, stuck) = (try await TestStream.open(node, "appointments"), try await TestStream.open(node, "appointments"))
        for stream in [stream, stuck] { _ = try await stream.take(1) }
        node.hub.drain(within: .seconds(10))
        await node.advance(.seconds(8))
        guard case .event(nil, "closed", let data) = try await stream.next() else {
            Issue.record("a stream is told of a restart")
            return
        }
        #expect(data["code"] == 1012 && data["reason"]?.string.flatMap { Int64($0) } != nil)
        try await stream.expectEnd()
        let isDrained = Mutex(false)
        Task {
            await node.hub.drained()
            isDrained.withLock { $0 = true }
        }
        await node.run()
        #expect(stuck.channel.isActive && !isDrained.withLock { $0 })
        await node.advance(.seconds(3))
        #expect(!stuck.channel.isActive)
        try await node.eventually("all are gone") { isDrained.withLock { $0 } }
        let late = try await TestStream.ask(node, ["appointments"], channel: try await TestStream.connect(node))
        #expect(late.refusal == .draining)
    }

    @Test("a client that is gone leaves nothing behind, whether its connection broke or it ended its side")
    func gone() async throws {
        let node = await TestNode()
        let (broken, halfClosed) = (
            try await TestStream.open(node, "appointments"), try await TestStream.open(node, "appointments")
        )
        await broken.ask()
        try await broken.channel.close().get()
        let channel = halfClosed.channel
        try await channel.testingEventLoop.executeInContext {
            channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        }
        try await node.eventually("no session is left") { try await node.sessions() == 0 }
        #expect(!channel.isActive)
        #expect(try await node.onShard { $0.topic(TestNode.appointments).subscriptions.isEmpty })
    }

    @Test("a stream may follow another on one connection, and none of them stays")
    func oneAfterTheOther() async throws {
        let node = await TestNode()
        let channel = try await TestStream.connect(node)
        for _ in 0..<30 {
            // More than a user may have at once.
            let reader = try await TestStream.ask(node, ["appointments"], channel: channel).get()
            reader.close()
            await node.run()
        }
        #expect(try await node.sessions() == 0)
        #expect(channel.isActive)
    }

    @Test("what is refused is refused before the stream begins, and is counted nowhere")
    func refusals() async throws {
        let node = await TestNode { $0.maximumTopics = 2 }
        node.access.issue("master", user: 2, session: 200, role: "master")
        node.access.set("expired", .expired)
        node.access.set("away", .unavailable)
        let channel = try await TestStream.connect(node)
        let cases: [(token: String, topics: [String], refusal: StreamRefusal)] = [
            ("token", ["appointments", "weather"], .unknownTopic("weather")),
            ("token", ["telegram:abc"], .unknownTopic("telegram:abc")),
            ("master", ["appointments", "clients"], .forbidden), ("nonsense", ["appointments"], .unauthorized),
            ("expired", ["appointments"], .unauthorized), ("away", ["appointments"], .unavailable),
            ("token", ["appointments", "notifications", "clients"], .tooManyTopics),
        ]
        for (token, topics, refusal) in cases {
            #expect(try await TestStream.ask(node, topics, token: token, channel: channel).refusal == refusal, "\(topics)")
        }
        node.log.fail(.heads)
        #expect(try await TestStream.ask(node, ["staff"], channel: channel).refusal == .unavailable)
        #expect(try await node.sessions() == 0)
        #expect(channel.isActive)
    }

    @Test("streams and sockets are counted together, for a user and for an address")
    func counts() async throws {
        let node = await TestNode {
            $0.maximumSocketsPerUser = 2
            $0.maximumSocketsPerAddress = 3
        }
        node.access.issue("other", user: 2, session: 200)
        let channel = try await TestStream.connect(node)
        func ask(_ token: String, from address: String = "192.0.2.1") async throws -> Result<StreamReader, StreamRefusal> {
            try await TestStream.ask(node, ["appointments"], token: token, address: address, channel: channel)
        }
        _ = try await node.open()
        let reader = try await ask("token").get()
        #expect(try await ask("token").refusal == .tooMany)
        let second = try await ask("other").get()
        #expect(try await ask("other").refusal == .tooMany)
        #expect(try await ask("other", from: "192.0.2.2").refusal == nil)
        reader.close()
        second.close()
        await node.run()
        #expect(try await ask("token").refusal == nil)
    }
}

extension Result {
    /// Why not, if not.
    fileprivate var refusal: Failure? {
        if case .failure(let failure) = self { failure } else { nil }
    }
}
