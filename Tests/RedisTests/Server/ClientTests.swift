import NIOCore
import ServiceLifecycle
import Support
import Synchronization
import Testing

@testable import Redis

@Suite struct ClientTests {
    private func client(_ change: (inout RedisConfiguration) -> Void = { _ in }) throws -> RedisClient {
        try RedisClient.test(PrivateRedis.sharedURL(), change)
    }

    @Test func `values come back as they were sent`() async throws {
        let client = try self.client()
        let bytes = ByteBuffer(bytes: (0...255).map { UInt8($0) })
        try await client.running {
            #expect(try await client.send(["SET", "bytes", .buffer(bytes)]) == .simple("OK"))
            #expect(try await client.send(["GET", "bytes"]) == .bulk(bytes))
            #expect(try await client.send(["GET", "no such key"]).isNull)
            #expect(try await client.send(["INCRBY", "visits", 41]).int == 41)
            #expect(try await client.send(["INCR", "visits"]).int == 42)
            #expect(try await client.send(["GET", "visits"]).int == 42)
            let both = try await client.send(["MGET", "visits", "no such key"])
            #expect(both == .array([.bulk(ByteBuffer(string: "42")), .null]))
        }
    }

    @Test func `10,000 calls at once each get their own reply`() async throws {
        let client = try self.client()
        try await client.running {
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<10_000 {
                    group.addTask { try await client.send(["ECHO", .integer(number)]).int == number }
                }
                for try await isOwn in group {
                    #expect(isOwn)
                }
            }
        }
    }

    @Test func `an error reply has its code and ends nothing`() async throws {
        let client = try self.client()
        try await client.running {
            await #expect(throws: RedisError.self) { try await client.send(["NOSUCHCOMMAND"]) }
            try await client.send(["SET", "text", "x"]).isExpected("OK")
            let error = await #expect(throws: RedisError.self) { try await client.send(["LPUSH", "text", "y"]) }
            #expect(error?.code == .serverError)
            #expect(error?.message.hasPrefix("WRONGTYPE") == true)
            #expect(client.isConnected)
        }
    }

    @Test func `a reply that is late fails the call, and the client connects again`() async throws {
        let client = try self.client { $0.commandTimeout = .milliseconds(300) }
        let connections = Mutex(0)
        client.onConnected { connections.withLock { $0 += 1 } }
        try await client.running {
            let start = ContinuousClock.now
            let error = await #expect(throws: RedisError.self) { try await client.send(["BLPOP", "empty", 0]) }
            #expect(error?.code == .timeout)
            #expect(ContinuousClock.now - start >= .milliseconds(300))
            try await eventually("another connection") { connections.withLock { $0 } >= 2 }
        }
    }

    @Test func `without a connection a call fails at once, and says why there is none`() async throws {
        let client = try RedisClient.test("redis://127.0.0.1:1")
        let error = await #expect(throws: RedisError.self) { try await client.send(["PING"]) }
        #expect(error?.code == .notConnected)
        client.publish(channel: "c", payload: ByteBuffer(string: "x"))
        #expect(client.droppedPublishes == 1)

        let run = Task { try await client.run() }
        try await eventually("refused") { client.lastError?.code == .connectFailed }
        let later = await #expect(throws: RedisError.self) { try await client.send(["PING"]) }
        #expect((later?.underlying as? RedisError)?.code == .connectFailed)
        run.cancel()
        try await run.value
    }

    @Test func `a graceful shutdown ends run() after the calls under way are answered`() async throws {
        let client = try self.client { $0.clientName = "draining" }
        let group = ServiceGroup(configuration: .init(services: [.init(service: client)], logger: quiet))
        let running = Task { try await group.run() }
        try await client.connected()
        async let reply = client.send(["BLPOP", "handed over", 0])
        try await eventually("blocked") { try await RedisClient.isBlocked("draining", PrivateRedis.sharedURL()) }
        await group.triggerGracefulShutdown()
        try await eventually("draining") { !client.isConnected }
        let other = try self.client()
        try await other.running { try await other.send(["RPUSH", "handed over", "at last"]).isExpected(1) }
        #expect(try await reply.elements?.last?.string == "at last")
        try await running.value
    }

    @Test func `a script runs by its digest, also after the server has forgotten it`() async throws {
        let client = try self.client()
        let script = RedisScript("return {KEYS[1], ARGV[1], redis.call('INCR', KEYS[1])}")
        try await client.running {
            for (round, flush) in [false, true, false, true].enumerated() {
                if flush {
                    try await client.send(["SCRIPT", "FLUSH"]).isExpected("OK")
                }
                let reply = try await client.evaluate(script, keys: ["scripted"], arguments: ["так"])
                #expect(reply.elements?[0].string == "scripted")
                #expect(reply.elements?[1].string == "так")
                #expect(reply.elements?[2].int == round + 1)
            }
            let error = await #expect(throws: RedisError.self) {
                try await client.evaluate(RedisScript("return nonsense("), keys: [], arguments: [])
            }
            #expect(error?.code == .serverError)
        }
    }

    @Test func `the connection is in its database and has its name`() async throws {
        let client = try RedisClient.test(PrivateRedis.sharedURL()) {
            $0.database = 5
            $0.clientName = "node-a"
        }
        try await client.running {
            let information = try await client.send(["CLIENT", "INFO"]).string
            #expect(information?.contains("db=5 ") == true)
            try await client.send(["CLIENT", "GETNAME"]).isExpected("node-a")
        }
    }

    @Test func `a reply over the limit closes the connection`() async throws {
        let client = try self.client { $0.limits = RESPLimits(replyBytes: 100_000) }
        try await client.running {
            try await client.send(["SETRANGE", "large", 1_000_000, "x"]).isExpected(1_000_001)
            let error = await #expect(throws: RedisError.self) { try await client.send(["GET", "large"]) }
            #expect(error?.code == .protocolError)
            try await client.connected()
            try await client.send(["PING"]).isExpected("PONG")
        }
    }
}

extension RESPValue {
    func isExpected(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(self.string == text, sourceLocation: sourceLocation)
    }

    func isExpected(_ number: Int, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(self.int == number, sourceLocation: sourceLocation)
    }
}
