import JSON
import Support
import Testing

/// A reader's sockets on both nodes, which have to hear the same of one topic: in order, without a gap.
struct Ears {
    private let sockets: [SocketClient]
    private let topic: String
    private var seq: Int64

    /// Follows a topic on every node.
    static func open(_ desk: Desk, _ topic: String, on deployment: Deployment) async throws -> Ears {
        var sockets: [SocketClient] = []
        var seq: Int64 = 0
        for node in deployment.nodes {
            let socket = try await desk.at(node).socket()
            seq = try #require(try await socket.subscribe(topic)["seq"]?.int)
            sockets.append(socket)
        }
        return Ears(sockets: sockets, topic: topic, seq: seq)
    }

    /// The next event on each of them.
    ///
    /// - Returns: its data
    @discardableResult
    mutating func expect(
        _ type: String,
        _ data: JSONValue? = nil,
        within limit: Duration = .seconds(20),
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> JSONValue {
        self.seq += 1
        var heard: JSONValue = .null
        for socket in self.sockets {
            let event = try await socket.expect(
                type,
                within: limit,
                file: sourceLocation.fileID,
                line: sourceLocation.line
            )
            #expect(event["topic"] == .string(self.topic), sourceLocation: sourceLocation)
            #expect(event["seq"]?.int == self.seq, sourceLocation: sourceLocation)
            heard = event["data"] ?? .null
            if let data { #expect(heard == data, sourceLocation: sourceLocation) }
        }
        return heard
    }

    /// All of it was heard.
    func expectNothing(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        for socket in self.sockets {
            let heads = try await socket.expectNothing(file: sourceLocation.fileID, line: sourceLocation.line)["heads"]
            #expect(heads?[self.topic]?.int == self.seq, sourceLocation: sourceLocation)
        }
    }

    /// Every one of them loses the topic, since its reader may not read it any more.
    func expectForbidden(within limit: Duration, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        for socket in self.sockets {
            let (fileID, line) = (sourceLocation.fileID, sourceLocation.line)
            let frame = try await socket.expect("unsubscribed", within: limit, file: fileID, line: line)
            #expect(
                frame == ["type": "unsubscribed", "topic": .string(self.topic), "code": "forbidden"],
                sourceLocation: sourceLocation
            )
            socket.send(["type": "subscribe", "topic": .string(self.topic)])
            try await socket.expectError("forbidden", file: fileID, line: line)
        }
    }

    /// Every one of them is closed.
    func expectClose(_ code: Int, within limit: Duration, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        for socket in self.sockets {
            try await socket.expectClose(code, within: limit, file: sourceLocation.fileID, line: sourceLocation.line)
        }
    }
}
