import JSON
import NIOCore
import Testing

@testable import Hub

@Suite("Streams of server-sent events stand on the same logs and cursors as sockets", .timeLimit(.minutes(2)))
struct StreamTests {
    @Test("each topic is acknowledged, then every event comes with the position in all of them")
    func live() async throws {
        let node = await TestNode()
        let stream = try await TestStream.open(node, "appointments", "notifications")
        // In whichever order their heads are read.
        #expect(try await stream.take(2).last == "appointments=0@E1,notifications=0@E1")
        node.publish(TestNode.appointments)
        #expect(try await stream.take(1) == ["appointments=1@E1,notifications=0@E1"])
        node.publish(TestNode.notifications)
        #expect(try await stream.take(1) == ["appointments=1@E1,notifications=1@E1"])
        let event = node.publish(TestNode.appointments, data: #"{"phone":"+380"}"#)
        let data = try JSONValue(parsing: String(buffer: LogEntry(event, access: node.access).text(.full)))
        #expect(
            try await stream.next()
                == .event(id: "appointments=2@E1,notifications=1@E1", type: "thing:changed", data: data)
        )
    }

    @Test("a socket and a stream of two loops hear the same; a role's shape is the stream's too")
    func besideSockets() async throws {
        let node = await TestNode(loops: 2)
        node.access.issue("master", user: 2, session: 200, role: "master")
        let socket = try await node.open(token: "master", on: 0)
        try await socket.subscribe("appointments")
        let streams = [
            try await TestStream.open(node, "appointments", token: "master", on: 0),
            try await TestStream.open(node, "appointments", token: "master", on: 1),
        ]
        for stream in streams { _ = try await stream.take(1) }
        node.publish(TestNode.appointments, data: #"{"phone":"+380"}"#)
        let message = try await socket.next()
        #expect(message["data"] == ["shape": 1])
        for stream in streams {
            #expect(try await stream.next() == .event(id: "appointments=1@E1", type: "thing:changed", data: message))
        }
    }

    @Test("what stands beside a log comes too: as it happens, and as the difference to a reader that asks again")
    func besideTheLog() async throws {
        let node = await TestNode()
        func event(_ type: String, _ number: Int64) -> TestStream.Item {
            let data: JSONValue = ["n": .number(JSONNumber(number))]
            return .event(
                id: "appointments=0@E1",
                type: type,
                data: ["type": .string(type), "topic": "appointments", "data": data]
            )
        }
        let first = try await TestStream.open(node, "appointments")
        _ = try await first.take(1)
        node.holds.sayHeld(1)
        await node.run()
        let stream = try await TestStream.open(node, "appointments")
        _ = try await stream.take(1)
        #expect(try await stream.next() == event("slot:held", 1))
        // It has been asked for more, and is told at once.
        await stream.ask()
        node.holds.sayHeld(2)
        #expect(try await stream.next() == event("slot:held", 2))
        await stream.ask()
        node.holds.sayGone(1)
        #expect(try await stream.next() == event("slot:released", 1))
        // It has not: of what came and went meanwhile it is told what is left.
        for number in 3...9 { node.holds.sayHeld(number) }
        for number in 3...8 { node.holds.sayGone(number) }
        node.holds.sayGone(2)
        await node.run()
        #expect(try await stream.next() == event("slot:lost", 2))
        #expect(try await stream.next() == event("slot:held", 9))
        #expect(try await first.next() == event("slot:held", 9))
    }

    @Test("an id resumes each of its topics; one that it does not name starts at its head")
    func resume() async throws {
        let node = await TestNode()
        for _ in 0..<3 { node.commit(TestNode.appointments) }
        for _ in 0..<2 { node.commit(TestNode.notifications) }
        for _ in 0..<4 { node.commit(TestNode.clients) }
        let id = "appointments=1@E1,notifications=2@E1,weather=1@E1"
        let stream = try await TestStream.open(node, "appointments", "notifications", "clients", after: id)
        var heads: [String: Int64] = [:]
        var ids: [String] = []
        for _ in 0..<5 {
            guard case .event(let id, let type, let data) = try await stream.next() else { continue }
            if type == "subscribed" {
                heads[data["topic"]?.string ?? ""] = data["seq"]?.int
                #expect(data["recovered"] == true)
            } else {
                ids.append(id ?? "")
            }
        }
        #expect(heads == ["appointments": 3, "notifications": 2, "clients": 4])
        #expect(ids.map { $0.prefix(16) } == ["appointments=2@E", "appointments=3@E"])
        #expect(ids.last == "appointments=3@E1,notifications=2@E1,clients=4@E1")
    }

    @Test("an id past retention, of another history or of the future: recovered false, and on from the head")
    func notRecovered() async throws {
        let node = await TestNode()
        for _ in 0..<5 { node.commit(TestNode.appointments) }
        node.log.prune(TestNode.appointments, through: 3)
        for id in ["appointments=1@E1", "appointments=4@E0", "appointments=9@E1", "appointments=-1@E1"] {
            let stream = try await TestStream.open(node, "appointments", after: id)
            let told = TestStream.subscribed("appointments", 5, id: "appointments=5@E1", recovered: false)
            #expect(try await stream.next() == told)
            await stream.close()
        }
    }

    @Test("a history that ends is told to a stream as to a socket, and its ids are of the new one")
    func startsOver() async throws {
        let node = await TestNode()
        let stream = try await TestStream.open(node, "appointments")
        node.publish(TestNode.appointments)
        #expect(try await stream.take(2) == ["appointments=0@E1", "appointments=1@E1"])
        node.log.restore(TestNode.appointments, to: 7, epoch: "E2")
        node.hub.historyRenewed()
        #expect(
            try await stream.next()
                == TestStream.subscribed("appointments", 7, id: "appointments=7@E2", epoch: "E2", recovered: false)
        )
        node.publish(TestNode.appointments)
        #expect(try await stream.take(1) == ["appointments=8@E2"])
    }

    @Test("a reader that does not read costs its cursor: nothing is gathered for it, and then it gets everything, once, in order")
    func slowReader() async throws {
        let node = await TestNode()
        let stream = try await TestStream.open(node, "appointments")
        _ = try await stream.take(1)
        let quick = try await node.open()
        try await quick.subscribe("appointments")
        let filler = String(repeating: "x", count: 1_000)
        for round in 1...10 {
            for _ in 0..<100 { node.publish(TestNode.appointments, data: #"{"x":"\#(filler)"}"#) }
            #expect(try await quick.take(100).last == "appointments@\(round * 100)")
        }
        #expect(node.log.asked(.pages) == 0)
        #expect(try await stream.take(1_000) == (1...1_000).map { "appointments=\($0)@E1" })
        // A page of 256 events and a portion beside it at most.
        #expect((stream.portions.max() ?? 0) < 450_000)
        node.publish(TestNode.appointments)
        #expect(try await stream.take(1) == ["appointments=1001@E1"])
    }

    @Test("no more than a portion leaves the ring before the connection has taken it")
    func portions() async throws {
        let node = await TestNode()
        let stream = try await TestStream.open(node, "appointments")
        _ = try await stream.take(1)
        let filler = String(repeating: "x", count: 1_000)
        for _ in 0..<200 { node.publish(TestNode.appointments, data: #"{"x":"\#(filler)"}"#) }
        await node.run()
        #expect(try await stream.take(200).last == "appointments=200@E1")
        #expect(stream.portions.allSatisfy { $0 < 68_000 } && stream.portions.count > 3, "\(stream.portions)")
        #expect(node.log.asked(.pages) == 0)
    }

    @Test("a quiet stream says so every fifteen seconds")
    func comments() async throws {
        let node = await TestNode()
        let stream = try await TestStream.open(node, "appointments")
        _ = try await stream.take(1)
        for _ in 0..<3 {
            await stream.ask()
            try await node.eventually("it is asked for more") {
                try await node.onShard { $0.sessions.values.allSatisfy(\.isWritable) }
            }
            await node.advance(.seconds(14))
            #expect(!stream.hasPortion())
            await node.advance(.seconds(1))
            #expect(try await stream.next() == .comment)
        }
    }

    @Test("a reader that takes nothing for as long as a stuck socket may is cut off; one that takes something is not")
    func stuckReader() async throws {
        let node = await TestNode()
        let (stuck, slow) = (try await TestStream.open(node, "appointments"), try await TestStream.open(node, "appointments"))
        for stream in [stuck, slow] { _ = try await stream.take(1) }
        for _ in 0..<5 {
            await node.advance(.seconds(5))
            node.publish(TestNode.appointments)
            _ = try await slow.take(1)
        }
        #expect(!stuck.channel.isActive)
        #expect(slow.channel.isActive)
        #expect(try await node.sessions() == 1)
    }

    @Test("a reader that takes a portion bit by bit has its time anew with each bit")
    func readerBitByBit() async throws {
        let node = await TestNode()
        let stream = try await TestStream.open(node, "appointments")
        _ = try await stream.take(1)
        // What is on its way to the reader, who takes it after a while, and then nothing more.
        stream.channel.write(ByteBuffer(repeating: 0, count: 100), promise: nil)
        await node.advance(.seconds(15))
        stream.channel.flush()
        for _ in 0..<4 {
            await node.advance(.seconds(5))
            #expect(stream.channel.isActive)
        }
        await node.advance(.seconds(5))
        #expect(!stream.channel.isActive)
    }
}
