import JSON
import REST
import Support
import Testing

@Suite("Who has this day open", .inTurn)
struct PresenceTests {
    private static let room = "day:2026-05-18"
    private static let topic: JSONValue = "presence:day:2026-05-18"

    @Test("whoever enters is told who is there, everybody hears of who comes, changes and goes, on either node")
    func comingAndGoing() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let desk = try await salon.login(.admin)
        let first = try await desk.socket()
        try await first.ask(
            ["type": "presence:enter", "room": .string(Self.room), "state": ["at": "14:00"], "id": 1],
            "subscribed"
        )
        let whole = try await first.expect("presence:members")["data"]
        let alone = whole?["members"]?.array ?? []
        #expect(alone.count == 1 && whole?["you"] == alone.first?["connection"])
        let me = try #require(alone.first)
        #expect(me["userId"]?.int == salon.userID(.admin) && me["role"] == "admin" && me["name"] == "Оксана admin")
        #expect(me["state"] == ["at": "14:00"])
        #expect(me["since"]?.string?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
        #expect(me["connection"]?.string?.wholeMatch(of: /[0-9a-f]{16}/) != nil)
        // The same login at the other node is somebody else; a master may be there too.
        let second = try await desk.at(deployment.b).socket()
        #expect(try await second.enter(Self.room).contains(me))
        let joined = try await first.expect("presence:joined")
        #expect(joined["topic"] == Self.topic && joined["data"]?["userId"] == me["userId"] && joined["seq"] == nil)
        #expect(joined["data"]?["connection"] != me["connection"])
        let master = try await salon.login(.master, on: deployment.b).socket()
        #expect(try await master.enter(Self.room).count == 3)
        for socket in [first, second] { #expect(try await socket.expect("presence:joined")["data"]?["role"] == "master") }
        // Entering again says something else, and nobody leaves in between.
        let again = try await second.enter(Self.room, ["at": "09:30"])
        #expect(again.count == 3)
        for socket in [first, master] {
            let updated = try await socket.expect("presence:updated")["data"]
            #expect(updated?["state"] == ["at": "09:30"] && updated?["connection"] == joined["data"]?["connection"])
            #expect(updated?["since"] == joined["data"]?["since"])
        }
        let left = try await second.ask(["type": "presence:leave", "room": .string(Self.room), "id": 9], "unsubscribed")
        #expect(left["topic"] == Self.topic && left["id"] == 9)
        for socket in [first, master] {
            #expect(try await socket.expect("presence:left")["data"]?["connection"] == joined["data"]?["connection"])
        }
        first.cut()
        let gone = try await master.expect("presence:left")
        #expect(gone["data"] == ["connection": me["connection"] ?? .null, "userId": me["userId"] ?? .null])
        try await master.expectNothing()
        try await second.expectNothing()
    }

    @Test("who only watches is told the same and is no member; subscribing makes nobody leave")
    func watching() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let (watcher, member) = (
            try await salon.login(.manager, on: deployment.b).socket(), try await salon.login(.admin).socket()
        )
        let answer = try await watcher.ask(["type": "subscribe", "topic": Self.topic, "id": 3], "subscribed")
        #expect(answer == ["type": "subscribed", "id": 3, "topic": Self.topic])
        #expect(try await watcher.expect("presence:members")["data"]?["members"] == [])
        #expect(try await member.enter(Self.room).count == 1)
        try await watcher.expect("presence:joined")
        try await member.ask(["type": "subscribe", "topic": Self.topic], "subscribed")
        #expect(try await member.expect("presence:members")["data"]?["members"]?.array?.count == 1)
        try await watcher.ask(["type": "unsubscribe", "topic": Self.topic], "unsubscribed")
        try await member.ask(["type": "unsubscribe", "topic": Self.topic], "unsubscribed")
        #expect(try await watcher.enter(Self.room).count == 1)
    }

    @Test("rooms are the salon's own, for those who have said who they are; names and states are bounded")
    func refused() async throws {
        let deployment = try await Deployment.standard.value
        let (salon, other) = (try await Salon.make(on: deployment), try await Salon.make(on: deployment))
        let (mine, foreign) = (try await salon.login(.admin).socket(), try await other.login(.admin).socket())
        try await mine.enter(Self.room)
        #expect(try await foreign.enter(Self.room).count == 1)
        try await mine.enter(Self.room, ["at": "15:00"])
        try await foreign.expectNothing()
        let anonymous = try await SocketClient.connect(deployment.a.port, .init())
        anonymous.send(["type": "presence:enter", "room": "r", "id": 1])
        #expect(try await anonymous.expectError("unauthorized")["id"] == 1)
        for room in ["a b", "кімната"] {
            mine.send(["type": "presence:enter", "room": .string(room), "id": 2])
            #expect(try await mine.expectError("unknown_topic")["id"] == 2)
        }
        mine.send(["type": "presence:enter", "room": .string(String(repeating: "r", count: 65))])
        try await mine.expectError("bad_request")
        mine.send(["type": "presence:enter", "room": "r", "state": ["text": .string(String(repeating: "ї", count: 600))]])
        try await mine.expectError("bad_request")
        for room in 1..<10 { try await mine.enter("room/\(room)") }
        mine.send(["type": "presence:enter", "room": "room/10", "id": "x"])
        #expect(try await mine.expectError("too_many_topics")["id"] == "x")
        try await mine.expectNothing()
    }

    @Test("a role that may no longer see the calendar is in no room and watches none, at once and on both nodes")
    func forbidden() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let (admin, desk) = (try await salon.login(.admin), try await salon.login(.receptionist))
        let (member, watcher) = (try await desk.socket(), try await desk.at(deployment.b).socket())
        let staying = try await admin.at(deployment.b).socket()
        try await staying.enter(Self.room)
        try await member.enter(Self.room)
        let joined = try await staying.expect("presence:joined")
        try await watcher.ask(["type": "subscribe", "topic": Self.topic], "subscribed")
        try await watcher.expect("presence:members")
        try await admin.put("/settings/roles/receptionist", ["permissions": ["clients.view"]]).expect(200)
        let left = try await staying.expect("presence:left")
        #expect(left["data"]?["connection"] == joined["data"]?["connection"])
        for socket in [member, watcher] {
            let told: JSONValue = ["type": "unsubscribed", "topic": Self.topic, "code": "forbidden"]
            var frame = try await socket.next().0
            // Of the member's end the watcher may hear before its own.
            if case .message(let message) = frame, message["type"] == "presence:left" { frame = try await socket.next().0 }
            guard case .message(let message) = frame, message == told else { throw Unexpected("\(frame)") }
            socket.send(["type": "subscribe", "topic": Self.topic])
            try await socket.expectError("forbidden")
        }
        try await staying.enter(Self.room, ["at": "10:00"])
        for socket in [member, watcher] { try await socket.expectNothing() }
    }

    @Test("a logout takes its sockets out of their rooms")
    func logout() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let desk = try await salon.login(.receptionist, on: deployment.b)
        let (going, staying) = (try await desk.socket(), try await salon.login(.admin).socket())
        try await going.enter(Self.room)
        #expect(try await staying.enter(Self.room).count == 2)
        try await going.expect("presence:joined")
        try await desk.at(deployment.a).post("/auth/logout").expect(204)
        try await going.expectClose(4500)
        try await staying.expect("presence:left")
    }
}
