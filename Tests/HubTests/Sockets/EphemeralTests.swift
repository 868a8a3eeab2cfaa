import JSON
import NIOCore
import Testing

@testable import Hub

@Suite("Topics without a log", .timeLimit(.minutes(2)))
struct EphemeralTests {
    private static func subscribe(_ name: String, id: Int? = nil) -> String {
        let id = id.map { ",\"id\":\($0)" } ?? ""
        return #"{"type":"subscribe","topic":"\#(name)"\#(id)}"#
    }

    private static func event(_ name: String, _ state: Int64) -> JSONValue {
        ["type": "state:is", "topic": .string(name), "data": ["n": .number(JSONNumber(state))]]
    }

    @Test("an anonymous socket is acknowledged with the present state, hears each change, and nothing after the last")
    func anonymous() async throws {
        let node = await TestNode()
        let socket = try await node.open(token: nil, address: "192.0.2.9")
        try await socket.send(Self.subscribe("state:a", id: 5))
        #expect(node.states.followed == ["state:a"])
        #expect(node.states.readers.first?.address == "192.0.2.9")
        #expect(node.states.readers.first?.principal == nil)
        #expect(try await socket.fence().before.isEmpty)
        let tell = node.states.teller("state:a")
        node.states.say("state:a", 1)
        node.states.say("state:a", 2)
        await node.run()
        #expect(try await socket.next() == ["type": "subscribed", "id": 5, "topic": "state:a"])
        #expect(try await socket.next() == Self.event("state:a", 1))
        #expect(try await socket.next() == Self.event("state:a", 2))
        node.states.sayLast("state:a", 3)
        await node.run()
        #expect(try await socket.next() == Self.event("state:a", 3))
        #expect(node.states.followed.isEmpty)
        tell(.event(type: "state:is", data: ByteBuffer(string: "{}")))
        await node.run()
        #expect(try await socket.fence().before.isEmpty)
    }

    @Test("asked for twice before there is an answer, both are answered; given up before there is one, too")
    func overtaken() async throws {
        let node = await TestNode()
        let socket = try await node.open(token: nil)
        try await socket.send(Self.subscribe("state:a", id: 1))
        try await socket.send(Self.subscribe("state:a", id: 2))
        node.states.say("state:a", 1)
        await node.run()
        for id in [1, 2] as [JSONValue] {
            #expect(try await socket.next() == ["type": "subscribed", "id": id, "topic": "state:a"])
        }
        #expect(try await socket.next() == Self.event("state:a", 1))
        try await socket.send(Self.subscribe("state:b", id: 3))
        try await socket.send(#"{"type":"unsubscribe","topic":"state:b","id":4}"#)
        for id in [3, 4] as [JSONValue] {
            #expect(try await socket.next() == ["type": "unsubscribed", "id": id, "topic": "state:b"])
        }
        #expect(try await socket.fence().before.isEmpty)
    }

    @Test("whatever it is refused with is told once, with the command's id")
    func refused() async throws {
        let node = await TestNode()
        let socket = try await node.open(token: nil)
        let cases: [(EphemeralRefusal, String, Int64?)] = [
            (.unauthorized, "unauthorized", nil), (.forbidden, "forbidden", nil),
            (.rateLimited(retryAfter: 700), "rate_limited", 700), (.unavailable(retryAfter: 1_000), "unavailable", 1_000),
        ]
        for (refusal, code, wait) in cases {
            try await socket.send(Self.subscribe("state:a", id: 6))
            node.states.teller("state:a")(.refused(refusal))
            await node.run()
            let error = try await socket.next()
            #expect(error["type"] == "error" && error["code"] == .string(code) && error["id"] == 6)
            #expect(error["retryAfter"]?.int == wait)
            #expect(node.states.followed.isEmpty)
        }
        #expect(try await socket.fence().before.isEmpty)
    }

    @Test("subscriptions that come to nothing give an anonymous socket no more time")
    func noMoreTime() async throws {
        let node = await TestNode { $0.anonymousSeconds = 2 }
        let socket = try await node.open(token: nil)
        try await node.eventually("the time is over") {
            if try await node.sessions() > 0 {
                try await socket.send(Self.subscribe("state:a"))
                node.states.sayLast("state:a", 1)
            }
            await node.advance(.seconds(1))
            try await Task.sleep(for: .milliseconds(50))
            return try await node.sessions() == 0
        }
        while try await socket.nextFrame() != .close(4408, "nothing said in time") {}
    }

    @Test("the third refusal within ten seconds for coming too often closes the socket")
    func tooOften() async throws {
        let node = await TestNode { $0.limitsRates = true }
        let socket = try await node.open(token: nil)
        for _ in 0..<3 {
            try await socket.send(Self.subscribe("state:a"))
            node.states.teller("state:a")(.refused(.rateLimited(retryAfter: 700)))
            await node.run()
        }
        #expect(try await socket.next()["code"] == "rate_limited")
        #expect(try await socket.next()["code"] == "rate_limited")
        #expect(try await socket.nextFrame() == .close(4429, "too many subscriptions"))
    }

    @Test("unsubscribing, subscribing anew and closing stop it; what was on its way is told to nobody")
    func stopped() async throws {
        let node = await TestNode()
        let socket = try await node.open()
        #expect(node.states.readers.isEmpty)
        try await socket.send(Self.subscribe("state:a"))
        #expect(node.states.readers.first?.principal?.userID == 1)
        let first = node.states.teller("state:a")
        try await socket.send(Self.subscribe("state:a", id: 2))
        #expect(node.states.followed == ["state:a"])
        first(.event(type: "state:is", data: ByteBuffer(string: "{\"n\":1}")))
        node.states.say("state:a", 2)
        await node.run()
        #expect(try await socket.next() == ["type": "subscribed", "id": 2, "topic": "state:a"])
        #expect(try await socket.next() == Self.event("state:a", 2))
        let second = node.states.teller("state:a")
        try await socket.send(#"{"type":"unsubscribe","topic":"state:a","id":3}"#)
        #expect(try await socket.next() == ["type": "unsubscribed", "id": 3, "topic": "state:a"])
        #expect(node.states.followed.isEmpty)
        second(.event(type: "state:is", data: ByteBuffer(string: "{\"n\":3}")))
        await node.run()
        // Of what is not followed too.
        try await socket.send(#"{"type":"unsubscribe","topic":"state:b","id":4}"#)
        #expect(try await socket.next() == ["type": "unsubscribed", "id": 4, "topic": "state:b"])
        for name in ["state:c", "state:d"] { try await socket.send(Self.subscribe(name)) }
        #expect(node.states.followed == ["state:c", "state:d"])
        let third = node.states.teller("state:c")
        try await socket.close()
        #expect(node.states.followed.isEmpty)
        third(.event(type: "state:is", data: ByteBuffer(string: "{\"n\":4}")))
        await node.run()
        #expect(try await node.sessions() == 0)
    }

    @Test("they count among a socket's topics")
    func bounded() async throws {
        let node = await TestNode { $0.maximumTopics = 3 }
        let socket = try await node.open()
        for name in ["state:a", "state:b"] {
            try await socket.send(Self.subscribe(name))
            node.states.say(name, 1)
            await node.run()
            #expect(try await socket.take(2) == ["subscribed", "state:is"])
        }
        try await socket.send(Self.subscribe("clients"))
        try await node.eventually("it is subscribed") { try await socket.take(1) == ["subscribed"] }
        for name in ["state:c", "staff"] {
            try await socket.send(Self.subscribe(name))
            #expect(try await socket.next()["code"] == "too_many_topics")
        }
        // One that it has already is none more.
        try await socket.send(Self.subscribe("state:a"))
        node.states.say("state:a", 2)
        await node.run()
        #expect(try await socket.take(2) == ["subscribed", "state:is"])
        node.states.sayLast("state:a", 3)
        await node.run()
        #expect(try await socket.take(1) == ["state:is"])
        try await socket.send(Self.subscribe("state:c"))
        #expect(node.states.followed == ["state:b", "state:c"])
    }

    @Test("a room is entered, entered again before the earlier entry is stopped, and left")
    func rooms() async throws {
        let node = await TestNode()
        let socket = try await node.open()
        try await socket.send(#"{"type":"presence:enter","room":"r","state":{"a":1},"id":5}"#)
        #expect(node.states.takeSteps() == ["enter state:r {\"a\":1}"])
        node.states.say("state:r", 1)
        await node.run()
        #expect(try await socket.next() == ["type": "subscribed", "id": 5, "topic": "state:r"])
        #expect(try await socket.next() == Self.event("state:r", 1))
        try await socket.send(#"{"type":"presence:enter","room":"r"}"#)
        #expect(node.states.takeSteps() == ["enter state:r -", "stop state:r"])
        // Subscribing to it makes nobody leave.
        try await socket.send(Self.subscribe("state:r"))
        #expect(node.states.takeSteps() == ["enter state:r -", "stop state:r"])
        for room in 1..<10 { try await socket.send(#"{"type":"presence:enter","room":"r\#(room)"}"#) }
        #expect(node.states.takeSteps().count == 9)
        try await socket.send(#"{"type":"presence:enter","room":"r10","id":6}"#)
        let error = try await socket.next()
        #expect(error["code"] == "too_many_topics" && error["id"] == 6)
        try await socket.send(#"{"type":"presence:leave","room":"r","id":7}"#)
        #expect(try await socket.next() == ["type": "unsubscribed", "id": 7, "topic": "state:r"])
        #expect(node.states.takeSteps() == ["stop state:r"])
        try await socket.close()
        #expect(node.states.takeSteps().count == 9)
    }

    @Test("a role that may no longer follow ends what it watches and where it is; an answer that is still due is the error")
    func roleChanged() async throws {
        let node = await TestNode()
        let socket = try await node.open()
        try await socket.send(#"{"type":"presence:enter","room":"owners/in"}"#)
        try await socket.send(Self.subscribe("state:owners/watched"))
        try await socket.send(Self.subscribe("state:all"))
        for name in ["state:owners/in", "state:owners/watched", "state:all"] { node.states.say(name, 1) }
        await node.run()
        #expect(try await socket.take(6).filter { $0 == "subscribed" }.count == 3)
        try await socket.send(#"{"type":"presence:enter","room":"owners/new","id":7}"#)
        _ = node.states.takeSteps()
        let teller = node.states.teller("state:owners/watched")
        node.publish(TestNode.rights, type: "role:changed", data: #""1 master""#)
        #expect(try await socket.next() == ["type": "unsubscribed", "topic": "state:owners/in", "code": "forbidden"])
        let error = try await socket.next()
        #expect(error["code"] == "forbidden" && error["id"] == 7)
        #expect(try await socket.next() == ["type": "unsubscribed", "topic": "state:owners/watched", "code": "forbidden"])
        #expect(node.states.takeSteps() == ["stop state:owners/in", "stop state:owners/new"])
        #expect(node.states.followed == ["state:all"])
        teller(.event(type: "state:is", data: ByteBuffer(string: "{}")))
        node.states.say("state:all", 2)
        await node.run()
        #expect(try await socket.next() == Self.event("state:all", 2))
        #expect(try await socket.fence().before.isEmpty)
    }

    @Test("entering again in vain ends the membership, and says so")
    func enteredAgainInVain() async throws {
        let node = await TestNode()
        let socket = try await node.open()
        try await socket.send(#"{"type":"presence:enter","room":"r"}"#)
        node.states.say("state:r", 1)
        await node.run()
        #expect(try await socket.take(2) == ["subscribed", "state:is"])
        for id in 5...6 { try await socket.send(#"{"type":"presence:enter","room":"r","id":\#(id)}"#) }
        node.states.teller("state:r")(.refused(.unavailable(retryAfter: 1_000)))
        await node.run()
        for id in [5, 6] as [JSONValue] {
            let error = try await socket.next()
            #expect(error["code"] == "unavailable" && error["id"] == id)
        }
        #expect(try await socket.next() == ["type": "unsubscribed", "topic": "state:r", "code": "unavailable"])
        #expect(node.states.followed.isEmpty)
        #expect(try await socket.fence().before.isEmpty)
    }

    @Test("who does not read is told the whole state when it reads again, and no change before")
    func slowReader() async throws {
        let node = await TestNode()
        let socket = try await node.open()
        try await socket.send(#"{"type":"presence:enter","room":"r"}"#)
        node.states.say("state:r", 1)
        await node.run()
        #expect(try await socket.take(2) == ["subscribed", "state:is"])
        try await socket.stopReading()
        for state in 2...9 { node.states.say("state:r", state) }
        await node.run()
        #expect(node.states.askedAgain == 0)
        try await socket.readAgain()
        #expect(node.states.askedAgain == 1)
        node.states.say("state:r", 9)
        await node.run()
        #expect(try await socket.take(1) == ["error"])
        #expect(try await socket.next() == Self.event("state:r", 9))
        #expect(try await socket.fence().before.isEmpty)
    }
}
