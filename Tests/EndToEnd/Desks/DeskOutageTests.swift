import Foundation
import JSON
import REST
import Support
import Testing

@Suite("Rooms and held slots when something fails", .alone)
struct DeskOutageTests {
    private static let short = ["WS_PRESENCE_SECONDS": "3", "WS_HOLD_SECONDS": "4"]

    @Test("a hold that nobody makes again ends at its time, not before and on both nodes")
    func expiry() async throws {
        let deployment = try await Deployment.start(["WS_HOLD_SECONDS": "2"])
        let salon = try await Salon.make(on: deployment)
        let mine = try await salon.login(.admin).socket("appointments")
        let theirs = try await salon.login(.manager, on: deployment.b).socket("appointments")
        let begun = ContinuousClock.now
        let hold = try await mine.hold(salon.slot(10))
        try await theirs.expect("slot:held")
        try await salon.login(.manager).post("/appointments", salon.visit(10)).expectError(409, "SLOT_HELD")
        for socket in [mine, theirs] { try await socket.expectReleased(hold["fence"], "expired", within: .seconds(8)) }
        #expect(ContinuousClock.now - begun >= .seconds(2))
        try await salon.login(.manager).book(salon.visit(10))
        try await deployment.stop()
    }

    @Test("a node that is killed takes its desks along within their lease, and the others are told")
    func killed() async throws {
        let deployment = try await Deployment.start(["WS_PRESENCE_SECONDS": "3"])
        let salon = try await Salon.make(on: deployment)
        let desk = try await salon.login(.receptionist)
        let dying = try await desk.socket()
        let watcher = try await salon.login(.admin, on: deployment.b).socket("appointments")
        try await watcher.enter("day:1")
        try await dying.enter("day:1")
        let member = try await watcher.expect("presence:joined")["data"]
        let hold = try await dying.hold(salon.slot(10))
        try await watcher.expect("slot:held")
        // Leases are renewed as long as the node lives.
        try await Task.sleep(for: .seconds(5))
        try await watcher.expectNothing()
        try await deployment.a.kill()
        var left: Set<String> = []
        for _ in 0..<2 {
            guard case .message(let event) = try await watcher.next(within: .seconds(10)).0 else { continue }
            left.insert(event["type"]?.string ?? "")
            if event["type"] == "slot:released" {
                #expect(event["data"]?["fence"] == hold["fence"] && event["data"]?["reason"] == "disconnected")
            } else {
                #expect(event["data"]?["connection"] == member?["connection"])
            }
        }
        #expect(left == ["presence:left", "slot:released"])
        try await desk.at(deployment.b).book(salon.visit(10))
        try await watcher.expect("appointment:created")
        deployment.b.terminate()
        _ = try await deployment.b.exit(within: .seconds(30))
    }

    @Test("Redis loses its memory: nobody is told that anybody left, and all is there again with the next renewal")
    func flushed() async throws {
        let redis = try await blocking { try PrivateRedis() }
        let deployment = try await Deployment.start(redis: redis.url, ["WS_PRESENCE_SECONDS": "3"])
        let salon = try await Salon.make(on: deployment)
        let (desk, other) = (try await salon.login(.receptionist), try await salon.login(.admin, on: deployment.b))
        let (mine, theirs) = (try await desk.socket(), try await other.socket("appointments"))
        try await mine.enter("day:1")
        #expect(try await theirs.enter("day:1").count == 2)
        try await mine.expect("presence:joined")
        let hold = try await mine.hold(salon.slot(10))
        try await theirs.expect("slot:held")
        try await blocking { try Shell.run(["redis-cli", "-u", redis.url, "FLUSHALL"]) }
        try await poll("both boards are there again") { () -> Void? in
            let keys = try await blocking { try Shell.run(["redis-cli", "-u", redis.url, "--scan", "--pattern", "*:desk:*"]) }
            return keys.split(separator: "\n").count == 2 ? () : nil
        }
        try await other.post("/appointments", salon.visit(10)).expectError(409, "SLOT_HELD")
        let newcomer = try await other.at(deployment.a).socket("appointments")
        let members = try await poll("both are members again") { () -> [JSONValue]? in
            let socket = try await other.socket()
            try await socket.ask(["type": "subscribe", "topic": "presence:day:1"], "subscribed")
            let members = try await socket.expect("presence:members")["data"]?["members"]?.array ?? []
            return members.count == 2 ? members : nil
        }
        #expect(Set(members.compactMap { $0["role"]?.string }) == ["admin", "receptionist"])
        #expect(try await newcomer.expect("slot:held")["data"]?["fence"] == hold["fence"])
        // More than a lease later still nobody has left.
        try await Task.sleep(for: .seconds(5))
        for socket in [mine, theirs] { try await socket.expectNothing() }
        try await mine.ask(["type": "slot:release"], "slot:released")
        try await theirs.expectReleased(hold["fence"], "released")
        // What nobody writes again is over when its lease would have been.
        let last = try await mine.hold(salon.slot(12))
        #expect(try await theirs.expect("slot:held")["data"] == last)
        try await deployment.a.kill()
        try await blocking { try Shell.run(["redis-cli", "-u", redis.url, "FLUSHALL"]) }
        var gone: Set<String> = []
        for _ in 0..<2 {
            guard case .message(let event) = try await theirs.next(within: .seconds(12)).0 else { continue }
            gone.insert(event["type"]?.string ?? "")
        }
        #expect(gone == ["presence:left", "slot:released"])
        deployment.b.terminate()
        _ = try await deployment.b.exit(within: .seconds(30))
        try await blocking { try redis.remove() }
    }

    @Test(
        "without Redis nothing is refused and nobody waits; holding and entering is told to come again, and works when it is back"
    )
    func stopped() async throws {
        let redis = try await blocking { try PrivateRedis() }
        let deployment = try await Deployment.start(redis: redis.url, Self.short)
        let salon = try await Salon.make(on: deployment)
        let (desk, other) = (try await salon.login(.receptionist), try await salon.login(.admin, on: deployment.b))
        let (mine, theirs) = (try await desk.socket(), try await other.socket("appointments"))
        try await mine.enter("day:1")
        let hold = try await mine.hold(salon.slot(10))
        try await theirs.expect("slot:held")
        try await other.post("/appointments", salon.visit(10)).expectError(409, "SLOT_HELD")
        // Slow is as good as away, and not waited for.
        try await blocking { try redis.pause() }
        var hours = [17, 16, 10]
        try await Promptly.within(.seconds(1.5)) {
            let asked = ContinuousClock.now
            try await other.book(salon.visit(hours.removeLast()))
            return ContinuousClock.now - asked
        }
        try await blocking { try redis.resume() }
        try await blocking { try redis.stop(.kill) }
        var isBooked = false
        var isReleased = false
        while !(isBooked && isReleased) {
            guard case .message(let event) = try await theirs.next(within: .seconds(15)).0 else { break }
            isBooked = isBooked || event["type"] == "appointment:created"
            if event["type"] == "slot:released" {
                isReleased = true
                #expect(event["data"]?["fence"] == hold["fence"])
            }
        }
        #expect(isBooked && isReleased)
        try await other.book(salon.visit(12))
        let (holding, entering) = (
            salon.slot(14).with("id", 1), ["type": "presence:enter", "room": "day:2", "id": 2] as JSONValue
        )
        for (command, id) in [(holding, 1 as JSONValue), (entering, 2)] {
            mine.send(command)
            let error = try await mine.expectError("unavailable")
            #expect(error["id"] == id && error["retryAfter"] == 1_000)
        }
        try await blocking { try redis.start() }
        let again = try await poll("a slot can be held again") { () -> JSONValue? in
            // Not faster than a client may.
            try await Task.sleep(for: .milliseconds(250))
            mine.send(salon.slot(14))
            guard case .message(let message) = try await mine.next().0, message["type"] == "slot:held" else { return nil }
            return message["data"]
        }
        try await poll("the other node hears of it") { () -> Void? in
            guard case .message(let event) = try await theirs.next().0 else { return nil }
            return event["data"]?["fence"] == again["fence"] ? () : nil
        }
        // Who was in a room is there again without doing anything.
        try await poll("the member is back") { () -> Void? in
            let socket = try await other.socket()
            socket.send(["type": "subscribe", "topic": "presence:day:1"])
            guard case .message(let answer) = try await socket.next().0, answer["type"] == "subscribed" else { return nil }
            return try await socket.expect("presence:members")["data"]?["members"]?.array?.count == 1 ? () : nil
        }
        try await deployment.stop()
        try await blocking { try redis.remove() }
    }

    @Test("a node that stops in order gives its desks five seconds to go on elsewhere")
    func drained() async throws {
        let deployment = try await Deployment.start(["DRAIN_SECONDS": "1"])
        let salon = try await Salon.make(on: deployment)
        let desk = try await salon.login(.receptionist)
        let watcher = try await salon.login(.admin, on: deployment.b).socket("appointments")
        try await watcher.enter("day:1")
        let socket = try await desk.socket()
        try await socket.enter("day:1")
        let hold = try await socket.hold(salon.slot(10))
        try await watcher.expect("presence:joined")
        try await watcher.expect("slot:held")
        deployment.a.terminate()
        try await watcher.expect("presence:left")
        let again = try await desk.at(deployment.b).socket().hold(salon.slot(10))
        #expect(again["fence"] == hold["fence"])
        #expect(try await watcher.expect("slot:held")["data"] == again)
        _ = try await deployment.a.exit(within: .seconds(30))
        deployment.b.terminate()
        _ = try await deployment.b.exit(within: .seconds(30))
    }
}
