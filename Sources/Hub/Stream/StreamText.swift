import JSON
import NIOCore

/// Server-sent events as text (the HTML standard, 9.2 "Server-sent events").
enum StreamText {
    /// A line that says nothing: the reader, and what stands between, see that the stream lives.
    static let comment = ByteBuffer(string: ":\n\n")

    /// An event without its `id`, which is each stream's own and goes before it. It ends with the empty line.
    ///
    /// - Parameter data: JSON
    static func event(_ type: String, _ data: ByteBuffer) -> ByteBuffer {
        var text = ByteBuffer()
        text.reserveCapacity(type.utf8.count + data.readableBytes + 20)
        text.writeString("event: \(type)\ndata: ")
        var rest = data
        // Between JSON's tokens there may be line ends. What stands behind one is a field of its own.
        while let end = rest.readableBytesView.firstIndex(where: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
            if var line = rest.readSlice(length: end - rest.readerIndex) { text.writeBuffer(&line) }
            rest.moveReaderIndex(forwardBy: 1)
            text.writeString("\ndata: ")
        }
        text.writeBuffer(&rest)
        text.writeString("\n\n")
        return text
    }

    /// One of the frames that a socket gets too, by its `type`.
    static func event(_ frame: ByteBuffer) -> ByteBuffer {
        let type = (try? JSONValue(parsing: Array(frame.readableBytesView)))?["type"]?.string
        return self.event(type ?? "message", frame)
    }

    /// The last event of a stream: what a socket's close frame says.
    static func closed(_ code: SocketClose, _ reason: String) -> ByteBuffer {
        var frame = JSONWriter()
        frame.object { frame in
            frame.field("type", "closed")
            frame.field("code", Int64(code.rawValue))
            frame.field("reason", reason)
        }
        var text = ByteBuffer()
        // Readers that come back by themselves wait for so many milliseconds.
        if code == .restart { text.writeString("retry: \(reason)\n") }
        text.writeImmutableBuffer(self.event("closed", ByteBuffer(bytes: frame.bytes)))
        return text
    }
}
