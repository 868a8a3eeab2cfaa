import JSON
import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import Hub

/// A reader of server-sent events on a channel without a socket: asks for portions, and hears events.
final class TestStream {
    /// What came from the server.
    enum Item: Equatable {
        case event(id: String?, type: String, data: JSONValue)
        case comment
    }

    private let node: TestNode
    let channel: NIOAsyncTestingChannel
    private let reader: StreamReader
    private let answer = Box<ByteBuffer?>()
    private var items: [Item] = []
    private(set) var isAsking = false
    /// The size of each portion, in bytes.
    private(set) var portions: [Int] = []
    private(set) var hasEnded = false

    private init(node: TestNode, channel: NIOAsyncTestingChannel, reader: StreamReader) {
        self.node = node
        self.channel = channel
        self.reader = reader
    }

    static func connect(_ node: TestNode, on index: Int = 0) async throws -> NIOAsyncTestingChannel {
        let channel = NIOAsyncTestingChannel(loop: node.loops[index])
        try await channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 1)).get()
        return channel
    }

    /// Asks for a stream, and says what came of it.
    static func ask(
        _ node: TestNode,
        _ topics: [String],
        after id: String? = nil,
        token: String = "token",
        address: String = "192.0.2.1",
        channel: NIOAsyncTestingChannel
    ) async throws -> Result<StreamReader, StreamRefusal> {
        let position = try #require(id.map { StreamPosition($0) } ?? StreamPosition())
        let request = StreamRequest(token: token, topics: topics, position: position, address: address)
        let result = Box<Result<StreamReader, StreamRefusal>>()
        Task { [hub = node.hub] in result.set(await hub.openStream(request, on: channel)) }
        try await node.eventually("an answer") { result.value != nil }
        return try #require(result.value)
    }

    /// An open stream.
    static func open(
        _ node: TestNode,
        _ topics: String...,
        after id: String? = nil,
        token: String = "token",
        on index: Int = 0
    ) async throws -> TestStream {
        let channel = try await self.connect(node, on: index)
        let answer = try await self.ask(node, topics, after: id, token: token, channel: channel)
        return TestStream(node: node, channel: channel, reader: try answer.get())
    }

    private final class Box<Value: Sendable>: Sendable {
        private let state = Mutex<Value?>(nil)
        var value: Value? { self.state.withLock { $0 } }
        func set(_ value: Value) { self.state.withLock { $0 = value } }
        func take() -> Value? {
            self.state.withLock { value in
                defer { value = nil }
                return value
            }
        }
    }

    // MARK: Asking

    /// Asks for the next portion, as a connection does that has taken the last one.
    func ask() async {
        self.isAsking = true
        Task { [reader, answer] in answer.set(await reader.next()) }
        await self.node.run()
    }

    /// Whether a portion has come. It is taken apart, and no other is asked for.
    func hasPortion() -> Bool {
        guard let answer = self.answer.take() else { return false }
        self.isAsking = false
        guard let portion = answer else {
            self.hasEnded = true
            return true
        }
        self.portions.append(portion.readableBytes)
        self.items += Self.parse(String(buffer: portion))
        return true
    }

    func close() async {
        self.reader.close()
        await self.node.run()
    }

    private static func parse(_ text: String) -> [Item] {
        text.split(separator: "\n\n").map { block in
            var (id, type, data): (String?, String, [Substring]) = (nil, "message", [])
            for line in block.split(separator: "\n") {
                if line.hasPrefix("id: ") { id = String(line.dropFirst(4)) }
                if line.hasPrefix("event: ") { type = String(line.dropFirst(7)) }
                if line.hasPrefix("data: ") { data.append(line.dropFirst(6)) }
            }
            if block == ":" { return .comment }
            let json = (try? JSONValue(parsing: data.joined(separator: "\n"))) ?? .string(String(block))
            return .event(id: id, type: type, data: json)
        }
    }

    // MARK: Hearing

    /// The next item; asks for portions until there is one.
    func next(sourceLocation: SourceLocation = #_sourceLocation) async throws -> Item {
        try await self.node.eventually("an item", sourceLocation: sourceLocation) {
            if self.items.isEmpty, !self.isAsking { await self.ask() }
            return !self.items.isEmpty || self.hasPortion()
        }
        try #require(!self.items.isEmpty, "The stream has ended", sourceLocation: sourceLocation)
        return self.items.removeFirst()
    }

    /// So many events, each as its id.
    func take(_ count: Int, sourceLocation: SourceLocation = #_sourceLocation) async throws -> [String] {
        var ids: [String] = []
        for _ in 0..<count {
            guard case .event(let id, _, _) = try await self.next(sourceLocation: sourceLocation) else { continue }
            ids.append(id ?? "none")
        }
        return ids
    }

    /// Nothing follows.
    func expectEnd(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await self.node.eventually("the end", sourceLocation: sourceLocation) {
            if !self.isAsking { await self.ask() }
            return self.hasPortion()
        }
        #expect(self.hasEnded && self.items.isEmpty, sourceLocation: sourceLocation)
        await self.close()
    }

    static func subscribed(_ topic: String, _ seq: Int64, id: String, epoch: String = "E1", recovered: Bool = true) -> Item {
        .event(
            id: id,
            type: "subscribed",
            data: [
                "type": "subscribed", "topic": .string(topic), "seq": JSONValue(seq), "epoch": .string(epoch),
                "recovered": .bool(recovered),
            ]
        )
    }

    static func closed(_ code: Int, _ reason: String) -> Item {
        .event(id: nil, type: "closed", data: ["type": "closed", "code": JSONValue(code), "reason": .string(reason)])
    }
}
