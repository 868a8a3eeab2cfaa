import JSON
import NIOCore
import Testing

@testable import Hub

@Suite("A subscription brings every event once and in order, from wherever it begins", .timeLimit(.minutes(2)))
struct SubscriptionTests {
    private func publish(_ count: Int, on node: TestNode) {
        for _ in 0..<count { node.publish(TestNode.appointments) }
    }

    private static func events(_ range: ClosedRange<Int>) -> [String] { range.map { "appointments@\($0)" } }

    @Test("from the head, without since")
    func head() async throws {
        let node = await TestNode()
        for _ in 0..<3 { node.commit(TestNode.appointments) }
        let socket = try await node.open()
        let answer = try await socket.subscribe("appointments")
        #expect(answer == ["type": "subscribed", "topic": "appointments", "seq": 3, "epoch": "E1", "recovered": true])
        self.publish(2, on: node)
        #expect(try await socket.take(2) == Self.events(4...5))
    }

    @Test("from the ring, with since")
    func ring() async throws {
        let node = await TestNode()
        let first = try await node.open()
        try await first.subscribe("appointments")
        self.publish(5, on: node)
        #expect(try await first.take(5) == Self.events(1...5))
        let pages = node.log.asked(.pages)
        let second = try await node.open()
        let answer = try await second.subscribe("appointments", since: 2, epoch: "E1")
        #expect(answer["seq"] == 5 && answer["recovered"] == true)
        #expect(try await second.take(3) == Self.events(3...5))
        #expect(node.log.asked(.pages) == pages)
        let third = try await node.open()
        #expect(try await third.subscribe("appointments", since: 5)["recovered"] == true)
        #expect(try await third.fence().before.isEmpty)
    }

    @Test("from the log, page by page, and on into what commits meanwhile")
    func log() async throws {
        let node = await TestNode()
        for _ in 0..<600 { node.commit(TestNode.appointments) }
        let socket = try await node.open()
        let answer = try await socket.subscribe("appointments", since: 10, epoch: "E1")
        #expect(answer["seq"] == 600 && answer["recovered"] == true)
        self.publish(3, on: node)
        #expect(try await socket.take(593) == Self.events(11...603))
        #expect(try await socket.fence().before.isEmpty)
        let page = try await node.onShard { shard in
            shard.sessions.values.flatMap(\.subscriptions).map(\.page.count).max() ?? -1
        }
        #expect(page == 0)
    }

    @Test("what was read for the first who comes back is there for the next")
    func keptPast() async throws {
        let node = await TestNode()
        for _ in 0..<10 { node.log.commit(TestNode.appointments) }
        let first = try await node.open()
        try await first.subscribe("appointments", since: 3, epoch: "E1")
        #expect(try await first.take(7) == Self.events(4...10))
        let reads = node.log.asked(.pages)
        #expect(reads > 0)
        for since in [3, 4, 9] as [Int64] {
            let next = try await node.open()
            try await next.subscribe("appointments", since: since, epoch: "E1")
            #expect(try await next.take(Int(10 - since)) == Self.events(Int(since) + 1...10))
        }
        #expect(node.log.asked(.pages) == reads)
    }

    @Test("from before retention: recovered is false, and it goes on from the head")
    func pruned() async throws {
        let node = await TestNode()
        for _ in 0..<20 { node.commit(TestNode.appointments) }
        node.log.prune(TestNode.appointments, through: 10)
        let socket = try await node.open()
        let answer = try await socket.subscribe("appointments", since: 9)
        #expect(answer["recovered"] == false && answer["seq"] == 20)
        self.publish(1, on: node)
        #expect(try await socket.take(1) == Self.events(21...21))
        let second = try await node.open()
        #expect(try await second.subscribe("appointments", since: 10)["recovered"] == true)
        #expect(try await second.take(11) == Self.events(11...21))
    }

    @Test(
        "a position or an epoch that is not of this history",
        arguments: [
            (-1, nil), (Int64.min, nil), (4, nil), (Int64.max, nil), (3, "E0"), (0, "E0"), (Int64.max, "E0"),
        ] as [(Int64, String?)]
    )
    func foreign(since: Int64, epoch: String?) async throws {
        let node = await TestNode()
        for _ in 0..<3 { node.commit(TestNode.appointments) }
        let socket = try await node.open()
        let answer = try await socket.subscribe("appointments", since: since, epoch: epoch)
        #expect(answer["recovered"] == false && answer["seq"] == 3)
        self.publish(1, on: node)
        #expect(try await socket.take(1) == Self.events(4...4))
    }

    @Test("a position ahead of this node, but not of PostgreSQL")
    func ahead() async throws {
        let node = await TestNode()
        let first = try await node.open()
        try await first.subscribe("appointments")
        for _ in 0..<3 { node.commit(TestNode.appointments) }
        let second = try await node.open()
        let answer = try await second.subscribe("appointments", since: 2, epoch: "E1")
        #expect(answer["recovered"] == true && answer["seq"] == 3)
        // Nobody has brought the three; the question alone made the node catch up.
        #expect(try await second.take(1) == Self.events(3...3))
        #expect(try await first.take(3) == Self.events(1...3))
    }

    @Test("again with since goes on from there; without it goes on from where it is")
    func again() async throws {
        let node = await TestNode()
        let socket = try await node.open()
        try await socket.subscribe("appointments")
        self.publish(4, on: node)
        #expect(try await socket.take(4) == Self.events(1...4))
        #expect(try await socket.subscribe("appointments", since: 1)["seq"] == 4)
        #expect(try await socket.take(3) == Self.events(2...4))
        #expect(try await socket.subscribe("appointments")["recovered"] == true)
        self.publish(1, on: node)
        #expect(try await socket.take(1) == Self.events(5...5))
        #expect(try await socket.subscribe("appointments", since: 99)["recovered"] == false)
        #expect(try await socket.fence().before.isEmpty)
    }

    @Test("requests for a topic that is still being made are answered in order, each with its id")
    func pipelined() async throws {
        let node = await TestNode()
        for _ in 0..<3 { node.commit(TestNode.appointments) }
        let socket = try await node.open()
        node.log.hold(.heads)
        try await socket.send(TestSocket.subscribe("appointments", since: 1, id: 1))
        try await socket.send(TestSocket.subscribe("appointments", since: 2, id: 2))
        try await socket.send(TestSocket.subscribe("appointments", id: 3))
        await node.advance(.milliseconds(20))
        node.log.release(.heads)
        var ids: [Int64] = []
        while ids.count < 3 {
            let message = try await socket.next()
            guard message["type"] == "subscribed" else { continue }
            #expect(message["recovered"] == true)
            ids.append(message["id"]?.int ?? -1)
        }
        #expect(ids == [1, 2, 3])
    }

    @Test("a failed repetition leaves the subscription as it was")
    func failedRepetition() async throws {
        let node = await TestNode()
        for _ in 0..<300 { node.commit(TestNode.appointments) }
        let socket = try await node.open()
        try await socket.subscribe("appointments")
        node.log.fail(.pages)
        try await socket.send(TestSocket.subscribe("appointments", since: 1, id: 9))
        let answer = try await socket.next()
        #expect(answer["code"] == "unavailable" && answer["id"] == 9)
        node.log.fail(.pages, false)
        self.publish(1, on: node)
        #expect(try await socket.take(1) == Self.events(301...301))
    }

    @Test("a topic that PostgreSQL cannot tell the head of is unavailable, and available again later")
    func unavailable() async throws {
        let node = await TestNode()
        let socket = try await node.open()
        node.log.fail(.heads)
        try await socket.send(TestSocket.subscribe("appointments", id: 1))
        let answer = try await socket.next()
        #expect(answer["code"] == "unavailable" && answer["id"] == 1 && answer["retryAfter"] == 1_000)
        #expect(!node.broker.wanted.contains(TestNode.appointments))
        node.log.fail(.heads, false)
        #expect(try await socket.subscribe("appointments")["type"] == "subscribed")
    }

    @Test("unsubscribed, nothing comes; what is unknown or forbidden is told")
    func unsubscribe() async throws {
        let node = await TestNode { $0.maximumTopics = 2 }
        node.access.issue("master", session: 101, role: "master")
        let socket = try await node.open()
        try await socket.subscribe("appointments")
        try await socket.subscribe("clients")
        #expect(try await socket.subscribe("staff")["code"] == "too_many_topics")
        try await socket.send(#"{"type":"unsubscribe","topic":"appointments","id":5}"#)
        #expect(try await socket.next() == ["type": "unsubscribed", "id": 5, "topic": "appointments"])
        self.publish(3, on: node)
        #expect(try await socket.fence().before.isEmpty)
        #expect(try await socket.subscribe("nonsense")["code"] == "unknown_topic")
        try await socket.send(#"{"type":"unsubscribe","topic":"nonsense"}"#)
        #expect(try await socket.next()["code"] == "unknown_topic")
        let master = try await node.open(token: "master")
        #expect(try await master.subscribe("clients")["code"] == "forbidden")
    }

    @Test("unsubscribed before there is an answer, both commands get one")
    func overtaken() async throws {
        let node = await TestNode()
        let socket = try await node.open()
        node.log.hold(.heads)
        try await socket.send(#"{"type":"subscribe","topic":"appointments","id":1}"#)
        try await socket.send(#"{"type":"subscribe","topic":"appointments","since":0,"id":2}"#)
        try await socket.send(#"{"type":"unsubscribe","topic":"appointments","id":3}"#)
        for id in [1, 2, 3] as [JSONValue] {
            #expect(try await socket.next() == ["type": "unsubscribed", "id": id, "topic": "appointments"])
        }
        node.log.release(.heads)
        self.publish(1, on: node)
        #expect(try await socket.fence().before.isEmpty)
    }

    @Test("every loop's sockets get the same, in the same order")
    func loops() async throws {
        let node = await TestNode(loops: 3)
        var sockets: [TestSocket] = []
        for index in [0, 1, 2, 0, 1] {
            let socket = try await node.open(on: index)
            try await socket.subscribe("appointments")
            sockets.append(socket)
            self.publish(2, on: node)
        }
        for (index, socket) in sockets.enumerated() {
            #expect(try await socket.take(10 - 2 * index) == Self.events((2 * index + 1)...10))
            #expect(try await socket.fence().before.isEmpty)
        }
        #expect(node.broker.log.filter { $0 == "+" + TestNode.appointments }.count == 1)
    }

    @Test("who negotiated compression gets compressed frames that say the same")
    func deflated() async throws {
        let node = await TestNode()
        let plain = try await node.open()
        let small = try await node.open(headers: ["Sec-WebSocket-Extensions: permessage-deflate"])
        try await plain.subscribe("appointments")
        try await small.subscribe("appointments")
        let data = #"{"note":"\#(String(repeating: "long and dull ", count: 100))"}"#
        for _ in 0..<3 { node.publish(TestNode.appointments, data: data) }
        for _ in 0..<3 {
            let (one, other) = (try await plain.nextFrame(), try await small.nextFrame())
            #expect(one == other)
        }
        #expect(small.deflatedFrames == 3)
        #expect(plain.deflatedFrames == 0)
    }

    @Test("a topic is kept for a while for those who come back, then left")
    func linger() async throws {
        let node = await TestNode()
        let socket = try await node.open()
        try await socket.subscribe("appointments")
        self.publish(2, on: node)
        #expect(try await socket.take(2) == Self.events(1...2))
        try await socket.close()
        await node.advance(.seconds(29))
        self.publish(1, on: node)
        #expect(node.broker.wanted.contains(TestNode.appointments))
        let heads = node.log.asked(.heads)
        let second = try await node.open()
        try await second.subscribe("appointments", since: 2, epoch: "E1")
        #expect(try await second.take(1) == Self.events(3...3))
        #expect(node.log.asked(.heads) == heads)
        // The timer that was running finds it used; the next one begins when it is left again.
        await node.advance(.seconds(10))
        #expect(node.broker.wanted.contains(TestNode.appointments))
        try await second.close()
        await node.advance(.seconds(30))
        await node.advance(.seconds(1))
        #expect(node.broker.wanted.isEmpty)
        #expect(try await node.onShard { $0.sessions.isEmpty })
        // And it can be followed anew, from where it is then.
        node.commit(TestNode.appointments)
        let third = try await node.open()
        #expect(try await third.subscribe("appointments")["seq"] == 4)
    }
}
