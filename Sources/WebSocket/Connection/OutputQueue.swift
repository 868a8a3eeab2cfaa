import NIOCore

/// What one loop tick has for a socket: usually one buffer, shared with many other sockets, so the first one needs no array.
struct OutputQueue {
    private var first: ByteBuffer?
    private var more: [ByteBuffer] = []
    /// All bytes.
    private(set) var byteCount = 0

    var isEmpty: Bool { self.byteCount == 0 }

    /// The only buffer, if it is the only one.
    var single: ByteBuffer? { self.more.isEmpty ? self.first : nil }

    mutating func append(_ buffer: ByteBuffer) {
        guard buffer.readableBytes > 0 else { return }
        self.byteCount += buffer.readableBytes
        if self.first == nil { self.first = buffer } else { self.more.append(buffer) }
    }

    mutating func removeAll() {
        self.first = nil
        self.more = []
        self.byteCount = 0
    }

    /// Forgets the first `count` bytes, which have been sent.
    mutating func drop(_ count: Int) {
        var count = count
        let buffers = self.takeAll()
        for var buffer in buffers {
            let sent = min(count, buffer.readableBytes)
            buffer.moveReaderIndex(forwardBy: sent)
            count -= sent
            self.append(buffer)
        }
    }

    /// Empties the queue.
    /// - Returns: Its buffers in order.
    mutating func takeAll() -> [ByteBuffer] {
        let all = (self.first.map { [$0] } ?? []) + self.more
        self.removeAll()
        return all
    }

    /// Copies everything to the end of `scratch`.
    func copy(to scratch: inout ByteBuffer) {
        if let first { scratch.writeImmutableBuffer(first) }
        for buffer in self.more { scratch.writeImmutableBuffer(buffer) }
    }
}
