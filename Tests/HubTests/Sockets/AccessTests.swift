import JSON
import NIOCore
import Testing

@testable import Hub

@Suite("Rights end and change on open sockets", .timeLimit(.minutes(2)))
struct AccessTests {
    @Test("the end of a session closes its sockets on every loop, and no others")
    func sessionEnded() async throws {
        let node = await TestNode(loops: 2)
        node.access.issue("other", session: 101)
        let first = try await node.open(on: 0)
        let second = try await node.open(on: 1)
        let other = try await node.open(token: "other", on: 0)
        node.publish(TestNode.rights, type: "session:ended", data: "100")
        #expect(try await first.nextFrame() == .close(4500, "session ended"))
        #expect(try await second.nextFrame() == .close(4500, "session ended"))
        #expect(try await other.fence().before.isEmpty)
        #expect(try await node.sessions(on: 0) == 1)
        #expect(try await node.sessions(on: 1) == 0)
    }

    @Test("the end of a user closes all of theirs; a lost message is found by anti-entropy")
    func userEnded() async throws {
        let node = await TestNode()
        node.access.issue("second", session: 101)
        node.access.issue("other", user: 2, session: 200)
        let sockets = [try await node.open(), try await node.open(token: "second")]
        let other = try await node.open(token: "other")
        node.commit(TestNode.rights, type: "user:ended", data: "[1,101]")
        node.learn(TestNode.rights, 1)
        for socket in sockets { #expect(try await socket.nextFrame() == .close(4500, "session ended")) }
        #expect(try await other.fence().before.isEmpty)
    }

    @Test("the end of a user that is heard of late leaves the socket of their next login alone")
    func userEndedLate() async throws {
        let node = await TestNode()
        node.access.issue("next", session: 102)
        let (old, next) = (try await node.open(), try await node.open(token: "next"))
        node.publish(TestNode.rights, type: "user:ended", data: "[1,101]")
        #expect(try await old.nextFrame() == .close(4500, "session ended"))
        #expect(try await next.fence().before.isEmpty)
    }

    @Test("a changed role loses what it may not read, and sees the rest in its shape from the next event")
    func roleChanged() async throws {
        let node = await TestNode()
        let socket = try await node.open()
        try await socket.subscribe("appointments")
        try await socket.subscribe("clients")
        node.publish(TestNode.appointments, data: #"{"phone":"+380"}"#)
        #expect(try await socket.next()["data"] == ["phone": "+380"])
        node.publish(TestNode.rights, type: "role:changed", data: #""1 master""#)
        #expect(try await socket.next() == ["type": "unsubscribed", "topic": "clients", "code": "forbidden"])
        node.publish(TestNode.clients)
        node.publish(TestNode.appointments, data: #"{"phone":"+380"}"#)
        let event = try await socket.next()
        #expect(event["data"] == ["shape": 1] && event["seq"] == 2)
        #expect(try await socket.subscribe("clients")["code"] == "forbidden")
        node.publish(TestNode.rights, type: "role:changed", data: #""1 owner""#)
        await node.run()
        #expect(try await socket.subscribe("clients")["type"] == "subscribed")
    }

    @Test("a role that may do less loses topics on all its sockets of the salon, and no other's; one that may do more gets them")
    func rightsChanged() async throws {
        let node = await TestNode(loops: 2)
        node.access.issue("manager", user: 2, session: 200, role: "manager")
        node.access.issue("foreign", user: 3, salon: 8, session: 300)
        for topic in ["salon/8/access", "salon/8/clients"] { node.log.create(topic) }
        let sockets = [try await node.open(on: 0), try await node.open(on: 1)]
        let (manager, foreign) = (try await node.open(token: "manager", on: 0), try await node.open(token: "foreign", on: 0))
        for socket in sockets + [manager, foreign] { try await socket.subscribe("clients") }
        node.publish(TestNode.rights, type: "rights:changed", data: #""owner 1""#)
        for socket in sockets {
            #expect(try await socket.next() == ["type": "unsubscribed", "topic": "clients", "code": "forbidden"])
            #expect(try await socket.subscribe("clients")["code"] == "forbidden")
        }
        for socket in [manager, foreign] { #expect(try await socket.fence().before.isEmpty) }
        node.publish(TestNode.rights, type: "rights:changed", data: #""owner 0""#)
        await node.run()
        for socket in sockets { #expect(try await socket.subscribe("clients")["type"] == "subscribed") }
        node.publish(TestNode.clients)
        for socket in sockets + [manager] { #expect(try await socket.next()["seq"] == 1) }
    }

    @Test("a fresh token of a role that may do less by now ends what it may not read")
    func refreshedWithFewerRights() async throws {
        let node = await TestNode()
        let socket = try await node.open()
        try await socket.subscribe("clients")
        let principal = Principal(
            userID: 1,
            salonID: 7,
            sessionID: 101,
            role: "owner",
            rights: MemoryAccess.withoutLists,
            expiresAt: 4_000_000_000
        )
        node.access.set("fresh", .granted(principal))
        try await socket.send(#"{"type":"auth","token":"fresh"}"#)
        #expect(try await socket.next() == ["type": "unsubscribed", "topic": "clients", "code": "forbidden"])
        #expect(try await socket.next()["type"] == "authenticated")
        node.publish(TestNode.rights, type: "session:ended", data: "101")
        #expect(try await socket.nextFrame() == .close(4500, "session ended"))
    }

    @Test("a right that is lost while a subscription is being made: whoever asked is answered, and nobody is unsubscribed")
    func lostWhileJoining() async throws {
        let node = await TestNode()
        let socket = try await node.open()
        node.log.hold(.heads)
        try await socket.send(TestSocket.subscribe("clients", id: 1))
        try await socket.send(TestSocket.subscribe("clients", id: 2))
        try await node.eventually("the head is being read") { node.log.heldCount(.heads) == 1 }
        node.publish(TestNode.rights, type: "role:changed", data: #""1 master""#)
        for id in [1, 2] as [JSONValue] {
            let answer = try await socket.next()
            #expect(answer["type"] == "error" && answer["code"] == "forbidden" && answer["id"] == id)
        }
        node.log.release(.heads)
        #expect(try await socket.fence().before.isEmpty)
    }

    @Test("two roles on one topic get their own shapes of the same events")
    func shapes() async throws {
        let node = await TestNode()
        node.access.issue("master", user: 2, session: 200, role: "master")
        let (owner, master) = (try await node.open(), try await node.open(token: "master"))
        try await owner.subscribe("appointments")
        try await master.subscribe("appointments")
        for _ in 0..<3 { node.publish(TestNode.appointments, data: #"{"phone":"+380"}"#) }
        for seq in 1...3 {
            let (full, masked) = (try await owner.next(), try await master.next())
            #expect(full["data"] == ["phone": "+380"] && full["seq"] == JSONValue(seq))
            #expect(masked["data"] == ["shape": 1] && masked["seq"] == JSONValue(seq))
        }
    }

    @Test("when the history of rights ends, everybody is looked up again: who may stay stays, in today's role")
    func rightsStartOver() async throws {
        let node = await TestNode()
        node.access.issue("revoked", session: 101)
        node.access.issue("demoted", user: 2, session: 200)
        let (same, revoked) = (try await node.open(), try await node.open(token: "revoked"))
        let demoted = try await node.open(token: "demoted")
        try await demoted.subscribe("clients")
        node.access.set("revoked", .invalid)
        node.access.issue("demoted", user: 2, session: 200, role: "master")
        node.log.restore(TestNode.rights, to: 0, epoch: "E2")
        node.publish(TestNode.rights, type: "nothing", data: "0")
        #expect(try await revoked.nextFrame() == .close(4500, "session ended"))
        #expect(try await demoted.next() == ["type": "unsubscribed", "topic": "clients", "code": "forbidden"])
        #expect(try await same.fence().before.isEmpty)
    }

    @Test("when the history of rights ends and nobody can say who may stay, everybody has to come back")
    func rightsUnknown() async throws {
        let node = await TestNode()
        let socket = try await node.open()
        node.access.confirms(.unavailable)
        node.log.restore(TestNode.rights, to: 0, epoch: "E2")
        node.publish(TestNode.rights, type: "nothing", data: "0")
        guard case .close(1012, let delay) = try await socket.nextFrame() else {
            Issue.record("Closed with 1012")
            return
        }
        #expect((0...5_000).contains(Int(delay) ?? -1))
    }

    @Test("a token in-band makes an anonymous socket somebody; commands behind it wait for the answer")
    func inBand() async throws {
        let node = await TestNode()
        let socket = try await node.open(token: nil)
        node.access.hold()
        try await socket.send(#"{"type":"auth","token":"token","id":"a"}"#)
        try await socket.send(TestSocket.subscribe("appointments", id: 1))
        try await socket.send(#"{"type":"ping","id":2}"#)
        #expect(try await socket.received().isEmpty)
        node.access.release()
        let answers = [try await socket.next(), try await socket.next(), try await socket.next()]
        #expect(answers[0] == ["type": "authenticated", "id": "a", "userId": 1, "expiresAt": "2096-10-02T07:06:40.000Z"])
        // The pong is not of a subscription that is still being made, and so comes first.
        #expect(answers[1]["type"] == "pong" && answers[1]["heads"] == [:])
        #expect(answers[2]["type"] == "subscribed" && answers[2]["id"] == 1)
        node.publish(TestNode.rights, type: "session:ended", data: "100")
        #expect(try await socket.nextFrame() == .close(4500, "session ended"))
    }

    @Test(
        "a token in-band that does not do",
        arguments: [
            (Authentication.expired, "unauthorized", 4401), (.invalid, "unauthorized", 4500),
            (
                .granted(Principal(userID: 2, salonID: 7, sessionID: 200, role: "owner", expiresAt: 4_000_000_000)),
                "unauthorized",
                4500
            ),
            (
                .granted(Principal(userID: 2, salonID: 8, sessionID: 200, role: "owner", expiresAt: 4_000_000_000)),
                "unauthorized",
                4500
            ),
        ]
    )
    func badInBand(answer: Authentication, code: JSONValue, close: UInt16) async throws {
        let node = await TestNode()
        node.log.create("salon/8/access")
        node.access.set("bad", answer)
        let socket = try await node.open()
        try await socket.send(#"{"type":"auth","token":"bad","id":1}"#)
        let error = try await socket.next()
        #expect(error["code"] == code && error["id"] == 1)
        guard case .close(close, _) = try await socket.nextFrame() else {
            Issue.record("Closed with \(close)")
            return
        }
        #expect(try await node.sessions() == 0)
    }

    @Test("nobody can say: the socket stays, and may try again")
    func unavailableInBand() async throws {
        let node = await TestNode()
        node.access.set("later", .unavailable)
        let socket = try await node.open(token: nil)
        try await socket.send(#"{"type":"auth","token":"later","id":1}"#)
        let error = try await socket.next()
        #expect(error["code"] == "unavailable" && error["retryAfter"] == 1_000)
        try await socket.send(#"{"type":"auth","token":"token"}"#)
        #expect(try await socket.next()["type"] == "authenticated")
    }

    @Test("rights are heard of the salon that the socket is of in the end")
    func salonOfTheLastToken() async throws {
        let node = await TestNode()
        node.log.create("salon/8/access")
        // The first token's salon is watched, then its second look-up fails.
        let socket = try await node.open(token: nil)
        let principal = Principal(userID: 5, salonID: 8, sessionID: 500, role: "owner", expiresAt: 4_000_000_000)
        node.access.set("eight", .granted(principal))
        let access = node.access
        access.whenAsked { access.set("eight", .unavailable) }
        try await socket.send(#"{"type":"auth","token":"eight"}"#)
        #expect(try await socket.next()["code"] == "unavailable")
        access.whenAsked(nil)
        try await socket.send(#"{"type":"auth","token":"token"}"#)
        #expect(try await socket.next()["type"] == "authenticated")
        node.publish(TestNode.rights, type: "session:ended", data: "100")
        #expect(try await socket.nextFrame() == .close(4500, "session ended"))
    }

    @Test("a fresh token on a live socket prolongs it, with the role that it has by now")
    func refreshed() async throws {
        let node = await TestNode()
        let socket = try await node.open()
        try await socket.subscribe("clients")
        node.access.issue("fresh", session: 101, role: "master", expiresAt: 4_000_000_100)
        try await socket.send(#"{"type":"auth","token":"fresh"}"#)
        let answers = [try await socket.next(), try await socket.next()]
        #expect(Set(answers.map { $0["type"] }) == ["unsubscribed", "authenticated"])
        node.publish(TestNode.rights, type: "session:ended", data: "100")
        #expect(try await socket.fence().before.isEmpty)
        node.publish(TestNode.rights, type: "session:ended", data: "101")
        #expect(try await socket.nextFrame() == .close(4500, "session ended"))
    }

    @Test("ten seconds behind its token's end a socket is closed, unless it was refreshed")
    func expiry() async throws {
        let node = await TestNode()
        let now = Timestamp.now() / 1_000_000
        node.access.issue("old", expiresAt: now - 6)
        let (left, kept) = (try await node.open(token: "old"), try await node.open(token: "old"))
        try await kept.send(#"{"type":"auth","token":"token"}"#)
        #expect(try await kept.next()["type"] == "authenticated")
        // The deadline is the wall clock's.
        try await node.eventually("the time is over") {
            await node.advance(.seconds(1))
            try await Task.sleep(for: .milliseconds(50))
            return try await node.sessions() == 1
        }
        #expect(try await left.nextFrame() == .close(4401, "token expired"))
        #expect(try await kept.fence().before.isEmpty)
        let reminders = try await node.onShard { shard in shard.sessions.values.compactMap(\.remindedAt) }
        #expect(reminders == [4_000_000_010])
    }
}
