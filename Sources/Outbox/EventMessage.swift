import Hub
import NIOCore

/// An event as it travels through Redis: one line of plain fields, then the JSON of `data`, untouched.
///
/// `1 <epoch> <seq> <version or -> <microseconds since 1970> <type>\n<data>`; the topic is in the channel's name.
/// Whatever cannot be read is dropped: PostgreSQL has it.
enum EventMessage {
    private static let formatVersion = "1"

    static func encode(_ event: CommittedEvent) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: 128 + event.data.readableBytes)
        let version = event.version.map(String.init) ?? "-"
        buffer.writeString("\(self.formatVersion) \(event.epoch) \(event.seq) \(version) \(event.at) \(event.type)\n")
        buffer.writeImmutableBuffer(event.data)
        return buffer
    }

    static func decode(_ payload: ByteBuffer, topic: String) -> CommittedEvent? {
        var data = payload
        guard let end = payload.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        guard let line = data.readString(length: end - payload.readerIndex) else { return nil }
        data.moveReaderIndex(forwardBy: 1)
        let fields = line.split(separator: " ", omittingEmptySubsequences: false)
        guard fields.count == 6, fields[0] == self.formatVersion, !fields[1].isEmpty, !fields[5].isEmpty else { return nil }
        guard let seq = Int64(fields[2]), seq > 0, let at = Int64(fields[4]), data.readableBytes > 0 else { return nil }
        let version = Int64(fields[3])
        guard version != nil || fields[3] == "-" else { return nil }
        return CommittedEvent(
            topic: topic,
            seq: seq,
            epoch: String(fields[1]),
            type: String(fields[5]),
            version: version,
            at: at,
            data: data.slice()
        )
    }
}

/// The names of Redis channels: one a topic, apart for each database, so that two installations on one Redis never mix.
public struct Channels: Sendable {
    /// Of every channel, and of the keys of what lives in Redis alone.
    public let prefix: String

    /// - Parameter instance: the database's instance id
    public init(instance: String) {
        self.prefix = "adelante:\(instance):"
    }

    func channel(of topic: String) -> String {
        self.prefix + topic
    }

    func topic(of channel: String) -> String? {
        channel.hasPrefix(self.prefix) ? String(channel.dropFirst(self.prefix.count)) : nil
    }

    /// A channel that one node alone listens to.
    public func probe(node: String) -> String {
        "\(self.prefix)probe/\(node)"
    }
}
