import NIOCore
import Support
import Testing

@testable import Redis

/// What happens to a client and a subscriber when their server does something.
@Suite struct OutageTests {
    private func probe(_ silence: Duration = .seconds(30), _ timeout: Duration = .seconds(5)) -> RedisProbe {
        RedisProbe(channel: "probe", silence: silence, timeout: timeout)
    }

    @Test func `a killed server fails what waits, and all comes back when it does`() async throws {
        let server = try PrivateRedis()
        let client = try RedisClient.test(server.url) { $0.clientName = "waiting" }
        let listener = try Listener(client: client, probe: self.probe())
        try await listener.subscribe(["a", "b"])
        try await listener.running {
            async let waiting = client.send(["BLPOP", "empty", 0])
            try await eventually("blocked") { try await RedisClient.isBlocked("waiting", server.url) }
            try server.stop(.kill)
            try await listener.wait(for: .disconnected)
            do {
                _ = try await waiting
                Issue.record("a reply from a dead server")
            } catch let error as RedisError {
                #expect(error.code == .connectionLost)
            }
            #expect(listener.subscriber.state != .hearing)
            try await eventually("refused") { client.lastError?.code == .connectFailed }
            await #expect(throws: RedisError.self) { try await client.send(["PING"]) }
            try await listener.onLoop {
                $0.unsubscribe("b")
                $0.subscribe("c")
            }

            try server.start()
            let events = try await listener.wait(for: .allSubscribed)
            #expect(Set(events.dropLast().map { "\($0)" }) == Set(["a", "c"].map { "\(Listener.Event.subscribed($0))" }))
            #expect(listener.subscriber.state == .hearing)
            try await client.connected()
            try await client.send(["PUBLISH", "c", "back"]).isExpected(1)
            try await listener.wait(for: .message("c", "back"))
            try await client.send(["PUBLISH", "b", "nobody"]).isExpected(0)
        }
        try server.remove()
    }

    @Test func `a killed subscription connection is made anew with all its channels`() async throws {
        let server = try PrivateRedis()
        let client = try RedisClient.test(server.url)
        let listener = try Listener(client: client, probe: self.probe())
        let channels = (0..<1200).map { "channel \($0)" }
        try await listener.subscribe(channels)
        try await listener.running {
            for round in 0..<3 {
                #expect(try await client.send(["CLIENT", "KILL", "TYPE", "pubsub"]).int == 1)
                try await listener.wait(for: .disconnected)
                let events = try await listener.wait(for: .allSubscribed)
                #expect(events.count == 1201)
                try await client.send(["PUBLISH", "channel 700", "\(round)"]).isExpected(1)
                try await listener.wait(for: .message("channel 700", "\(round)"))
            }
        }
        try server.remove()
    }

    @Test func `a server stopped in its tracks is noticed in time, and heard again when it goes on`() async throws {
        let server = try PrivateRedis()
        let client = try RedisClient.test(server.url)
        let listener = try Listener(client: client, probe: self.probe(.milliseconds(300), .seconds(3))) {
            $0.connectTimeout = .seconds(1)
        }
        try await listener.subscribe(["a"])
        try await listener.running {
            try await eventually("hearing") { listener.subscriber.state == .hearing }
            let start = ContinuousClock.now
            try server.pause()
            defer { try? server.resume() }
            try await eventually("noticed") { listener.subscriber.state != .hearing }
            try await listener.wait(for: .disconnected)
            // at most the silence and the probe's time, and much for a busy machine; the usual times would take 35 s
            #expect(ContinuousClock.now - start < .seconds(15))
            #expect(listener.subscriber.state != .hearing)
            // the kernel accepts for it: still nobody answers
            try await eventually("the handshake's time is over") {
                listener.subscriber.lastError?.message.contains("did not answer") == true
            }
            try server.resume()
            try await listener.wait(for: .allSubscribed)
            try await eventually("hearing") { listener.subscriber.state == .hearing }
            try await client.connected()
            client.publish(channel: "a", payload: ByteBuffer(string: "again"))
            try await listener.wait(for: .message("a", "again"))
        }
        try server.remove()
    }

    @Test func `a connection that lives but hears nothing is found out by a probe`() async throws {
        // As after a failover: the name leads the command connection to the new server, and the old one still holds the subscription.
        let (old, new) = (try PrivateRedis(), try PrivateRedis())
        let client = try RedisClient.test(new.url)
        let listener = try Listener(client: client, url: old.url, probe: self.probe(.seconds(30), .seconds(3)))
        try await listener.running {
            try await listener.onLoop { $0.probe() }
            try await listener.wait(for: .disconnected)
            #expect(listener.lastReason?.contains("deaf") == true)
        }
        try old.remove()
        try new.remove()
    }

    @Test func `a connection that hears stays when probed again and again`() async throws {
        let server = try PrivateRedis()
        let client = try RedisClient.test(server.url)
        let listener = try Listener(client: client, probe: self.probe(.milliseconds(20), .seconds(30)))
        try await listener.running {
            let before = try await client.send(["INFO", "commandstats"]).string ?? ""
            try await eventually("fifty probes") {
                let calls = try await client.send(["INFO", "commandstats"]).publishCalls
                return calls >= RESPValue.publishCalls(in: before) + 50
            }
            #expect(listener.subscriber.state == .hearing)
            #expect(listener.take() == [])
        }
        try server.remove()
    }

    @Test func `a server that became a replica is left, and used again when it is a master`() async throws {
        let server = try PrivateRedis()
        let client = try RedisClient.test(server.url)
        try await client.running {
            let before = try await client.send(["CLIENT", "ID"]).int
            try await client.send(["REPLICAOF", "127.0.0.1", 1]).isExpected("OK")
            let error = await #expect(throws: RedisError.self) { try await client.send(["SET", "a", "1"]) }
            #expect(error?.code == .readOnly)
            try await client.connected()
            #expect(try await client.send(["CLIENT", "ID"]).int != before)
            try await client.send(["REPLICAOF", "NO", "ONE"]).isExpected("OK")
            try await client.send(["SET", "a", "1"]).isExpected("OK")
        }
        try server.remove()
    }

    @Test func `more than the backlog is dropped and counted while the server reads nothing`() async throws {
        let server = try PrivateRedis()
        let client = try RedisClient.test(server.url)
        try await client.running {
            try server.pause()
            let payload = ByteBuffer(repeating: 0x61, count: 1 << 20)
            for _ in 0..<64 {
                client.publish(channel: "c", payload: payload)
            }
            let dropped = client.droppedPublishes
            // seven waiting, and what the kernel's buffers took meanwhile
            #expect((30...57).contains(dropped))
            try server.resume()
            try await client.send(["PING"]).isExpected("PONG")
            #expect(client.droppedPublishes == dropped)
        }
        try server.remove()
    }
}

extension RESPValue {
    var publishCalls: Int { Self.publishCalls(in: self.string ?? "") }

    static func publishCalls(in statistics: String) -> Int {
        let line = statistics.split(separator: "\r\n").first { $0.hasPrefix("cmdstat_publish:calls=") }
        return line?.split(separator: "=").dropFirst().first?.split(separator: ",").first.flatMap { Int($0) } ?? 0
    }
}
