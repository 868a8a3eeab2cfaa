import JSON
import REST
import Support
import Testing

@Suite("Slots that desks are booking", .inTurn)
struct HoldTests {
    @Test("held at one node, seen at the other at once, and by whoever comes later; seq goes on without it")
    func seen() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let (desk, other) = (try await salon.login(.receptionist), try await salon.login(.manager, on: deployment.b))
        let (mine, theirs) = (try await desk.socket("appointments"), try await other.socket("appointments"))
        let answer = try await mine.ask(salon.slot(14).with("id", "h"), "slot:held")
        #expect(answer["id"] == "h" && answer["topic"] == "appointments" && answer["seq"] == nil)
        let hold = try #require(answer["data"])
        #expect(hold["staffId"]?.int == salon.olha && hold["date"] == "2026-05-18")
        #expect(hold["startTime"] == "14:00" && hold["endTime"] == "15:00" && hold["name"] == "Оксана receptionist")
        #expect(hold["userId"]?.int == salon.userID(.receptionist) && hold["session"] == nil && hold["connection"] == nil)
        #expect(try await theirs.expect("slot:held") == ["type": "slot:held", "topic": "appointments", "data": hold])
        let late = try await salon.login(.master, on: deployment.b).socket("appointments")
        #expect(try await late.expect("slot:held")["data"] == hold)
        // Sockets that are subscribed without asking are told it too.
        let page = try await SocketClient.connect(deployment.b.port, .query(other.token))
        var told: [JSONValue] = []
        for _ in 0..<3 { if case .message(let message) = try await page.next().0 { told.append(message) } }
        #expect(told.filter { $0["type"] == "subscribed" }.count == 2)
        #expect(told.contains { $0["type"] == "slot:held" && $0["data"] == hold })
        let heads = try await theirs.expectNothing()["heads"]
        #expect(heads == ["appointments": 0])
        // Holding on: the same number, a later end, told to the others.
        let again = try await mine.hold(salon.slot(14))
        #expect(again["fence"] == hold["fence"])
        #expect(try #require(again["expiresAt"]?.string) >= (try #require(hold["expiresAt"]?.string)))
        for socket in [theirs, late] { #expect(try await socket.expect("slot:held")["data"] == again) }
        let released = try await mine.ask(["type": "slot:release", "fence": hold["fence"] ?? .null, "id": 5], "slot:released")
        #expect(released["id"] == 5 && released["data"]?["reason"] == "released")
        for socket in [theirs, late] {
            let event = try await socket.expectReleased(hold["fence"], "released")
            #expect(event["data"]?["startTime"] == "14:00" && event["data"]?["staffId"] == hold["staffId"])
        }
        try await mine.expectNothing()
        let nothing = try await mine.ask(["type": "slot:release", "fence": hold["fence"] ?? .null], "slot:released")
        #expect(nothing["data"] == ["reason": "released", "fence": hold["fence"] ?? .null])
        let next = try await mine.hold(salon.slot(14))
        #expect(try #require(next["fence"]?.int) > (try #require(hold["fence"]?.int)))
    }

    @Test("a write into a held slot is refused with who holds it; the desk's own, one with its number and one on purpose are not")
    func refused() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let (holder, other) = (try await salon.login(.receptionist), try await salon.login(.manager, on: deployment.b))
        let (mine, theirs) = (try await holder.socket(), try await other.socket("appointments"))
        let near = try await other.book(salon.visit(17))
        try await theirs.expect("appointment:created")
        var hold = try await mine.hold(salon.slot(14))
        try await theirs.expect("slot:held")
        func expectHeld(_ answer: HTTPAnswer) {
            answer.expectError(409, "SLOT_HELD")
            #expect(answer["hold"] == hold)
            #expect(answer["message"].string?.contains("Оксана receptionist") == true)
        }
        expectHeld(try await other.post("/appointments", salon.visit(14)))
        let half: JSONObject = ["startTime": "13:30", "endTime": "14:15"]
        expectHeld(try await other.post("/appointments", salon.visit(14, half)))
        expectHeld(try await other.put("/appointments/\(near.id)", ["startTime": "14:30", "endTime": "15:30"]))
        // Another login of the same person is another desk.
        expectHeld(try await salon.login(.receptionist).post("/appointments", salon.visit(14)))
        let cancelled = try await other.book(salon.visit(14, ["status": "cancelled"]))
        try await theirs.expect("appointment:created")
        expectHeld(try await other.patch("/appointments/\(cancelled.id)/status", ["status": "scheduled"]))
        // Beside it, for another master, for none, and what moves nothing.
        try await other.book(salon.visit(15))
        try await theirs.expect("appointment:created")
        try await other.book(salon.visit(14, ["staffId": JSONValue(salon.iryna)]))
        try await theirs.expect("appointment:created")
        try await other.book(salon.visit(14, ["staffId": .null]))
        try await theirs.expect("appointment:created")
        try await other.put("/appointments/\(near.id)", ["notes": "Дзвонила"]).expect(200)
        try await theirs.expect("appointment:updated")
        let wrong = try await other.post("/appointments", salon.visit(14, ["fence": JSONValue((hold["fence"]?.int ?? 0) - 1)]))
        expectHeld(wrong)
        // Its own login books at whichever node, and the hold has served.
        try await holder.at(deployment.b).book(salon.visit(14))
        let types = [try await theirs.next(), try await theirs.next()].map { incoming -> String in
            if case .message(let message) = incoming.0 { message["type"]?.string ?? "" } else { "" }
        }
        #expect(Set(types) == ["appointment:created", "slot:released"])
        // With the number, by any login.
        hold = try await mine.hold(salon.slot(19))
        try await theirs.expect("slot:held")
        expectHeld(try await other.post("/appointments", salon.visit(19)))
        try await other.post("/appointments", salon.visit(19, ["fence": hold["fence"] ?? .null])).expect(201)
        // On purpose.
        hold = try await mine.hold(salon.slot(21))
        try await other.post("/appointments", salon.visit(21, ["allowOverlap": true])).expect(201)
    }

    @Test("an undone deletion does not come back into a held slot; the same POST again gets its first answer all the same")
    func restoreAndRepeat() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let (holder, other) = (try await salon.login(.receptionist), try await salon.login(.manager, on: deployment.b))
        let mine = try await holder.socket()
        let key = [("Idempotency-Key", "a key of \(salon.id)")]
        let visit = try await other.post("/appointments", salon.visit(10), key).expect(201).json
        try await other.delete("/appointments/\(visit.id)").expect(204)
        try await mine.hold(salon.slot(10))
        try await other.post("/appointments/\(visit.id)/restore").expectError(409, "SLOT_HELD")
        #expect(try await other.post("/appointments", salon.visit(10), key).expect(201).json == visit)
        try await mine.ask(["type": "slot:release"], "slot:released")
        try await other.post("/appointments/\(visit.id)/restore").expect(200)
    }

    @Test("two desks want one time: the second is told who was first; past midnight too")
    func heldByOther() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let (first, second) = (
            try await salon.login(.admin).socket(), try await salon.login(.receptionist, on: deployment.b).socket()
        )
        let night: JSONObject = ["startTime": "23:00", "endTime": "01:00"]
        let hold = try await first.hold(salon.slot(14, night))
        let morning: JSONObject = ["startTime": "00:30", "endTime": "01:30", "id": 4]
        second.send(salon.slot(0, date: "2026-05-19", morning))
        let error = try await second.expectError("slot_held")
        #expect(error["id"] == 4 && error["hold"] == hold)
        try await salon.login(.manager).post("/appointments", salon.visit(0, date: "2026-05-19")).expectError(409, "SLOT_HELD")
        try await second.hold(salon.slot(1, date: "2026-05-19"))
    }

    @Test("of thirty desks that want one time at once, one has it")
    func race() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        var sockets: [SocketClient] = []
        for index in 0..<10 {
            for role in [Role.admin, .manager, .receptionist] {
                sockets.append(try await salon.login(role, on: deployment.nodes[index % 2]).socket())
            }
        }
        for socket in sockets { socket.send(salon.slot(12)) }
        var held: [JSONValue] = []
        var refused: [JSONValue] = []
        for socket in sockets {
            guard case .message(let message) = try await socket.next().0 else { continue }
            if message["type"] == "slot:held" { held.append(message) }
            if message["code"] == "slot_held" { refused.append(message) }
        }
        #expect(held.count == 1 && refused.count == 29)
        #expect(refused.allSatisfy { $0["hold"] == held.first?["data"] })
    }

    @Test("another time takes the old one's place if it is named or overlaps; the desk itself hears of that once")
    func moving() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let mine = try await salon.login(.admin).socket("appointments")
        let theirs = try await salon.login(.manager, on: deployment.b).socket("appointments")
        let first = try await mine.hold(salon.slot(10))
        let near = try await mine.hold(salon.slot(10, ["endTime": "11:30"]))
        let far = try await mine.hold(salon.slot(16, ["fence": near["fence"] ?? .null]))
        let fences = [first, near, far].compactMap { $0["fence"]?.int }
        #expect(fences == fences.sorted() && Set(fences).count == 3)
        #expect(try await theirs.expect("slot:held")["data"] == first)
        try await theirs.expectReleased(first["fence"], "moved")
        #expect(try await theirs.expect("slot:held")["data"] == near)
        try await theirs.expectReleased(near["fence"], "moved")
        #expect(try await theirs.expect("slot:held")["data"] == far)
        try await mine.ask(salon.slot(16, command: "slot:release"), "slot:released")
        try await theirs.expectReleased(far["fence"], "released")
        try await mine.expectNothing()
    }

    @Test("a desk whose oldest hold ends because it may have no more is told that too")
    func oneMore() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let mine = try await salon.login(.admin).socket("appointments")
        var fences: [JSONValue?] = []
        for hour in 9..<14 { fences.append(try await mine.hold(salon.slot(hour))["fence"]) }
        mine.send(salon.slot(14))
        // In whichever order: one is an answer, the other what everybody hears.
        var told: [String: JSONValue] = [:]
        for _ in 0..<2 {
            guard case .message(let message) = try await mine.next().0 else { continue }
            told[message["type"]?.string ?? ""] = message["data"]
        }
        #expect(told["slot:held"]?["startTime"] == "14:00")
        #expect(told["slot:released"]?["fence"] == fences[0] && told["slot:released"]?["reason"] == "moved")
        try await mine.expectNothing()
    }

    @Test("whose line is lost has five seconds to come back and go on; a logout ends its holds at once")
    func disconnect() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let desk = try await salon.login(.receptionist)
        let watcher = try await salon.login(.admin, on: deployment.b).socket("appointments")
        let first = try await desk.socket()
        let (kept, lost) = (try await first.hold(salon.slot(10)), try await first.hold(salon.slot(12)))
        for _ in 0..<2 { try await watcher.expect("slot:held") }
        let cut = ContinuousClock.now
        first.cut()
        let second = try await desk.at(deployment.b).socket()
        let again = try await second.hold(salon.slot(10))
        #expect(again["fence"] == kept["fence"])
        #expect(try await watcher.expect("slot:held")["data"] == again)
        try await watcher.expectReleased(lost["fence"], "disconnected")
        #expect(ContinuousClock.now - cut > .seconds(4))
        try await salon.login(.manager).post("/appointments", salon.visit(10)).expectError(409, "SLOT_HELD")
        try await salon.login(.manager).book(salon.visit(12))
        try await watcher.expect("appointment:created")
        let logout = ContinuousClock.now
        try await desk.post("/auth/logout").expect(204)
        try await watcher.expectReleased(kept["fence"], "disconnected", within: .seconds(4))
        #expect(ContinuousClock.now - logout < .seconds(4))
    }

    @Test("another role ends the holds of a socket that lives on, which is told so itself and may hold again")
    func roleChanged() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let admin = try await salon.login(.admin)
        let watcher = try await admin.at(deployment.b).socket("appointments")
        let mine = try await salon.login(.manager).socket("appointments")
        let hold = try await mine.hold(salon.slot(10))
        try await watcher.expect("slot:held")
        try await admin.patch("/users/\(salon.userID(.manager))", ["role": "receptionist"]).expect(200)
        for socket in [mine, watcher] { try await socket.expectReleased(hold["fence"], "disconnected", within: .seconds(4)) }
        #expect(try await mine.hold(salon.slot(10))["fence"] != hold["fence"])
    }

    @Test("only who may book may hold, only the salon's own masters, and only what is a slot")
    func forbidden() async throws {
        let deployment = try await Deployment.standard.value
        let (salon, other) = (try await Salon.make(on: deployment), try await Salon.make(on: deployment))
        let foreign = try await other.login(.admin, on: deployment.b).socket("appointments")
        let master = try await salon.login(.master).socket()
        master.send(salon.slot(9).with("id", 1))
        #expect(try await master.expectError("forbidden")["id"] == 1)
        master.send(["type": "slot:release"])
        try await master.expectError("forbidden")
        let anonymous = try await SocketClient.connect(deployment.a.port, .init())
        anonymous.send(salon.slot(9))
        try await anonymous.expectError("unauthorized")
        let desk = try await salon.login(.admin)
        let socket = try await desk.socket("appointments")
        let bad: [JSONObject] = [
            ["staffId": JSONValue(other.olha)], ["staffId": 999_999_999], ["staffId": .null], ["staffId": -1],
            ["date": "tomorrow"],
            ["date": .null], ["startTime": "25:00"], ["endTime": "09:00"], ["startTime": "09:00", "endTime": "08:59"],
        ]
        for more in bad {
            socket.send(salon.slot(9, more))
            try await socket.expectError("bad_request")
        }
        let hold = try await socket.hold(salon.slot(9))
        // What another salon's desk says of it concerns nobody.
        foreign.send(["type": "slot:release", "fence": hold["fence"] ?? .null])
        #expect(try await foreign.expect("slot:released")["data"]?["staffId"] == nil)
        let stranger = try await other.login(.manager).post("/appointments", other.visit(9))
        try stranger.expect(201)
        try await foreign.expect("appointment:created")
        try await foreign.expectNothing()
        try await salon.login(.manager).post("/appointments", salon.visit(9)).expectError(409, "SLOT_HELD")
    }
}

extension JSONValue {
    func with(_ name: String, _ value: JSONValue) -> JSONValue {
        .object((self.object ?? [:]).merging([name: value]))
    }
}
