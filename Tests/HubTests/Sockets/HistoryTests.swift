import JSON
import NIOCore
import Testing

@testable import Hub

@Suite("A history that ends is told to everybody who follows it", .timeLimit(.minutes(2)))
struct HistoryTests {
    private func subscribed(_ node: TestNode, events: Int) async throws -> TestSocket {
        let socket = try await node.open()
        try await socket.subscribe("appointments")
        for _ in 0..<events { node.publish(TestNode.appointments) }
        _ = try await socket.take(events)
        return socket
    }

    private func told(_ seq: Int64, _ epoch: JSONValue) -> JSONValue {
        ["type": "subscribed", "topic": "appointments", "seq": JSONValue(seq), "epoch": epoch, "recovered": false]
    }

    @Test("an event of a renewed epoch: unasked recovered false, then on from the new head", arguments: [2, 5, 9])
    func renewed(to seq: Int64) async throws {
        let node = await TestNode()
        let socket = try await self.subscribed(node, events: 5)
        node.log.restore(TestNode.appointments, to: seq, epoch: "E2")
        node.publish(TestNode.appointments)
        #expect(try await socket.next() == self.told(seq + 1, "E2"))
        node.publish(TestNode.appointments)
        #expect(try await socket.take(1) == ["appointments@\(seq + 2)"])
        #expect(try await socket.fence().pong["heads"] == ["appointments": JSONValue(seq + 2)])
    }

    @Test("a renewal is told without any event, and by itself closes nobody")
    func renewedWithoutEvent() async throws {
        let node = await TestNode(loops: 2)
        let socket = try await self.subscribed(node, events: 5)
        for topic in [TestNode.appointments, TestNode.rights, TestNode.clients] {
            node.log.restore(topic, to: topic == TestNode.appointments ? 5 : 0, epoch: "E2")
        }
        node.hub.historyRenewed()
        #expect(try await socket.next() == self.told(5, "E2"))
        #expect(try await socket.fence().before.isEmpty)
        node.hub.historyRenewed()
        #expect(try await socket.fence().before.isEmpty)
        node.publish(TestNode.appointments)
        #expect(try await socket.take(1) == ["appointments@6"])
    }

    @Test("a renewal while a topic's first head is being read is told too")
    func renewedWhileJoining() async throws {
        let node = await TestNode()
        let socket = try await node.open()
        node.log.hold(.heads)
        try await socket.send(TestSocket.subscribe("appointments"))
        try await node.eventually("the head is being read") { node.log.heldCount(.heads) == 1 }
        node.log.restore(TestNode.appointments, to: 0, epoch: "E2")
        node.hub.historyRenewed()
        await node.run()
        node.log.release(.heads)
        #expect(try await socket.next()["epoch"] == "E1")
        #expect(try await socket.next() == self.told(0, "E2"))
    }

    @Test("an event of the new history that comes while its head is being read is not lost")
    func duringVerification() async throws {
        let node = await TestNode()
        let socket = try await self.subscribed(node, events: 5)
        node.log.restore(TestNode.appointments, to: 2, epoch: "E2")
        node.log.hold(.heads)
        node.publish(TestNode.appointments)
        try await node.eventually("the head is being read") { node.log.heldCount(.heads) == 1 }
        node.publish(TestNode.appointments)
        await node.run()
        node.log.release(.heads)
        #expect(try await socket.next() == self.told(3, "E2"))
        #expect(try await socket.take(1) == ["appointments@4"])
    }

    @Test("what a look brings of a new history before its head is known is not forgotten with the old one")
    func newsBeforeTheHead() async throws {
        let node = await TestNode()
        let socket = try await self.subscribed(node, events: 0)
        node.commit(TestNode.appointments)
        node.log.restore(TestNode.appointments, to: 0, epoch: "E2")
        node.log.hold(.heads)
        // A look of before the restoration: there is no such event any more.
        node.learn(TestNode.appointments, 1)
        try await node.eventually("the head is being read") { node.log.heldCount(.heads) == 1 }
        // And one of after it: there is another. No look will tell of it again.
        node.commit(TestNode.appointments)
        node.learn(TestNode.appointments, 1)
        node.hub.historyRenewed()
        try await node.eventually("the head is being read again") { node.log.heldCount(.heads) == 2 }
        node.log.release(.heads)
        let told = try await socket.next()
        #expect(told["recovered"] == false && told["epoch"] == "E2")
        if told["seq"] == 0 { #expect(try await socket.take(1) == ["appointments@1"]) }
        #expect(try await socket.fence().pong["heads"] == ["appointments": 1])
    }

    @Test("a restored database is noticed without Redis, by a look that finds less than we had")
    func learnedLess() async throws {
        let node = await TestNode()
        let socket = try await self.subscribed(node, events: 5)
        node.log.restore(TestNode.appointments, to: 2, epoch: "E2")
        node.commit(TestNode.appointments)
        node.learn(TestNode.appointments, 3)
        #expect(try await socket.next() == self.told(3, "E2"))
    }

    @Test("a look that is only late is no other history")
    func learnedLate() async throws {
        let node = await TestNode()
        let socket = try await self.subscribed(node, events: 5)
        node.learn(TestNode.appointments, 3)
        await node.advance(.milliseconds(20))
        node.publish(TestNode.appointments)
        #expect(try await socket.take(1) == ["appointments@6"])
    }

    private static let old = CommittedEvent(
        topic: TestNode.appointments,
        seq: 4,
        epoch: "E0",
        type: "x",
        version: nil,
        at: 0,
        data: ByteBuffer(string: "1")
    )

    @Test("a doubt that comes while an older one is being settled is settled too")
    func doubtedTwice() async throws {
        let node = await TestNode()
        let socket = try await self.subscribed(node, events: 5)
        node.log.hold(.heads)
        node.broker.publish(Self.old)
        try await node.eventually("the head is being read") { node.log.heldCount(.heads) == 1 }
        // The answer under way is of before this.
        node.log.restore(TestNode.appointments, to: 2, epoch: "E2")
        node.publish(TestNode.appointments)
        await node.run()
        node.log.release(.heads)
        #expect(try await socket.next() == self.told(3, "E2"))
    }

    @Test("a head that an event has overtaken is no other history")
    func overtaken() async throws {
        let node = await TestNode()
        let socket = try await self.subscribed(node, events: 5)
        node.log.hold(.heads)
        // A message of long ago makes the node doubt.
        node.broker.publish(Self.old)
        try await node.eventually("the head is being read") { node.log.heldCount(.heads) == 1 }
        node.publish(TestNode.appointments)
        await node.run()
        node.log.release(.heads)
        await node.advance(.milliseconds(20))
        node.publish(TestNode.appointments)
        #expect(try await socket.take(2) == ["appointments@6", "appointments@7"])
        #expect(try await socket.fence().before.isEmpty)
    }

    @Test("a gap that is being read when the history ends is no concern of the new one", arguments: [true, false])
    func resetDuringGapRead(isThere: Bool) async throws {
        let node = await TestNode()
        let socket = try await self.subscribed(node, events: 5)
        node.log.hold(.pages)
        if isThere { node.commit(TestNode.appointments) }
        node.learn(TestNode.appointments, 6)
        try await node.eventually("the gap is being read") { node.log.heldCount(.pages) == 1 }
        node.log.restore(TestNode.appointments, to: 2, epoch: "E2")
        node.publish(TestNode.appointments)
        #expect(try await socket.next() == self.told(3, "E2"))
        node.log.release(.pages)
        await node.advance(.milliseconds(20))
        node.publish(TestNode.appointments)
        #expect(try await socket.take(1) == ["appointments@4"])
    }

    @Test("a node that fell behind retention starts over from the head, and loses nothing that came meanwhile")
    func prunedUnderTheNode() async throws {
        let node = await TestNode()
        let socket = try await self.subscribed(node, events: 2)
        for _ in 0..<10 { node.commit(TestNode.appointments) }
        node.log.prune(TestNode.appointments, through: 8)
        node.log.hold(.heads)
        node.learn(TestNode.appointments, 12)
        try await node.eventually("the head is being read") { node.log.heldCount(.heads) == 1 }
        node.publish(TestNode.appointments)
        await node.run()
        node.log.release(.heads)
        #expect(try await socket.next() == self.told(12, "E1"))
        #expect(try await socket.take(1) == ["appointments@13"])
    }

    @Test("a client that brings the new epoch first makes the node notice it")
    func newcomer() async throws {
        let node = await TestNode()
        let socket = try await self.subscribed(node, events: 5)
        node.log.restore(TestNode.appointments, to: 2, epoch: "E2")
        let second = try await node.open()
        let answer = try await second.subscribe("appointments", since: 2, epoch: "E2")
        #expect(answer["recovered"] == false)
        #expect(try await socket.next() == self.told(2, "E2"))
        #expect(try await second.next() == self.told(2, "E2"))
        let third = try await node.open()
        #expect(try await third.subscribe("appointments", since: 2, epoch: "E2")["recovered"] == true)
    }

    @Test("who is looking for its place in the old history is answered by the new one", arguments: [nil, "E1"] as [String?])
    func locatingMeanwhile(epoch: String?) async throws {
        let node = await TestNode()
        for _ in 0..<400 { node.commit(TestNode.appointments) }
        let socket = try await node.open()
        try await socket.subscribe("appointments")
        node.log.hold(.pages)
        try await socket.send(TestSocket.subscribe("appointments", since: 390, epoch: epoch, id: 1))
        try await node.eventually("the page is being read") { node.log.heldCount(.pages) == 1 }
        node.log.restore(TestNode.appointments, to: 395, epoch: "E2")
        node.publish(TestNode.appointments)
        await node.advance(.milliseconds(20))
        let answer = try await socket.next()
        #expect(answer["recovered"] == false && answer["epoch"] == "E2" && answer["seq"] == 396 && answer["id"] == 1)
        node.log.release(.pages)
        await node.advance(.milliseconds(20))
        node.publish(TestNode.appointments)
        #expect(try await socket.take(1) == ["appointments@397"])
    }

    @Test("a slow reader is not fed from a history that is not its own")
    func refillOfAnotherHistory() async throws {
        let node = await TestNode()
        let socket = try await self.subscribed(node, events: 5)
        try await socket.stopReading()
        _ = try await socket.received()
        for _ in 0..<400 { node.publish(TestNode.appointments) }
        await node.run()
        // The node does not know of it yet.
        node.log.restore(TestNode.appointments, to: 300, epoch: "E2")
        try await socket.readAgain()
        #expect(try await socket.next() == self.told(300, "E2"))
        #expect(try await socket.fence().before.isEmpty)
    }

    @Test("pongs that wait for the old history do not wait for ever")
    func pongs() async throws {
        let node = await TestNode()
        let socket = try await self.subscribed(node, events: 5)
        try await socket.stopReading()
        _ = try await socket.received()
        node.publish(TestNode.appointments)
        await node.advance(.milliseconds(5))
        try await socket.send(#"{"type":"ping","id":"waits"}"#)
        node.log.restore(TestNode.appointments, to: 1, epoch: "E2")
        node.publish(TestNode.appointments)
        let messages = [try await socket.next(), try await socket.next()]
        #expect(messages.map { $0["type"] } == ["subscribed", "pong"])
        #expect(messages[1]["id"] == "waits")
    }
}
