import JSON
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing
import WebSocket

@testable import Hub

/// A client on a channel without a socket: speaks bytes of HTTP and RFC 6455, hears messages.
final class TestSocket {
    /// What came from the server.
    enum Frame: Equatable {
        case text(String)
        case close(UInt16, String)
    }

    private let node: TestNode
    let channel: NIOAsyncTestingChannel
    private(set) var response = ""
    private var bytes = ByteBuffer()
    private var frames: [Frame] = []
    /// How many frames were compressed.
    private(set) var deflatedFrames = 0
    private var inflater = Inflater()

    init(node: TestNode, loop: NIOAsyncTestingEventLoop, shared: WebSocketLoops, upgrader: SocketUpgrader) async throws {
        self.node = node
        self.channel = try await NIOAsyncTestingChannel(loop: loop) { channel in
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(HTTPResponseEncoder())
            try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes)))
            let handler = WebSocketUpgradeHandler(upgrader: upgrader, loop: shared[loop], sendsDirectly: false)
            try pipeline.addHandler(handler)
        }
        try await self.channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 1)).get()
    }

    // MARK: Out

    func shakeHands(uri: String, headers: [String]) async throws {
        let head = [
            "GET \(uri) HTTP/1.1", "Host: salon.example", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
        ]
        try await self.write(ByteBuffer(string: (head + headers).joined(separator: "\r\n") + "\r\n\r\n"))
    }

    func send(_ text: String) async throws {
        var frame = ByteBuffer(bytes: [0x81])
        let payload = Array(text.utf8)
        if payload.count < 126 {
            frame.writeInteger(UInt8(0x80 | payload.count))
        } else {
            frame.writeInteger(UInt8(0x80 | 126))
            frame.writeInteger(UInt16(payload.count))
        }
        frame.writeBytes([0, 0, 0, 0])
        frame.writeBytes(payload)
        try await self.write(frame)
    }

    private func write(_ buffer: ByteBuffer) async throws {
        try await self.channel.writeInbound(buffer)
        await self.node.run()
    }

    func close() async throws {
        try? await self.channel.close().get()
        await self.node.run()
    }

    /// The client stops reading: what is written from here on stays unsent.
    func stopReading() async throws {
        self.channel.isWritable = false
        // Blocked is who has written and not got rid of it: here a refusal.
        try await self.send("nonsense")
    }

    func readAgain() async throws {
        self.channel.isWritable = true
        let channel = self.channel
        try await channel.testingEventLoop.executeInContext { channel.pipeline.fireChannelWritabilityChanged() }
        await self.node.run()
    }

    // MARK: In

    /// Takes what has been sent meanwhile.
    private func collect() async throws {
        while let buffer = try await self.channel.readOutbound(as: ByteBuffer.self) { self.bytes.writeImmutableBuffer(buffer) }
        if !self.response.hasSuffix("\r\n\r\n") {
            while let byte = self.bytes.readString(length: 1) {
                self.response += byte
                if self.response.hasSuffix("\r\n\r\n") { break }
            }
        }
        guard self.response.hasPrefix("HTTP/1.1 101") else { return }
        while let frame = try self.parseFrame() { self.frames.append(frame) }
    }

    private func parseFrame() throws -> Frame? {
        var rest = self.bytes
        guard let first = rest.readInteger(as: UInt8.self), let short = rest.readInteger(as: UInt8.self) else { return nil }
        var length = Int(short)
        if short == 126 {
            guard let long = rest.readInteger(as: UInt16.self) else { return nil }
            length = Int(long)
        } else if short == 127 {
            guard let long = rest.readInteger(as: UInt64.self) else { return nil }
            length = Int(long)
        }
        guard var payload = rest.readSlice(length: length) else { return nil }
        self.bytes = rest
        self.bytes.discardReadBytes()
        switch first {
        case 0xC1:
            self.deflatedFrames += 1
            return .text(String(buffer: try self.inflater.inflate(payload, limit: 10_000_000)))
        case 0x81: return .text(String(buffer: payload))
        case 0x88: return .close(payload.readInteger() ?? 1005, String(buffer: payload))
        default: preconditionFailure("The server sent a frame of type \(first)")
        }
    }

    /// Whether the server has answered the handshake.
    func waitForUpgrade(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await self.node.eventually("a 101", sourceLocation: sourceLocation) {
            try await self.collect()
            return self.response.hasPrefix("HTTP/1.1 101")
        }
    }

    /// The status of the handshake's answer.
    func status(sourceLocation: SourceLocation = #_sourceLocation) async throws -> String {
        try await self.node.eventually("an answer", sourceLocation: sourceLocation) {
            try await self.collect()
            return self.response.hasSuffix("\r\n\r\n")
        }
        return String(self.response.dropFirst("HTTP/1.1 ".count).prefix(3))
    }

    /// Whether the handshake has been answered by now.
    func hasAnswer() async throws -> Bool {
        try await self.collect()
        return !self.response.isEmpty
    }

    /// Everything that has come and was not looked at.
    func received() async throws -> [Frame] {
        await self.node.run()
        try await self.collect()
        defer { self.frames = [] }
        return self.frames
    }

    func nextFrame(sourceLocation: SourceLocation = #_sourceLocation) async throws -> Frame {
        try await self.node.eventually("a frame", sourceLocation: sourceLocation) {
            try await self.collect()
            return !self.frames.isEmpty
        }
        return self.frames.removeFirst()
    }

    /// The next message.
    func next(sourceLocation: SourceLocation = #_sourceLocation) async throws -> JSONValue {
        let frame = try await self.nextFrame(sourceLocation: sourceLocation)
        guard case .text(let text) = frame else {
            Issue.record("Expected a message, not \(frame)", sourceLocation: sourceLocation)
            throw TestNode.NotInTime()
        }
        return try JSONValue(parsing: text)
    }

    /// Sends a ping and takes everything up to its pong: the events before it, and the pong.
    func fence(
        _ id: String = "fence",
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> (before: [JSONValue], pong: JSONValue) {
        try await self.send(#"{"type":"ping","id":"\#(id)"}"#)
        var before: [JSONValue] = []
        while true {
            let message = try await self.next(sourceLocation: sourceLocation)
            if message["type"] == "pong", message["id"] == .string(id) { return (before, message) }
            before.append(message)
        }
    }

    /// Subscribes and takes the answer, which has to be the next message.
    @discardableResult
    func subscribe(
        _ topic: String,
        since: Int64? = nil,
        epoch: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> JSONValue {
        try await self.send(Self.subscribe(topic, since: since, epoch: epoch))
        return try await self.next(sourceLocation: sourceLocation)
    }

    static func subscribe(_ topic: String, since: Int64? = nil, epoch: String? = nil, id: Int? = nil) -> String {
        let since = since.map { #","since":\#($0)"# } ?? ""
        let epoch = epoch.map { #","epoch":"\#($0)""# } ?? ""
        let id = id.map { #","id":\#($0)"# } ?? ""
        return #"{"type":"subscribe","topic":"\#(topic)"\#(since)\#(epoch)\#(id)}"#
    }

    /// So many messages, as `topic@seq`, or their type if they have no seq.
    func take(_ count: Int, sourceLocation: SourceLocation = #_sourceLocation) async throws -> [String] {
        var names: [String] = []
        for _ in 0..<count { names.append(Self.name(try await self.next(sourceLocation: sourceLocation))) }
        return names
    }

    static func name(_ message: JSONValue) -> String {
        let type = message["type"]?.string ?? "?"
        guard let topic = message["topic"]?.string, let seq = message["seq"]?.int, type != "subscribed" else { return type }
        return "\(topic)@\(seq)"
    }
}
