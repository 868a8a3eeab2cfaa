import NIOCore
import Support
import Testing

@testable import Redis

@Suite struct SubscriberTests {
    @Test func `100,000 messages arrive once each, in the order of their publishing`() async throws {
        let client = try RedisClient.test(PrivateRedis.sharedURL())
        let listener = try Listener(client: client, probe: RedisProbe(channel: "probe of order"))
        try await listener.subscribe(["order"])
        try await listener.running {
            _ = listener.take()
            for number in 0..<100_000 {
                client.publish(channel: "order", payload: ByteBuffer(string: String(number)))
            }
            let texts = try await listener.waitForMessages(100_000)
            #expect(texts.elementsEqual((0..<100_000).lazy.map(String.init)))
            #expect(client.droppedPublishes == 0)
        }
    }

    @Test func `10,000 channels come and go in any order and end as last wanted`() async throws {
        let client = try RedisClient.test(PrivateRedis.sharedURL())
        let listener = try Listener(client: client, probe: RedisProbe(channel: "probe of churn"))
        let channels = (0..<10_000).map { "churn:\($0)" }
        try await listener.running {
            _ = listener.take()
            try await listener.onLoop { subscriber in
                var random = SplitMix64(seed: 7)
                for _ in 0..<3 {
                    for channel in channels.shuffled(using: &random) {
                        subscriber.subscribe(channel)
                    }
                    for channel in channels.shuffled(using: &random) {
                        subscriber.unsubscribe(channel)
                    }
                }
                // in the end every second one is wanted
                for number in stride(from: 0, to: 10_000, by: 2) {
                    subscriber.subscribe(channels[number])
                }
            }
            let expected = Set(stride(from: 0, to: 10_000, by: 2).map { channels[$0] })
            var confirmed: [String] = []
            try await eventually(within: .seconds(60), "5,000 confirmations") {
                confirmed += listener.take().compactMap { if case .subscribed(let channel) = $0 { channel } else { nil } }
                return confirmed.count >= expected.count
            }
            #expect(confirmed.count == expected.count)
            #expect(Set(confirmed) == expected)
            let held = try await client.send(["PUBSUB", "CHANNELS", "churn:*"]).elements?.compactMap(\.string)
            #expect(Set(held ?? []) == expected)

            try await listener.onLoop { subscriber in
                for channel in channels {
                    subscriber.unsubscribe(channel)
                }
            }
            try await eventually("none is left") {
                try await client.send(["PUBSUB", "CHANNELS", "churn:*"]).elements?.isEmpty == true
            }
            #expect(listener.take() == [])
        }
    }

    @Test func `once subscribed is told, nothing published is missed`() async throws {
        let client = try RedisClient.test(PrivateRedis.sharedURL())
        let listener = try Listener(client: client, probe: RedisProbe(channel: "probe of rooms"))
        try await listener.running {
            for round in 0..<200 {
                let channel = "room:\(round)"
                try await listener.subscribe([channel])
                try await listener.wait(for: .subscribed(channel))
                try await client.send(["PUBLISH", .string(channel), "first"]).isExpected(1)
                try await listener.wait(for: .message(channel, "first"))
            }
        }
    }

    @Test func `payloads are any bytes`() async throws {
        let client = try RedisClient.test(PrivateRedis.sharedURL())
        let listener = try Listener(client: client, probe: RedisProbe(channel: "probe of bytes"))
        let text = "Їжак\r\n$3\r\n\u{0}" + String(repeating: "x", count: 1 << 20)
        try await listener.subscribe(["канал з пробілом"])
        try await listener.running {
            client.publish(channel: "канал з пробілом", payload: ByteBuffer(string: text))
            try await listener.wait(for: .message("канал з пробілом", text))
        }
    }
}
