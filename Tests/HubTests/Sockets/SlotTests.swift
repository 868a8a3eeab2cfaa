import JSON
import NIOCore
import Testing

@testable import Hub

@Suite("Events beside a topic's log", .timeLimit(.minutes(2)))
struct SlotTests {
    private static func event(_ type: String, _ number: Int64, id: JSONValue? = nil) -> JSONValue {
        var event: JSONObject = ["type": .string(type)]
        if let id { event["id"] = id }
        return .object(event.merging(["topic": "appointments", "data": ["n": .number(JSONNumber(number))]]))
    }

    private static func subscribed(_ node: TestNode, on loop: Int = 0) async throws -> TestSocket {
        let socket = try await node.open(on: loop)
        try await socket.send(TestSocket.subscribe("appointments"))
        try await node.eventually("it is subscribed") { try await socket.take(1) == ["subscribed"] }
        return socket
    }

    @Test("a loop follows them once; its subscribers hear each, those who come later what is the case, and seq goes on")
    func told() async throws {
        let node = await TestNode(loops: 2)
        let (first, second, far) = (
            try await Self.subscribed(node), try await Self.subscribed(node), try await Self.subscribed(node, on: 1)
        )
        #expect(node.holds.followed == [TestNode.appointments, TestNode.appointments])
        node.holds.sayHeld(1)
        node.holds.sayHeld(2)
        node.publish(TestNode.appointments)
        for socket in [first, second, far] {
            #expect(try await socket.next() == Self.event("slot:held", 1))
            #expect(try await socket.next() == Self.event("slot:held", 2))
            #expect(try await socket.take(1) == ["appointments@1"])
        }
        node.holds.sayGone(1)
        await node.run()
        for socket in [first, second, far] { #expect(try await socket.next() == Self.event("slot:released", 1)) }
        let late = try await node.open()
        try await late.subscribe("appointments", since: 0)
        #expect(try await late.next() == Self.event("slot:held", 2))
        #expect(try await late.take(1) == ["appointments@1"])
        let other = try await node.open()
        try await other.send(TestSocket.subscribe("clients"))
        try await node.eventually("it is subscribed") { try await other.take(1) == ["subscribed"] }
        node.holds.sayGone(2)
        // One that nobody was told of.
        node.holds.sayGone(9)
        await node.run()
        for socket in [first, second, far, late] { #expect(try await socket.next() == Self.event("slot:released", 2)) }
        for socket in [first, late, far, other] { #expect(try await socket.fence().before.isEmpty) }
    }

    @Test("sockets that are subscribed by default hear what is the case behind their subscription")
    func byDefault() async throws {
        let node = await TestNode()
        _ = try await Self.subscribed(node)
        node.holds.sayHeld(1)
        await node.run()
        let page = try await node.dial()
        try await page.waitForUpgrade()
        let names = try await page.take(3)
        #expect(names.filter { $0 == "subscribed" }.count == 2 && names.contains("slot:held"))
        #expect(names.first == "subscribed")
    }

    @Test("a subscription that has to start over is told what is the case again")
    func startingOver() async throws {
        let node = await TestNode()
        let socket = try await Self.subscribed(node)
        node.holds.sayHeld(1)
        await node.run()
        #expect(try await socket.take(1) == ["slot:held"])
        node.log.restore(TestNode.appointments, to: 5, epoch: "E2")
        node.hub.historyRenewed()
        #expect(try await socket.next()["recovered"] == false)
        #expect(try await socket.next() == Self.event("slot:held", 1))
    }

    @Test("whoever asked for it has the answer and is not told again")
    func answers() async throws {
        let node = await TestNode()
        let (mine, theirs) = (try await Self.subscribed(node), try await Self.subscribed(node))
        try await mine.send(#"{"type":"slot:hold","id":"h","staffId":4}"#)
        let command = try #require(node.holds.commands.first)
        let connection = try #require(command.split(separator: " ").last.map(String.init))
        #expect(command == "hold 4 by \(connection)" && connection.utf8.count == 16)
        node.holds.sayHeld(1, by: connection)
        node.holds.answer(.done(MemoryHolds.event("slot:held", 1)))
        await node.run()
        #expect(try await mine.next() == Self.event("slot:held", 1, id: "h"))
        #expect(try await theirs.next() == Self.event("slot:held", 1))
        try await mine.send(#"{"type":"slot:release","fence":1}"#)
        #expect(node.holds.commands == ["release 1 by \(connection)"])
        node.holds.sayGone(1, by: connection)
        node.holds.answer(.done(MemoryHolds.event("slot:released", 1)))
        await node.run()
        #expect(try await mine.next() == Self.event("slot:released", 1))
        #expect(try await theirs.next() == Self.event("slot:released", 1))
        let refusals: [(SlotAnswer, String, Int64?)] = [
            (.invalid("date"), "bad_request", nil), (.refused(.forbidden), "forbidden", nil), (.refused(.full), "full", nil),
            (.refused(.unavailable(retryAfter: 500)), "unavailable", 500),
        ]
        for (answer, code, wait) in refusals {
            try await mine.send(#"{"type":"slot:hold","id":3}"#)
            node.holds.answer(answer)
            await node.run()
            let error = try await mine.next()
            #expect(error["code"]?.string == code && error["id"] == 3 && error["retryAfter"]?.int == wait)
        }
        try await mine.send(#"{"type":"slot:hold","id":3}"#)
        node.holds.answer(.heldByOther(message: "Оксана is booking", hold: ByteBuffer(string: "{\"fence\":9}")))
        await node.run()
        #expect(
            try await mine.next() == [
                "type": "error", "id": 3, "code": "slot_held", "message": "Оксана is booking", "hold": ["fence": 9],
            ]
        )
        #expect(node.holds.left.isEmpty)
        try await mine.close()
        try await theirs.close()
        #expect(node.holds.left == ["\(connection) false"])
    }

    @Test("a socket whose login ends, or whose role changes, lets go at once; an anonymous one holds nothing")
    func endings() async throws {
        let node = await TestNode()
        let anonymous = try await node.open(token: nil)
        try await anonymous.send(#"{"type":"slot:hold","id":1}"#)
        #expect(try await anonymous.next()["code"] == "unauthorized")
        try await anonymous.close()
        #expect(node.holds.commands.isEmpty && node.holds.left.isEmpty)
        let socket = try await Self.subscribed(node)
        try await socket.send(#"{"type":"slot:hold"}"#)
        node.publish(TestNode.rights, type: "role:changed", data: "\"1 master\"")
        try await node.eventually("it let go") { node.holds.left.count == 1 }
        #expect(node.holds.left.first?.hasSuffix(" true") == true)
        try await socket.send(#"{"type":"slot:hold"}"#)
        node.publish(TestNode.rights, type: "session:ended", data: "100")
        try await node.eventually("it let go") { node.holds.left.count == 2 }
        await node.run()
        #expect(node.holds.left.count == 2 && node.holds.left[1].hasSuffix(" true"))
    }

    @Test("a slow reader is told the difference when it reads again, however much came and went")
    func slowReader() async throws {
        let node = await TestNode()
        let (slow, quick) = (try await Self.subscribed(node), try await Self.subscribed(node))
        for number in 1...2 { node.holds.sayHeld(number) }
        await node.run()
        for socket in [slow, quick] { #expect(try await socket.take(2) == ["slot:held", "slot:held"]) }
        try await slow.stopReading()
        for number in 3...40 { node.holds.sayHeld(number) }
        for number in 3...39 { node.holds.sayGone(number) }
        node.holds.sayGone(1)
        node.holds.sayHeld(2)
        await node.run()
        #expect(try await quick.take(77).filter { $0 == "slot:released" }.count == 38)
        try await slow.readAgain()
        try await node.eventually("the refusal") { try await slow.take(1) == ["error"] }
        #expect(try await slow.next() == Self.event("slot:lost", 1))
        #expect(try await slow.next() == Self.event("slot:held", 2))
        #expect(try await slow.next() == Self.event("slot:held", 40))
        #expect(try await slow.fence().before.isEmpty)
    }

    @Test("a repeated subscribe that comes to nothing: what came about while it was looked up is told with the refusal")
    func repeatedInVain() async throws {
        let node = await TestNode()
        let socket = try await Self.subscribed(node)
        node.holds.sayHeld(1)
        await node.run()
        #expect(try await socket.take(1) == ["slot:held"])
        node.log.hold(.heads)
        let asked = node.log.asked(.heads)
        try await socket.send(TestSocket.subscribe("appointments", since: 9))
        try await node.eventually("the head is being read") { node.log.heldCount(.heads) > 0 }
        #expect(node.log.asked(.heads) > asked)
        node.holds.sayHeld(2)
        node.holds.sayGone(1)
        await node.run()
        #expect(try await socket.fence().before.isEmpty)
        node.log.release(.heads, isLost: true)
        let error = try await socket.next()
        #expect(error["code"] == "unavailable")
        #expect(try await socket.next() == Self.event("slot:lost", 1))
        #expect(try await socket.next() == Self.event("slot:held", 2))
        node.holds.sayHeld(3)
        await node.run()
        #expect(try await socket.next() == Self.event("slot:held", 3))
        #expect(try await socket.fence().before.isEmpty)
    }

    @Test("a keeper that is away is asked again; what it says anew is told as a difference; unfollowed when nobody is there")
    func away() async throws {
        let node = await TestNode()
        let socket = try await Self.subscribed(node)
        node.holds.sayHeld(1)
        await node.run()
        #expect(try await socket.take(1) == ["slot:held"])
        func all(_ numbers: Int...) -> SlotNews {
            .all(numbers.map { ("\($0)", MemoryHolds.event("slot:held", $0), MemoryHolds.event("slot:lost", $0)) })
        }
        node.holds.say(all(2))
        await node.run()
        #expect(try await socket.next() == Self.event("slot:lost", 1))
        #expect(try await socket.next() == Self.event("slot:held", 2))
        node.holds.say(.unavailable)
        try await node.eventually("it is asked again") {
            await node.advance(.seconds(1))
            return node.holds.followed.count == 2
        }
        node.holds.say(all())
        await node.run()
        #expect(try await socket.next() == Self.event("slot:lost", 2))
        try await socket.close()
        try await node.eventually("it is followed no more") {
            await node.advance(.seconds(5))
            return node.holds.followed.count == 1
        }
    }
}
