import JSON
import NIOCore
import Synchronization
import WebSocket

/// How an event looks to a role: 0 is everything, other values are what ``Access`` gives them.
public struct Shape: Sendable, Hashable {
    /// The number that ``Access`` gave this shape.
    public let rawValue: UInt8
    /// What a role that may see every field gets.
    public static let full = Shape(rawValue: 0)

    /// - Parameter rawValue: the number that ``Access`` gave this shape
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }
}

/// One way to put an event on a wire: for which role, and as what.
struct FrameVariant: Sendable, Hashable {
    var shape: Shape
    /// A compressed WebSocket frame.
    var deflated: Bool
    /// Not a WebSocket frame but a server-sent event, without its id.
    var streamed = false
}

/// An event in a topic's log, with the frames that carry it.
///
/// Each frame is encoded once, by whichever loop needs it first, and its bytes are shared by all sockets of the node.
final class LogEntry: Sendable {
    let event: CommittedEvent
    private let access: any Access
    private let frames = Mutex<[FrameVariant: ByteBuffer]>([:])

    var seq: Int64 { self.event.seq }

    /// What the entry counts for in a ring's budget, in bytes.
    var weight: Int { self.event.data.readableBytes + 256 }

    init(_ event: CommittedEvent, access: any Access) {
        self.event = event
        self.access = access
    }

    /// The complete WebSocket frame, header included, or the text of a server-sent event.
    func frame(_ variant: FrameVariant) -> ByteBuffer {
        self.frames.withLock { frames in
            if let frame = frames[variant] { return frame }
            let frame = self.encode(variant)
            frames[variant] = frame
            return frame
        }
    }

    private func encode(_ variant: FrameVariant) -> ByteBuffer {
        let text = self.text(variant.shape)
        if variant.streamed { return StreamText.event(self.event.type, text) }
        return (variant.deflated ? WebSocketFrame.deflatedText(text) : nil) ?? WebSocketFrame.text(text)
    }

    /// The JSON message: `type`, `topic`, `seq`, `version` where there is one, `at`, `data`.
    func text(_ shape: Shape) -> ByteBuffer {
        let data = shape == .full ? self.event.data : self.access.reshape(self.event.data, of: self.event.type, for: shape)
        var head: [UInt8] = []
        head.reserveCapacity(160)
        head.append(contentsOf: #"{"type":"#.utf8)
        JSONText.appendQuoted(self.event.type, to: &head)
        head.append(contentsOf: #","topic":"#.utf8)
        JSONText.appendQuoted(ClientTopic.name(of: self.event.topic), to: &head)
        head.append(contentsOf: #","seq":"#.utf8)
        head.append(contentsOf: String(self.event.seq).utf8)
        if let version = self.event.version {
            head.append(contentsOf: #","version":"#.utf8)
            head.append(contentsOf: String(version).utf8)
        }
        head.append(contentsOf: #","at":""#.utf8)
        head.append(contentsOf: Timestamp.text(self.event.at).utf8)
        head.append(contentsOf: #"","data":"#.utf8)
        var text = ByteBufferAllocator().buffer(capacity: head.count + data.readableBytes + 1)
        text.writeBytes(head)
        text.writeImmutableBuffer(data)
        text.writeInteger(UInt8(ascii: "}"))
        return text
    }
}

/// Topics as clients name them: the last part of the database's name.
enum ClientTopic {
    /// `salon/7/appointments` is `appointments` to its clients.
    static func name(of topic: String) -> String {
        topic.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(topic[topic.utf8.index(after: $0)...]) } ?? topic
    }
}
