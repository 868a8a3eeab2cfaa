import JSON
import NIOCore
import Testing

@testable import Hub

@Suite("Whatever is lost on the way, each event arrives once and in order", .timeLimit(.minutes(2)))
struct DeliveryTests {
    private static func events(_ range: ClosedRange<Int>) -> [String] { range.map { "appointments@\($0)" } }

    private func subscribed(_ node: TestNode, loops: Int = 1) async throws -> TestSocket {
        let socket = try await node.open()
        try await socket.subscribe("appointments")
        return socket
    }

    @Test("an event is taken from Redis, from the node's own commit and from anti-entropy, once")
    func duplicates() async throws {
        let node = await TestNode()
        let socket = try await self.subscribed(node)
        let event = node.commit(TestNode.appointments)
        node.hub.committed([event])
        node.broker.publish(event)
        node.broker.publish(event)
        node.learn(TestNode.appointments, 1)
        #expect(try await socket.take(1) == Self.events(1...1))
        #expect(try await socket.fence().before.isEmpty)
    }

    @Test("an early event waits for its predecessor without a query")
    func reordered() async throws {
        let node = await TestNode()
        let socket = try await self.subscribed(node)
        let events = (0..<3).map { _ in node.commit(TestNode.appointments) }
        for event in events.reversed() { node.broker.publish(event) }
        #expect(try await socket.take(3) == Self.events(1...3))
        await node.advance(.milliseconds(50))
        #expect(node.log.asked(.pages) == 0)
    }

    @Test("a lost publication is read from the log when the next one shows it")
    func gap() async throws {
        let node = await TestNode()
        let socket = try await self.subscribed(node)
        for _ in 0..<300 { node.commit(TestNode.appointments) }
        node.publish(TestNode.appointments)
        #expect(try await socket.take(301) == Self.events(1...301))
        #expect(try await socket.fence().before.isEmpty)
        #expect(node.log.asked(.pages) == 2)
    }

    @Test("a lost last publication is found by anti-entropy, which then doubts Redis if it was old")
    func learned() async throws {
        let node = await TestNode()
        let socket = try await self.subscribed(node)
        node.commit(TestNode.appointments)
        node.learn(TestNode.appointments, 1, age: 100_000)
        #expect(try await socket.take(1) == Self.events(1...1))
        #expect(node.broker.probes == 0)
        node.commit(TestNode.appointments)
        node.learn(TestNode.appointments, 2, age: 600_000)
        #expect(try await socket.take(1) == Self.events(2...2))
        #expect(node.broker.probes == 1)
        node.broker.hears(false)
        node.commit(TestNode.appointments)
        node.learn(TestNode.appointments, 3, age: 600_000)
        #expect(try await socket.take(1) == Self.events(3...3))
        #expect(node.broker.probes == 1)
    }

    @Test("a log that fails is asked again, and nothing is lost")
    func failingLog() async throws {
        let node = await TestNode()
        let socket = try await self.subscribed(node)
        node.log.fail(.pages)
        node.commit(TestNode.appointments)
        node.publish(TestNode.appointments)
        try await node.eventually("the log was asked in vain") { node.log.asked(.pages) >= 2 }
        #expect(try await socket.received().isEmpty)
        node.log.fail(.pages, false)
        #expect(try await socket.take(2) == Self.events(1...2))
        #expect(try await socket.fence().before.isEmpty)
    }

    @Test("events that come while the head is being read are kept")
    func duringHead() async throws {
        let node = await TestNode()
        let socket = try await node.open()
        node.log.hold(.heads)
        try await socket.send(TestSocket.subscribe("appointments"))
        try await node.eventually("the head is being read") { node.log.heldCount(.heads) == 1 }
        for _ in 0..<3 { node.publish(TestNode.appointments) }
        await node.run()
        node.log.release(.heads)
        let answer = try await socket.next()
        #expect(answer["seq"] == 0)
        #expect(try await socket.take(3) == Self.events(1...3))
    }

    @Test("what anti-entropy finds while the head is being read is not forgotten")
    func learnedDuringHead() async throws {
        let node = await TestNode(brokerConfirms: false)
        node.broker.hears(false)
        let opening = try await node.dial(headers: ["Sec-WebSocket-Protocol: adelante.v1"])
        try await opening.waitForUpgrade()
        node.log.hold(.heads)
        try await opening.send(TestSocket.subscribe("appointments"))
        try await node.eventually("the head is being read") { node.log.heldCount(.heads) == 1 }
        node.commit(TestNode.appointments)
        node.learn(TestNode.appointments, 1)
        await node.run()
        node.log.release(.heads)
        #expect(try await opening.take(2) == ["subscribed"] + Self.events(1...1))
    }

    @Test("a broker that does not confirm is waited for 500 ms, then anti-entropy has the topic")
    func unconfirmed() async throws {
        let node = await TestNode()
        let socket = try await node.open()
        node.broker.confirms(false)
        try await socket.send(TestSocket.subscribe("appointments"))
        await node.advance(.milliseconds(499))
        #expect(node.log.asked(.heads) == 1)
        await node.advance(.milliseconds(1))
        try await node.eventually("the head is asked for") { node.log.asked(.heads) == 2 }
        #expect(try await socket.next()["type"] == "subscribed")
        // A confirmation that comes after all changes nothing.
        node.broker.confirm(TestNode.appointments)
        node.commit(TestNode.appointments)
        node.learn(TestNode.appointments, 1)
        #expect(try await socket.take(1) == Self.events(1...1))
        #expect(node.log.asked(.heads) == 2)
    }

    @Test("with Redis known to be away nothing is waited for: anti-entropy has the topic at once")
    func brokerAway() async throws {
        let node = await TestNode()
        let socket = try await node.open()
        node.broker.confirms(false)
        node.broker.hears(false)
        try await socket.send(TestSocket.subscribe("appointments"))
        // Reads are gathered for a moment, far less than the time that Redis is waited for; another thread asks.
        await node.advance(.milliseconds(250))
        for _ in 0..<100_000 where node.log.asked(.heads) < 2 {
            await node.run()
            await Task.yield()
        }
        #expect(node.log.asked(.heads) == 2)
        #expect(try await socket.next()["type"] == "subscribed")
        node.commit(TestNode.appointments)
        node.learn(TestNode.appointments, 1)
        #expect(try await socket.take(1) == Self.events(1...1))
    }

    @Test("a confirmation fixes the head, not the subscription's beginning")
    func headBehindConfirmation() async throws {
        let node = await TestNode()
        let socket = try await node.open()
        node.broker.confirms(false)
        try await socket.send(TestSocket.subscribe("appointments"))
        for _ in 0..<2 { node.commit(TestNode.appointments) }
        node.broker.confirm(TestNode.appointments)
        #expect(try await socket.next()["seq"] == 2)
    }

    @Test("when Redis hears everything again, somebody is asked to look")
    func recovered() async throws {
        let node = await TestNode()
        node.broker.recover()
        await node.run()
        #expect(node.recoveries.withLock { $0 } == 1)
    }

    @Test("misses are gathered: many sockets from one position cost one query, many positions bounded ones")
    func gathered() async throws {
        let node = await TestNode { $0.maximumSocketsPerUser = 1_000 }
        for _ in 0..<400 { node.commit(TestNode.appointments) }
        var sockets: [TestSocket] = []
        for _ in 0..<5 { sockets.append(try await node.open()) }
        node.log.hold(.pages)
        for socket in sockets { try await socket.send(TestSocket.subscribe("appointments", since: 350)) }
        try await node.eventually("the page is being read") { node.log.heldCount(.pages) == 1 }
        node.log.release(.pages)
        for socket in sockets { #expect(try await socket.take(51) == ["subscribed"] + Self.events(351...400)) }
        #expect(node.log.asked(.pages) == 1)
    }

    @Test("one query never asks for more than so many ranges, and all of them are answered")
    func boundedQueries() async throws {
        let node = await TestNode()
        let topics = (0..<1_200).map { "salon/\($0)/things" }
        for topic in topics {
            node.log.create(topic)
            node.log.commit(topic)
        }
        try await self.expectAnswers(node, to: topics.map { LogRange(topic: $0, after: 0) })
        #expect(node.log.largestRead == LogReader.rangesPerQuery)
        #expect(node.log.asked(.pages) == 3)
    }

    @Test("a hundred who come back to one topic from about the same place cost one read of it")
    func sharedRead() async throws {
        let node = await TestNode()
        for _ in 0..<200 { node.log.commit(TestNode.appointments) }
        try await self.expectAnswers(node, to: (100..<200).map { LogRange(topic: TestNode.appointments, after: $0) })
        #expect(node.log.asked(.pages) == 1)
        #expect(node.log.largestRead < 5)
    }

    private func expectAnswers(_ node: TestNode, to ranges: [LogRange]) async throws {
        let (answers, loop, log, access) = (Answers(), node.ingestLoop, node.log, node.access)
        try await loop.executeInContext {
            let reader = LogReader(eventLoop: loop, log: log, access: access)
            for range in ranges {
                reader.page(range) { result in
                    if case .success(let entries) = result, entries.first?.seq == range.after + 1 { answers.count += 1 }
                }
            }
        }
        try await node.eventually("every range is answered") { try await loop.executeInContext { answers.count } == ranges.count }
    }

    /// Confined to the ingest loop.
    private final class Answers: @unchecked Sendable {
        var count = 0
    }

    // MARK: Slow readers

    @Test("a slow reader costs nothing but its cursor, and catches up from the ring")
    func slowReader() async throws {
        let node = await TestNode()
        let socket = try await self.subscribed(node)
        try await socket.stopReading()
        _ = try await socket.received()
        for _ in 0..<100 { node.publish(TestNode.appointments) }
        await node.advance(.milliseconds(20))
        #expect(try await socket.received().isEmpty)
        let pages = node.log.asked(.pages)
        try await socket.readAgain()
        #expect(try await socket.take(100) == Self.events(1...100))
        #expect(node.log.asked(.pages) == pages)
    }

    @Test("one that fell off the ring catches up from the log, then from the ring")
    func slowestReader() async throws {
        let node = await TestNode()
        let (socket, quick) = (try await self.subscribed(node), try await self.subscribed(node))
        try await socket.stopReading()
        _ = try await socket.received()
        for _ in 0..<700 { node.publish(TestNode.appointments) }
        #expect(try await quick.take(700) == Self.events(1...700))
        #expect(try await socket.received().isEmpty)
        try await socket.readAgain()
        for _ in 0..<5 { node.publish(TestNode.appointments) }
        #expect(try await socket.take(705) == Self.events(1...705))
        #expect(try await socket.fence().before.isEmpty)
    }

    @Test("a page that comes while the reader is blocked is read again later, not kept")
    func blockedDuringRefill() async throws {
        let node = await TestNode()
        let socket = try await self.subscribed(node)
        try await socket.stopReading()
        _ = try await socket.received()
        for _ in 0..<400 { node.publish(TestNode.appointments) }
        await node.run()
        node.log.hold(.pages)
        try await socket.readAgain()
        try await node.eventually("the page is being read") { node.log.heldCount(.pages) == 1 }
        try await socket.stopReading()
        _ = try await socket.received()
        node.log.release(.pages)
        await node.advance(.milliseconds(20))
        try await node.eventually("the page has come") {
            try await node.onShard { shard in
                shard.sessions.values.allSatisfy { $0.subscriptions.allSatisfy { $0.isAcknowledged && $0.page.isEmpty } }
            }
        }
        #expect(try await socket.received().isEmpty)
        try await socket.readAgain()
        #expect(try await socket.take(400) == Self.events(1...400))
    }

    @Test("a log that fails while a slow reader catches up is asked again")
    func failingRefill() async throws {
        let node = await TestNode()
        let socket = try await self.subscribed(node)
        try await socket.stopReading()
        _ = try await socket.received()
        for _ in 0..<300 { node.publish(TestNode.appointments) }
        await node.run()
        node.log.fail(.pages)
        try await socket.readAgain()
        try await node.eventually("asked twice in vain") { node.log.asked(.pages) >= 2 }
        node.log.fail(.pages, false)
        #expect(try await socket.take(300) == Self.events(1...300))
    }

    @Test("one that fell off the log is told so unasked, and its pongs do not wait for what will not come")
    func prunedUnderASlowReader() async throws {
        let node = await TestNode()
        let socket = try await self.subscribed(node)
        try await socket.stopReading()
        _ = try await socket.received()
        for _ in 0..<400 { node.publish(TestNode.appointments) }
        await node.run()
        node.log.prune(TestNode.appointments, through: 50)
        try await socket.readAgain()
        let told = try await socket.next()
        #expect(told == ["type": "subscribed", "topic": "appointments", "seq": 400, "epoch": "E1", "recovered": false])
        node.publish(TestNode.appointments)
        #expect(try await socket.take(1) == Self.events(401...401))
        #expect(try await socket.fence().pong["heads"] == ["appointments": 401])
    }

    // MARK: Pongs

    @Test("a pong leaves behind every event that its heads count")
    func pongOrder() async throws {
        let node = await TestNode()
        let socket = try await self.subscribed(node)
        try await socket.subscribe("clients")
        try await socket.stopReading()
        #expect(try await socket.received().count == 1)
        for _ in 0..<3 { node.publish(TestNode.appointments) }
        await node.advance(.milliseconds(5))
        try await socket.send(#"{"type":"ping","id":"p"}"#)
        node.publish(TestNode.appointments)
        await node.advance(.milliseconds(5))
        #expect(try await socket.received().isEmpty)
        try await socket.readAgain()
        let messages = [try await socket.next(), try await socket.next(), try await socket.next(), try await socket.next()]
        let pong = try await socket.next()
        #expect(messages.map(TestSocket.name) == Self.events(1...4))
        #expect(pong["id"] == "p")
        #expect(pong["heads"] == ["appointments": 3, "clients": 0])
    }

    @Test("a reader that does not read may have so many pongs waiting")
    func waitingPongs() async throws {
        let node = await TestNode()
        let socket = try await self.subscribed(node)
        try await socket.stopReading()
        _ = try await socket.received()
        node.publish(TestNode.appointments)
        await node.advance(.milliseconds(5))
        for _ in 0..<17 { try await socket.send(#"{"type":"ping"}"#) }
        let refused = try await socket.next()
        #expect(refused["code"] == "rate_limited" && refused["retryAfter"] == 1_000)
        try await socket.readAgain()
        let expected = Self.events(1...1) + Array(repeating: "pong", count: 16)
        #expect(try await socket.take(17) == expected)
    }

    // MARK: Memory

    @Test("when the rings of a loop outgrow their budget, the least used ones are forgotten, and readers still get everything")
    func ringBudget() async throws {
        let node = await TestNode { $0.ringBytesPerLoop = 40_000 }
        let socket = try await self.subscribed(node)
        try await socket.subscribe("clients")
        let data = "\"" + String(repeating: "x", count: 2_000) + "\""
        for _ in 0..<10 { node.publish(TestNode.clients, data: data) }
        _ = try await socket.take(10)
        for _ in 0..<12 { node.publish(TestNode.appointments, data: data) }
        #expect(try await socket.take(12) == Self.events(1...12))
        let pages = node.log.asked(.pages)
        #expect(try await socket.subscribe("clients", since: 0)["recovered"] == true)
        #expect(try await socket.take(10) == (1...10).map { "clients@\($0)" })
        #expect(node.log.asked(.pages) > pages)
    }
}
