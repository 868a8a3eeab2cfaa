import JSON
import NIOCore
import Testing

@testable import Hub

@Suite("A handshake decides who it is, and what is followed, before the 101", .timeLimit(.minutes(2)))
struct HandshakeTests {
    private static let subscribed = ["appointments", "notifications"].map {
        #"{"type":"subscribed","topic":"\#($0)","seq":0,"epoch":"E1","recovered":true}"#
    }

    @Test("who only connects is subscribed to appointments and notifications")
    func defaults() async throws {
        let node = await TestNode()
        let socket = try await node.dial()
        try await socket.waitForUpgrade()
        let frames = try await socket.received()
        #expect(frames.count == 2)
        for text in Self.subscribed { #expect(frames.contains(.text(text))) }
        node.publish(TestNode.appointments)
        node.publish(TestNode.notifications)
        #expect(try await socket.take(2).sorted() == ["appointments@1", "notifications@1"])
    }

    @Test("the 101 waits until every default subscription is live, also when one of them is already")
    func defaultsAreLiveFirst() async throws {
        let node = await TestNode()
        // Appointments are followed by somebody already, this user's notifications are not.
        node.access.issue("other", user: 2, session: 200)
        node.log.create("user/2/notifications")
        let other = try await node.dial(token: "other")
        try await other.waitForUpgrade()

        node.log.hold(.heads)
        let socket = try await node.dial()
        try await node.eventually("the head is being read") { node.log.heldCount(.heads) == 1 }
        await node.advance(.seconds(2))
        #expect(try await !socket.hasAnswer())
        node.log.release(.heads)
        try await socket.waitForUpgrade()
        #expect(try await socket.received() == Self.subscribed.map { .text($0) })
    }

    @Test("what is committed behind the 101 arrives, whatever is under way")
    func nothingBehindThe101IsLost() async throws {
        let node = await TestNode()
        let socket = try await node.dial()
        try await socket.waitForUpgrade()
        for _ in 0..<5 { node.publish(TestNode.appointments) }
        let messages = try await socket.take(7)
        #expect(messages == ["subscribed", "subscribed"] + (1...5).map { "appointments@\($0)" })
    }

    @Test("a default that the role may not read is left out")
    func forbiddenDefault() async throws {
        let node = await TestNode()
        node.access.issue("nobody", user: 1, role: "nobody")
        let nobody = try await node.dial(token: "nobody")
        try await nobody.waitForUpgrade()
        #expect(try await nobody.fence().before.isEmpty)
        node.access.issue("master", user: 1, session: 101, role: "master")
        let socket = try await node.dial(token: "master")
        try await socket.waitForUpgrade()
        #expect(try await socket.take(2) == ["subscribed", "subscribed"])
        node.publish(TestNode.appointments, data: #"{"phone":"+380"}"#)
        #expect(try await socket.next()["data"] == ["shape": 1])
    }

    @Test("who speaks adelante.v1 is subscribed to nothing by itself, and hears it echoed")
    func version1() async throws {
        let node = await TestNode()
        let socket = try await node.open()
        #expect(socket.response.lowercased().contains("sec-websocket-protocol: adelante.v1\r\n"))
        let fence = try await socket.fence()
        #expect(fence.before.isEmpty)
        #expect(fence.pong["heads"] == [:])
    }

    @Test(
        "the first way to bring a token wins",
        arguments: [
            ("/ws", ["Authorization: bearer token"], true),
            ("/api/v1/ws?x=1&token=token", [], true),
            ("/ws", ["Sec-WebSocket-Protocol: adelante.v1, bearer.token"], true),
            ("/ws?token=token", ["Authorization: Bearer wrong"], false),
            ("/ws?token=token", ["Sec-WebSocket-Protocol: adelante.v1, bearer.wrong"], false),
            ("/ws?token=wrong", ["Sec-WebSocket-Protocol: bearer.token"], true),
            ("/ws?token=", [], false),
            ("/ws", ["Authorization: Basic token"], false),
            ("/ws?token=token", ["Authorization: Basic eDp5"], true),
            ("/ws", ["Authorization: Basic eDp5", "Sec-WebSocket-Protocol: adelante.v1, bearer.token"], true),
        ]
    )
    func tokens(uri: String, headers: [String], isGood: Bool) async throws {
        let node = await TestNode()
        let socket = try await node.dial(token: nil, headers: headers, uri: uri)
        try await socket.waitForUpgrade()
        if isGood {
            #expect(try await node.sessions() == 1)
        } else {
            #expect(try await socket.nextFrame() == .close(4500, "bad token"))
        }
    }

    @Test(
        "a token that does not do is answered by a close code, and by nothing else",
        arguments: [
            (Authentication.expired, 4401, "token expired"), (.invalid, 4500, "bad token"), (.unavailable, 1013, "unavailable"),
        ]
    )
    func badTokens(answer: Authentication, code: UInt16, reason: String) async throws {
        let node = await TestNode()
        node.access.set("bad", answer)
        let socket = try await node.dial(token: "bad")
        try await socket.waitForUpgrade()
        #expect(try await socket.received() == [.close(code, reason)])
        #expect(try await node.sessions() == 0)
    }

    @Test("without PostgreSQL's heads there is no subscription: 1013, and the next try succeeds")
    func databaseAway() async throws {
        let node = await TestNode()
        node.log.fail(.heads)
        let socket = try await node.dial()
        try await socket.waitForUpgrade()
        #expect(try await socket.received() == [.close(1013, "unavailable")])
        node.log.fail(.heads, false)
        let second = try await node.dial()
        try await second.waitForUpgrade()
        #expect(try await second.take(2) == ["subscribed", "subscribed"])
    }

    @Test(
        "a page of another origin may not, unless it is listed or the host's own",
        arguments: [
            ("https://salon.example", "101"), ("https://salon.example:443", "101"), ("http://SALON.example", "101"),
            ("https://salon.example:8443", "403"), ("https://other.example", "101"), ("https://evil.example", "403"),
            ("null", "403"),
        ]
    )
    func origins(origin: String, status: String) async throws {
        let node = await TestNode { $0.allowedOrigins = ["https://other.example"] }
        let socket = try await node.dial(headers: ["Origin: \(origin)"])
        #expect(try await socket.status() == status)
    }

    @Test("sockets of a user and of an address are counted, and counted off again")
    func counts() async throws {
        let node = await TestNode {
            $0.maximumSocketsPerUser = 2
            $0.maximumSocketsPerAddress = 3
        }
        let (first, _) = (try await node.open(), try await node.open())
        let third = try await node.open()
        #expect(try await third.nextFrame() == .close(4429, "too many sockets"))
        try await third.close()
        node.access.issue("other", user: 2, session: 200)
        _ = try await node.open(token: "other")
        let fifth = try await node.open(token: "other")
        #expect(try await fifth.nextFrame() == .close(4429, "too many sockets"))
        _ = try await node.open(token: "other", address: "192.0.2.2")
        try await first.close()
        let again = try await node.open()
        #expect(try await again.fence().before.isEmpty)
    }

    @Test("an address that shakes hands too fast is told 429")
    func handshakeRate() async throws {
        let node = await TestNode {
            $0.limitsRates = true
            $0.handshakesPerSecond = 0.001
            $0.maximumSocketsPerUser = 1_000
        }
        // Ten seconds' worth at once is less than one.
        #expect(try await node.dial().status() == "429")
    }

    @Test("a client that gives up during the handshake leaves nothing behind", arguments: ["token", "heads"])
    func abandoned(during step: String) async throws {
        let node = await TestNode()
        if step == "token" { node.access.hold() } else { node.log.hold(.heads) }
        let socket = try await node.dial()
        try await node.eventually("the handshake waits") {
            step == "token" ? node.access.heldCount == 1 : node.log.heldCount(.heads) >= 1
        }
        try await socket.close()
        node.access.release()
        node.log.release(.heads)
        await node.advance(.seconds(1))
        #expect(try await node.sessions() == 0)
        try await node.eventually("the topics are left") {
            await node.advance(.seconds(31))
            return node.broker.wanted.isEmpty
        }
        #expect(node.hub.counts.addSocket(ofUser: 1))
    }

    @Test("a session that ends during the handshake is told so at once")
    func endedDuringHandshake() async throws {
        let node = await TestNode()
        // The access topic is live already, the defaults are not.
        let other = try await node.open()
        node.log.hold(.heads)
        let socket = try await node.dial()
        try await node.eventually("the heads are being read") { node.log.heldCount(.heads) >= 1 }
        node.publish(TestNode.rights, type: "session:ended", data: "100")
        try await socket.waitForUpgrade()
        #expect(try await socket.nextFrame() == .close(4500, "session ended"))
        #expect(try await other.nextFrame() == .close(4500, "session ended"))
        node.log.release(.heads)
        await node.advance(.milliseconds(50))
    }

    @Test("defaults that are lost during the handshake do not hold it up")
    func roleChangedDuringHandshake() async throws {
        let node = await TestNode()
        _ = try await node.open()
        node.log.hold(.heads)
        let socket = try await node.dial()
        try await node.eventually("the heads are being read") { node.log.heldCount(.heads) >= 1 }
        node.publish(TestNode.rights, type: "role:changed", data: #""1 nobody""#)
        try await socket.waitForUpgrade()
        #expect(try await socket.take(2) == ["unsubscribed", "unsubscribed"])
        node.log.release(.heads)
        await node.advance(.milliseconds(20))
        #expect(try await socket.fence().before.isEmpty)
    }

    @Test("a change of rights between the look-up of a token and the access topic has the token looked up again")
    func changedDuringLookUp() async throws {
        let node = await TestNode()
        node.access.issue("other", user: 2, session: 200)
        node.log.create("user/2/notifications")
        let other = try await node.open(token: "other")
        // Nobody watches any more, but the topic lingers and still brings events.
        try await other.close()
        node.access.hold()
        let socket = try await node.dial()
        try await node.eventually("the token is being looked up") { node.access.heldCount == 1 }
        node.access.set("token", .invalid)
        node.publish(TestNode.rights, type: "session:ended", data: "100")
        await node.advance(.milliseconds(50))
        node.access.release()
        try await socket.waitForUpgrade()
        #expect(try await socket.received() == [.close(4500, "bad token")])
    }

    @Test(
        "the sockets of one login ask once, until a change of rights in their salon, for three seconds, or until PostgreSQL is away"
    )
    func askedOnce() async throws {
        let node = await TestNode()
        let first = try await node.open()
        // The first look-up came before the salon's access topic was served, and so was made again.
        let asked = node.access.asked
        for _ in 0..<3 { _ = try await node.open() }
        #expect(node.access.asked == asked)
        node.publish(TestNode.rights, type: "session:ended", data: "999")
        _ = try await first.fence()
        _ = try await node.open()
        #expect(node.access.asked == asked + 1)
        await node.advance(.seconds(3))
        _ = try await node.open()
        #expect(node.access.asked == asked + 2)
        node.hub.cannotLook()
        await node.run()
        _ = try await node.open()
        #expect(node.access.asked == asked + 3)
    }

    @Test("everybody comes back at once: a handful of questions, and everybody has everything")
    func storm() async throws {
        let node = await TestNode()
        let people = 1...20 as ClosedRange<Int64>
        for person in people {
            node.access.issue("token\(person)", user: person, session: 100 + person)
            node.log.create("user/\(person)/notifications")
            node.log.commit("user/\(person)/notifications")
        }
        for _ in 0..<5 { node.log.commit(TestNode.appointments) }
        var sockets: [TestSocket] = []
        for person in people {
            for _ in 0..<10 { sockets.append(try await node.dial(token: "token\(person)")) }
        }
        for socket in sockets {
            try await socket.waitForUpgrade()
            #expect(try await socket.take(2) == ["subscribed", "subscribed"])
            try await socket.send(TestSocket.subscribe("appointments", since: 2, epoch: "E1"))
            try await socket.send(TestSocket.subscribe("notifications", since: 0, epoch: "E1"))
        }
        for socket in sockets {
            let got = try await socket.take(6)
            #expect(Set(got) == ["subscribed", "appointments@3", "appointments@4", "appointments@5", "notifications@1"])
        }
        #expect(node.log.asked(.heads) + node.log.asked(.pages) < 20)
    }

    @Test("a login that ended a moment after it was looked up opens no socket")
    func endedMeanwhile() async throws {
        let node = await TestNode()
        let other = try await node.open()
        node.access.set("token", .invalid)
        node.publish(TestNode.rights, type: "session:ended", data: "100")
        #expect(try await other.nextFrame() == .close(4500, "session ended"))
        let socket = try await node.dial()
        try await socket.waitForUpgrade()
        #expect(try await socket.received() == [.close(4500, "bad token")])
    }

    @Test("an anonymous socket may follow nothing, and has ten seconds to say who it is")
    func anonymous() async throws {
        let node = await TestNode { $0.anonymousSeconds = 4 }
        let socket = try await node.open(token: nil)
        try await socket.send(TestSocket.subscribe("appointments", id: 1))
        #expect(try await socket.next()["code"] == "unauthorized")
        try await socket.send(TestSocket.subscribe("nonsense", id: 2))
        #expect(try await socket.next()["code"] == "unknown_topic")
        // The deadline is the wall clock's, which nothing in the test can move: its passing is polled.
        try await node.eventually("the time is over") {
            await node.advance(.seconds(1))
            try await Task.sleep(for: .milliseconds(50))
            return try await node.sessions() == 0
        }
        #expect(try await socket.nextFrame() == .close(4408, "nothing said in time"))
    }
}
